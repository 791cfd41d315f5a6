import Testing

@testable import Access

@Suite struct JSONValueTests {
  private func value(_ text: String, maxDepth: Int = 8) throws -> JSONValue {
    try JSONValue(Array(text.utf8), maxDepth: maxDepth)
  }

  private func fault(_ bytes: [UInt8], maxDepth: Int = 8) -> JSONFault? {
    do throws(JSONFault) {
      _ = try JSONValue(bytes, maxDepth: maxDepth)
      return nil
    } catch {
      return error
    }
  }

  @Test func everyKindIsRead() throws {
    let text = #" { "a" : [ null, true , false, -0.5e+3, 12, "x" ], "b":{}, "c":[] } "#
    let items: [JSONValue] = [.null, .bool(true), .bool(false), .number("-0.5e+3"), .number("12"), .string("x")]
    #expect(try value(text) == .object(["a": .array(items), "b": .object([:]), "c": .array([])]))
    #expect(try value("0") == .number("0") && value(#""""#) == .string(""))
  }

  @Test func escapesAreResolved() throws {
    #expect(try value(#""\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00\u0000""#) == .string("\"\\/\u{8}\u{C}\n\r\té😀\u{0}"))
    #expect(try value("\"é😀\"") == .string("é😀"))
  }

  @Test(arguments: [
    "", " ", "{", "[", "[1", "[1,", "[1,]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{\"a\":1]", "01", "-", "1.",
    ".5", "1e", "+1", "tru", "nulL", "\"", "\"a", "\"\\", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\ud800\"",
    "\"\\udc00\"", "\"\\ud800\\u0041\"", "\"\\ud800x\"", "\"a\nb\"", "1 2", "[1 2]", "NaN", "'a'", "[\"a\":1]",
  ]) func whatIsNoneIsRefused(_ text: String) {
    #expect(fault(Array(text.utf8)) != nil)
  }

  @Test func bytesThatAreNoTextAreRefused() {
    for bytes: [UInt8] in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82]] {
      #expect(fault([0x22] + bytes + [0x22]) != nil)
    }
    #expect(fault([0x22, 0xC3, 0xA9, 0x22]) == nil)
  }

  @Test func aMemberTwiceIsRefused() {
    let text = #"{"a":1,"b":2,"a":1}"#
    #expect(fault(Array(text.utf8)) == .malformed(offset: 13))
    #expect(fault(Array(#"{"a":1,"\u0061":1}"#.utf8)) == .malformed(offset: 7))
  }

  @Test func depthHasALimit() {
    func nested(_ depth: Int) -> [UInt8] {
      Array((String(repeating: "[{\"a\":", count: depth / 2) + "1" + String(repeating: "}]", count: depth / 2)).utf8)
    }
    #expect(fault(nested(8)) == nil)
    #expect(fault(nested(10)) == .tooDeep(limit: 8))
    #expect(fault(Array(repeating: UInt8(ascii: "["), count: 1_000_000)) == .tooDeep(limit: 8))
    #expect(JSONFault.tooDeep(limit: 8).reason == "is nested 9 levels deep or deeper: the limit is 8 levels")
    #expect(fault(Array("[1".utf8))?.reason == "is no JSON at byte 2")
  }

  @Test func valuesAreTextWhereThatIsPlain() throws {
    let value = try value(#"{"a":"x","b":1.50,"c":true,"d":null,"e":[1],"f":{}}"#)
    #expect(["a", "b", "c", "d", "e", "f"].map { value[$0]?.plainText } == ["x", "1.50", "true", nil, nil, nil])
    #expect(value["a"]?.text == "x" && value["b"]?.text == nil && value["g"] == nil)
    #expect(value["e"]?.items == [.number("1")] && value["f"]?.members == [:] && value["a"]?["b"] == nil)
  }

  @Test func everyCutOfATextIsRefusedWithoutATrap() {
    let text = Array(#"{"a":[1,-2.5e3,"\u00e9\ud83d\ude00x",true,false,null],"b":{"c":""}}"#.utf8)
    for end in 0..<text.count { #expect(fault(Array(text[..<end])) != nil, "\(end)") }
    #expect(fault(text) == nil)
  }
}
