import Testing

@testable import LogPipeline

@Suite struct OTTLLexerTests {
  private func kinds(_ text: String) throws -> [OTTLToken.Kind] {
    try OTTLLexer.tokens(of: text).map(\.kind).dropLast()
  }

  private func problem(_ text: String) -> String? {
    do throws(OTTLLoadError) {
      _ = try OTTLLexer.tokens(of: text)
      return nil
    } catch {
      return error.described(in: text)
    }
  }

  @Test func wordsNumbersAndSigns() throws {
    #expect(
      try kinds("nil not or and true false notes nil_x or1 where")
        == [.keyword(.nil), .keyword(.not), .keyword(.or), .keyword(.and), .keyword(.true), .keyword(.false)]
        + ["notes", "nil_x", "or1", "where"].map { .lower($0) })
    #expect(
      try kinds("ParseJSON UUIDv7 SEVERITY_NUMBER_INFO2")
        == [
          .upper("P"), .lower("arse"), .upper("JSON"), .upper("UUID"), .lower("v7"), .upper("SEVERITY_NUMBER_INFO2"),
        ])
    #expect(
      try kinds("== != >= <= > < => + - * / = ( ) { } : , . [ ] _")
        == [
          .comparison(.equal), .comparison(.notEqual), .comparison(.greaterOrEqual), .comparison(.lessOrEqual),
          .comparison(.greater), .comparison(.less), .arrow, .op(.add), .op(.subtract), .op(.multiply), .op(.divide),
        ]
        + [
          OTTLToken.Sign.equals, .openParenthesis, .closeParenthesis, .openBrace, .closeBrace, .colon, .comma, .point,
          .openBracket, .closeBracket, .underscore,
        ].map { .sign($0) })
    #expect(try kinds("") == [])
    #expect(try kinds(" \t\r\n\u{b}\u{c}") == [])
    #expect(try kinds("a<=1=>b") == [.lower("a"), .comparison(.lessOrEqual), .int(1), .arrow, .lower("b")])
  }

  @Test(
    arguments: [
      ("0", .int(0)), ("9223372036854775807", .int(.max)), ("1.5", .double(1.5)), ("1.", .double(1)),
      (".5", .double(0.5)),
      ("1.5e3", .double(1500)), ("1.E-2", .double(0.01)), (".5e+1", .double(5)),
      ("0xC0ffee", .bytes([0xc0, 0xff, 0xee])),
      ("00.5", .double(0.5)),
    ] as [(String, OTTLToken.Kind)])
  func numbers(_ text: String, _ kind: OTTLToken.Kind) throws {
    #expect(try kinds(text) == [kind])
  }

  @Test func aPointAfterAWordIsNoNumber() throws {
    #expect(try kinds("a.b") == [.lower("a"), .sign(.point), .lower("b")])
    #expect(try kinds("1.5e") == [.double(1.5), .lower("e")])
  }

  @Test(arguments: [
    (#""""#, ""), (#""a b""#, "a b"), (#""\"\\""#, #""\"#), (#""\n\r\t\a\b\f\v""#, "\n\r\t\u{7}\u{8}\u{c}\u{b}"),
    (#""\x41\xe4""#, "Aä"), (#""\101""#, "A"), (#""ä\U0001F600""#, "ä😀"), ("\"a\nb\"", "a\nb"),
    (#""\\d+ ünï""#, #"\d+ ünï"#),
  ])
  func texts(_ text: String, _ value: String) throws {
    #expect(try kinds(text) == [.string(Array(value.utf8))])
  }

  @Test(arguments: [
    ("x == \"abc", "line 1, column 6: this text has no closing quote"),
    ("\"abc\\", "line 1, column 1: this text has no closing quote"),
    (#"x == "\d""#, #"line 1, column 7: \d is no escape; the two characters are written \\d"#),
    (#""\'""#, #"line 1, column 2: \' is no escape; the two characters are written \\'"#),
    (#""ä\é""#, #"line 1, column 3: \é is no escape; the two characters are written \\é"#),
    (#""\x4""#, #"line 1, column 2: expected 2 hexadecimal digits in the escape \x4"#),
    (#""\18""#, #"line 1, column 2: expected 3 octal digits in the escape \1"#),
    (#""\400""#, #"line 1, column 2: the escape \400 stands for no character"#),
    (#""\ud800""#, #"line 1, column 2: the escape \ud800 stands for no character"#),
    (#""\U00110000""#, #"line 1, column 2: the escape \U00110000 stands for no character"#),
    ("0x", "line 1, column 1: expected hexadecimal digits after 0x"),
    ("0xabc", "line 1, column 1: 3 hexadecimal digits: bytes need an even number"),
    ("9223372036854775808", "line 1, column 1: the number 9223372036854775808 is above 9223372036854775807"),
    ("1e5", "line 1, column 1: a number with an exponent needs a point: write 1.0e…"),
    ("1_000", "line 1, column 2: a number has digits only, found _ in it"),
    ("010", "line 1, column 1: a whole number does not begin with 0: the Collector reads it as octal"),
    ("1.0e999", "line 1, column 1: the number 1.0e999 is too large"),
    ("a == 'b'", "line 1, column 6: texts stand in double quotes"),
    ("a && b", "line 1, column 3: unexpected &: write and"),
    ("a || b", "line 1, column 3: unexpected |: write or"),
    ("!a", "line 1, column 1: unexpected !: write not, or != between two values"),
    ("true # x", "line 1, column 6: unexpected #: there are no comments here"),
    ("true\n  and $x", "line 2, column 7: unexpected $"), ("\"é\" é", "line 1, column 5: unexpected é"),
    ("true\u{7}", "line 1, column 5: unexpected \\u{7}"),
  ])
  func whatIsNoToken(_ text: String, _ message: String) {
    #expect(problem(text) == message)
  }

  @Test func aTextIsBounded() throws {
    let longest = String(repeating: " ", count: OTTLTextLimits.maxBytes - 1) + "a"
    #expect(try kinds(longest) == [.lower("a")])
    #expect(problem(longest + "a") == "line 1, column 1: 65537 bytes of text: the limit is 65536")
  }
}
