import Testing

@testable import LogPipeline

@Suite struct KeyValueTextTests {
  private func shown(_ text: String, _ delimiter: String = "=", _ pair: String = " ") throws -> String? {
    let form = try KeyValueText(delimiter: Array(delimiter.utf8), pairDelimiter: Array(pair.utf8))
    return ShownFields.of(text) { form.read($0, into: &$1) }
  }

  @Test(arguments: [
    ("a=1 b=2", "{a: 1, b: 2}"), ("  a=1   b=2 ", "{a: 1, b: 2}"), ("a=", "{a: }"), ("=x", "{: x}"),
    ("a=b=c", "{a: b=c}"), (#"a="x y" b='z "q"'"#, #"{a: x y, b: z "q"}"#), (#""a b"=c"#, "{a b: c}"),
    (#"a=x"y z"w"#, "{a: xy zw}"), ("a=1\tb=2", "{a: 1\tb=2}"), (#"a="" "" b=1"#, "{a: , b: 1}"),
    ("ä=ö", "{ä: ö}"), ("a=1 a=2", "{a: 1, a: 2}"),
  ])
  func pairsAreRead(_ text: String, _ expected: String) throws {
    #expect(try shown(text) == expected)
  }

  @Test(arguments: ["", "a", "a=1 b", #"a="x"#, "a='x y"])
  func whatIsNoPairIsRefused(_ text: String) throws {
    #expect(try shown(text) == nil)
  }

  @Test func delimitersMayBeLong() throws {
    #expect(try shown("a: 1, b: x:y", ":", ", ") == "{a: 1, b: x:y}")
    #expect(try shown("a->1||b->2||", "->", "||") == "{a: 1, b: 2}")
  }

  @Test func delimitersMustDiffer() {
    #expect(throws: TextFormatError.self) { try KeyValueText(delimiter: [1], pairDelimiter: [1]) }
    #expect(throws: TextFormatError.self) { try KeyValueText(delimiter: [], pairDelimiter: [1]) }
    #expect(throws: TextFormatError.self) { try KeyValueText(delimiter: [1], pairDelimiter: []) }
  }

  @Test(arguments: [#""" "#, "' ", "a=", "= ", "'a'='b' "])
  func longTextsTakeLinearTime(_ piece: String) throws {
    let form = try KeyValueText(delimiter: [0x3D], pairDelimiter: [0x20])
    func time(_ count: Int) -> Duration {
      let text = Array(String(repeating: piece, count: count / piece.utf8.count).utf8)
      return bestTime {
        text.withUnsafeBytes {
          var found = FoundFields()
          _ = form.read($0, into: &found)
        }
      }
    }
    #expect(time(1 << 20) < time(1 << 14) * 64 * 6 + .milliseconds(5))
  }
}
