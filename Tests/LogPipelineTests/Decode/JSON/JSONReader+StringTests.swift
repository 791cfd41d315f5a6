import LogPipeline
import Testing

/// Strings: escapes, UTF-8 and the borders of the vectors they are scanned with.
@Suite struct JSONReaderStringTests {
  /// The decoded body of a request whose string has this content between its quotes, and what was odd.
  private func text(_ content: [UInt8], padding: Int = 0, limits: DecodeLimits = DecodeLimits()) throws -> [UInt8] {
    let request = JSONRequest.text(content) + Array(repeating: UInt8(ascii: " "), count: padding)
    let batch = try JSONRequest.decode(request, limits: limits)
    return Array(batch.store[batch.records[0].body.slice.range])
  }

  private func text(_ content: String) throws -> [UInt8] { try text(Array(content.utf8)) }

  @Test(arguments: [
    (#"\""#, "\""), (#"\\"#, "\\"), (#"\/"#, "/"), (#"\b"#, "\u{8}"), (#"\f"#, "\u{C}"), (#"\n"#, "\n"),
    (#"\r"#, "\r"), (#"\t"#, "\t"), (#"\u0041"#, "A"), (#"\u00e9\u00E9"#, "éé"), (#"\u20AC"#, "€"),
    (#"\uFFFF"#, "\u{FFFF}"), (#"\uD83D\uDE00"#, "😀"), (#"\ud800\udc00"#, "\u{10000}"),
    (#"\uDBFF\uDFFF"#, "\u{10FFFF}"), (#"\u007F\u0080\u07FF\u0800"#, "\u{7F}\u{80}\u{7FF}\u{800}"),
    (#"\u0000"#, "\u{0}"), (#"a\u0000b"#, "a\u{0}b"), (#"é\né"#, "é\né"), (#"\\u0041"#, #"\u0041"#), (#"\\\\"#, #"\\"#),
    ("plain", "plain"), ("", ""), ("日本語 😀", "日本語 😀"), ("\u{7F}", "\u{7F}"),
  ])
  func escapesAreResolved(content: String, expected: String) throws {
    #expect(try text(content) == Array(expected.utf8))
  }

  @Test func aStringWithoutEscapesIsASliceOfTheBody() throws {
    for content in ["plain", "日本語"] {
      let request = JSONRequest.text(Array(content.utf8))
      let batch = try JSONRequest.decode(request)
      #expect(batch.store == request)
      #expect(Int(batch.records[0].body.slice.offset) < request.count)
    }
  }

  @Test func escapedStringsLieBehindTheBody() throws {
    let request = JSONRequest.text(Array(#"a\nb"#.utf8))
    let batch = try JSONRequest.decode(request)
    #expect(batch.store == request + Array("a\nb".utf8))
    #expect(Int(batch.records[0].body.slice.offset) == request.count)
  }

  @Test(arguments: [#"\x"#, #"\u"#, #"\u00"#, #"\u00g0"#, #"\u 041"#, #"\'"#, #"\U0041"#, #"\0"#, #"\é"#, #"\u+041"#])
  func badEscapesAreRefusedWhereverTheyStand(content: String) {
    #expect(JSONRequest.error(JSONRequest.text(Array(content.utf8))) != nil)
    #expect(JSONRequest.error(#"{"unknown":"\#(content)"}"#) != nil)
    #expect(JSONRequest.error(#"{"\#(content)":1}"#) != nil)
  }

  @Test func controlCharactersMustBeEscaped() {
    for byte in UInt8(0)..<0x20 {
      let request = JSONRequest.text([byte])
      let error = JSONRequest.error(request)
      #expect(error?.reason == .malformed("expected a control character in a string to be escaped"))
      #expect(error?.offset == request.firstIndex(of: byte))
      #expect(JSONRequest.error(Array(#"{"unknown":""#.utf8) + [byte] + Array(#""}"#.utf8)) != nil)
      #expect(JSONRequest.error(Array(#"{""#.utf8) + [byte] + Array(#"":1}"#.utf8)) != nil)
    }
  }

  @Test(arguments: [
    (#"\uD800"#, "\u{FFFD}"), (#"\uDC00"#, "\u{FFFD}"), (#"\uD800\uD800"#, "\u{FFFD}\u{FFFD}"),
    (#"\uD800\u0041"#, "\u{FFFD}A"), (#"\uD800\n"#, "\u{FFFD}\n"), (#"\uD800x"#, "\u{FFFD}x"),
    (#"\uD800\uD83D\uDE00"#, "\u{FFFD}😀"), (#"\uDE00\uD83D"#, "\u{FFFD}\u{FFFD}"), (#"é\uD83D"#, "é\u{FFFD}"),
  ])
  func loneSurrogatesAreReplacedAndCountedOnce(content: String, expected: String) throws {
    let batch = try JSONRequest.decode(JSONRequest.text(Array(content.utf8)))
    #expect(batch.readable(batch.records[0].body) == .string(expected))
    #expect(batch.oddities.repairedStrings == 1)
  }

  @Test(
    arguments: [
      ([0xFF], "\u{FFFD}"), ([0xC0, 0x80], "\u{FFFD}\u{FFFD}"), ([0xE2, 0x82], "\u{FFFD}"),
      ([0xED, 0xA0, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}"), ([0xF0, 0x9F, 0x98], "\u{FFFD}"),
      ([0x61, 0xE2, 0x82, 0x62], "a\u{FFFD}b"), ([0xE2, 0x82, 0x5C, 0x6E], "\u{FFFD}\n"),
      ([0x5C, 0x6E, 0x80, 0x5C, 0x6E, 0x81], "\n\u{FFFD}\n\u{FFFD}"),
      ([0xF4, 0x90, 0x80, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"),
    ] as [([UInt8], String)])
  func invalidUTF8IsReplacedAndCountedOnce(content: [UInt8], expected: String) throws {
    let batch = try JSONRequest.decode(JSONRequest.text(content))
    #expect(batch.readable(batch.records[0].body) == .string(expected))
    #expect(batch.oddities.repairedStrings == 1)
  }

  @Test(arguments: [[0x61, 0xFF], [0x61] + Array(#"\uD800"#.utf8), [0x61, 0xFF, 0x5C, 0x6E]] as [[UInt8]])
  func invalidUTF8IsRefusedIfSoConfigured(content: [UInt8]) throws {
    var limits = DecodeLimits()
    limits.invalidUTF8 = .refuse
    let request = JSONRequest.text(content)
    let start = JSONRequest.text([]).firstRange(of: Array(#"""}"#.utf8))?.lowerBound ?? 0
    #expect(JSONRequest.error(request, limits: limits) == DecodeError(.invalidUTF8, at: start + 2))
    #expect(JSONRequest.error(JSONRequest.text(Array(#"é\n\uD83D\uDE00"#.utf8)), limits: limits) == nil)
  }

  @Test func invalidUTF8InWhatIsSkippedCostsNothing() throws {
    var limits = DecodeLimits()
    limits.invalidUTF8 = .refuse
    let request = Array(#"{"un"#.utf8) + [0xFF] + Array(#"known":""#.utf8) + [0xFF] + Array(#"","b":"\uD800""#.utf8)
    #expect(JSONRequest.error(request + Array(#","resourceLogs":[]}"#.utf8), limits: limits) == nil)
  }

  /// Every length up to beyond four vectors, with what is special at every place, and with and without room for a
  /// vector behind the string.
  @Test(arguments: ["é", "\\n", "\\u00e9", "\u{FF}" as String])
  func specialBytesAreFoundAtEveryPlace(special: String) throws {
    let expected = special == "\\n" ? "\n" : special == "\\u00e9" ? "é" : special
    for length in 0...70 {
      let plain = String(repeating: "x", count: length)
      for padding in [0, 40] { #expect(try text(Array(plain.utf8), padding: padding) == Array(plain.utf8)) }
      for place in stride(from: 0, through: length, by: length > 40 ? 3 : 1) {
        let content = plain.prefix(place) + special + plain.dropFirst(place)
        let wanted = plain.prefix(place) + expected + plain.dropFirst(place)
        for padding in [0, 40] { #expect(try text(Array(content.utf8), padding: padding) == Array(wanted.utf8)) }
      }
    }
  }

  @Test func controlCharactersAreFoundAtEveryPlace() throws {
    for length in 0...40 {
      for place in 0...length {
        var content = Array(repeating: UInt8(ascii: "x"), count: length)
        content.insert(0x1F, at: place)
        let start = JSONRequest.text([]).count - #""}}]}]}]}"#.utf8.count
        #expect(JSONRequest.error(JSONRequest.text(content))?.offset == start + place)
      }
    }
  }
}
