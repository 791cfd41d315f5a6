import Testing

@testable import LogPipeline

@Suite struct CSVTextTests {
  private func shown(_ text: String, header: String, mode: String = "strict", delimiter: String = ",") throws -> String?
  {
    let form = try CSVText(
      delimiter: Array(delimiter.utf8), headerDelimiter: Array(",".utf8), mode: Array(mode.utf8))
    return header.withBytes { header in ShownFields.of(text) { form.read($0, header: header, into: &$1) } }
  }

  @Test(arguments: [
    ("1,2,3", "{a: 1, b: 2, c: 3}"), ("1,,3", "{a: 1, b: , c: 3}"), (#""x,y",2,"3""#, "{a: x,y, b: 2, c: 3}"),
    (#""say ""hi""",2,3"#, #"{a: say "hi", b: 2, c: 3}"#), ("1,2,3\n", "{a: 1, b: 2, c: 3}"),
    ("1,2,3\r\n", "{a: 1, b: 2, c: 3}"), ("1,\"x\ny\",3", "{a: 1, b: x\ny, c: 3}"),
    ("1,x\ny,3", "{a: 1, b: x\ny, c: 3}"), ("1,2\n3\n4,5", "{a: 1, b: 2\n3\n4, c: 5}"),
    ("1,\"a\"\n\"b\"\"c\",5", "{a: 1, b: a\nb\"c, c: 5}"), (" 1 ,2,3", "{a:  1 , b: 2, c: 3}"),
    ("\n\n1,2,3", "{a: 1, b: 2, c: 3}"),
  ])
  func rowsAreRead(_ text: String, _ expected: String) throws {
    #expect(try shown(text, header: "a,b,c") == expected)
  }

  @Test(arguments: ["", "1,2", "1,2,3,4", #"1,x"y,3"#, #""x"y,2,3"#, #"1,2,"3"#, "\n"])
  func wrongRowsAreRefused(_ text: String) throws {
    #expect(try shown(text, header: "a,b,c") == nil)
  }

  @Test func quotesMayBeLoose() throws {
    #expect(try shown(#"1,x"y,"a "b" c""#, header: "a,b,c", mode: "lazyQuotes") == #"{a: 1, b: x"y, c: a "b" c}"#)
    #expect(try shown(#"1,2,"3"#, header: "a,b,c", mode: "lazyQuotes") == "{a: 1, b: 2, c: 3}")
  }

  @Test func quotesMayBeCharacters() throws {
    #expect(try shown(#""1,2",3"#, header: "a,b,c", mode: "ignoreQuotes") == #"{a: "1, b: 2", c: 3}"#)
    #expect(try shown("1,2", header: "a,b,c", mode: "ignoreQuotes") == nil)
  }

  @Test func otherDelimiters() throws {
    #expect(try shown("1\t2", header: "a,b", delimiter: "\t") == "{a: 1, b: 2}")
  }

  @Test(arguments: [
    ("", ",", "strict"), (",,", ",", "strict"), ("\"", ",", "strict"), (",", "ä", "strict"), (",", ",", "lazy"),
  ])
  func optionsAreChecked(_ delimiter: String, _ header: String, _ mode: String) {
    #expect(throws: TextFormatError.self) {
      try CSVText(delimiter: Array(delimiter.utf8), headerDelimiter: Array(header.utf8), mode: Array(mode.utf8))
    }
  }

  @Test(arguments: ["\"\"\"\"\n", "a\n", "\"a\"\n", "\n", "\"\"\"\""])
  func longTextsTakeLinearTime(_ piece: String) throws {
    let form = try CSVText(delimiter: [0x2C], headerDelimiter: [0x2C], mode: Array("lazyQuotes".utf8))
    func time(_ count: Int) -> Duration {
      let text = Array(String(repeating: piece, count: count / piece.utf8.count).utf8)
      return bestTime {
        text.withUnsafeBytes { text in
          var found = FoundFields()
          _ = "a".withBytes { form.read(text, header: $0, into: &found) }
        }
      }
    }
    #expect(time(1 << 20) < time(1 << 14) * 64 * 6 + .milliseconds(5))
  }
}
