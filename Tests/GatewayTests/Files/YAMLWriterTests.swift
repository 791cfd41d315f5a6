import Gateway
import Options
import Testing

@Suite struct YAMLWriterTests {
  private func record(_ key: String, _ value: OptionValue) -> OptionRecord {
    OptionRecord(key: key, type: "t", doc: "Doc.", isGiven: true, value: value)
  }

  @Test func writesScalarsListsAndSections() {
    let item = OptionValue.section([record("num", .scalar(.bare("1"))), record("m", .scalar(.text("x")))])
    let records = [
      record("a", .scalar(.bare("5"))), record("l", .list([.scalar(.text("x")), .scalar(.text("y z"))])),
      record("e", .list([])), record("s", .section([record("b", .scalar(.text("")))])), record("none", .section([])),
      record("i", .list([item, .section([])])), record("gone", .absent),
    ]
    let expected = """
      a: 5
      l: [x, "y z"]
      e: []
      s:
        b: ""
      none: {}
      i:
        -
          num: 1
          m: x
        - {}

      """
    #expect(YAMLWriter.write(records) == expected)
  }

  @Test func writesDocsTypesAndTemplates() {
    var section = OptionRecord(key: "tls", type: "section", doc: "TLS.", isGiven: false, value: .absent)
    section.template = [
      OptionRecord(key: "cert", type: "string", doc: "Cert.", isRequired: true, isGiven: false, value: .absent),
      OptionRecord(key: "min", type: "string", doc: "Min.", isGiven: false, value: .scalar(.text("1.2"))),
    ]
    let expected = """
      s:
        # TLS. (section)
        # tls:
        #   # Cert. (string, required)
        #   cert:
        #   # Min. (string)
        #   min: "1.2"

      """
    let outer = OptionRecord(key: "s", type: "", doc: "", isGiven: true, value: .section([section]))
    #expect(YAMLWriter.write([outer], style: .documented).replacing("s: {}", with: "s:") == expected)
  }

  @Test(arguments: [
    "", "x", "true", "no", "null", "~", "1", "1.2", "a: b", "a #b", "- a", "$x", "${env:X}", "\"", "\\", "\n", "\t",
    "\u{1}",
    "\u{85}", "\u{2028}", "\u{feff}", "é", "日本", "😀", "a/b", "[x]", "*a", "&a", "!a", "%a", "@a", "a,b", "\u{7f}",
    "y", "\u{fffe}",
  ])
  func quotesSoThatTheTextReadsBack(_ text: String) throws {
    let yaml = YAMLWriter.write([record(text, .scalar(.text(text))), record("l", .list([.scalar(.text(text))]))])
    let report = ConfigReport()
    var loader = ConfigLoader(environment: { _ in nil }, report: report)
    let node = loader.load([.text(yaml, name: "f.yaml")])
    #expect(report.errors == [])
    let entries = try #require(node?.entries)
    guard case .scalar(let scalar) = entries.first?.value.content else {
      Issue.record("not a scalar: \(yaml)")
      return
    }
    #expect(entries.first.map { Array($0.key.unicodeScalars) } == Array(text.unicodeScalars))
    #expect(Array(scalar.text.unicodeScalars) == Array(text.unicodeScalars))
  }
}
