import Options
import Testing

@Suite struct ConfigReaderTextsTests {
  private static let place = ConfigPlace(source: "f.yaml", line: 3, column: 7)

  private func node(_ content: ConfigNode.Content) -> ConfigNode { ConfigNode(content, at: Self.place) }

  private func text(_ text: String, from origin: String? = nil) -> ConfigNode {
    node(.scalar(.init(text, origin: origin)))
  }

  private func reader(_ value: ConfigNode, _ report: ConfigReport) -> ConfigReader {
    let entry = ConfigNode.Entry(key: "a", place: Self.place, value: value)
    return ConfigReader(node(.map([entry])), path: "top", report: report)
  }

  @Test func textsKnowWhereTheyComeFrom() throws {
    let report = ConfigReport()
    let options = reader(node(.list([text("x"), text("y", from: "${env:Y}"), node(.list([]))])), report)
    let texts = options.texts("a", "")
    #expect(texts.map(\.text) == ["x", "y"])
    #expect(texts.map(\.path) == ["top.a[0]", "top.a[1]"])
    #expect(texts.map(\.origin) == [nil, "${env:Y}"])
    #expect(report.errors.map(\.description) == ["f.yaml:3:7: top.a[2]: expected string, found a list"])
    let one = try #require(reader(text("z"), report).text("a", ""))
    #expect(one.text == "z" && one.path == "top.a" && one.place == Self.place)
    #expect(reader(text("z"), report).text("b", "") == nil)
  }

  @Test func itemsAreTextsOrSections() {
    let report = ConfigReport()
    let section = node(.map([.init(key: "n", place: Self.place, value: text("5"))]))
    let other = node(.map([.init(key: "m", place: Self.place, value: text("6"))]))
    let found = reader(node(.list([text("x"), section, other])), report).items("a", "") { item in
      switch item {
      case .text(let text): text.text
      case .section(let options): "n=\(options.read("n", .int(in: 0...9), default: 0, ""))"
      }
    }
    #expect(found == ["x", "n=5", "n=0"])
    #expect(report.errors.map(\.description) == ["f.yaml:3:7: top.a[2]: unknown key \"m\" (known here: n)"])
  }

  /// YAML takes a text with `: ` in it for a map.
  @Test func aTextThatLacksQuotesIsToldFromAMap() {
    for key in ["set(x, \"b", "x == \"b", "\"a\""] {
      let report = ConfigReport()
      let unquoted = node(.map([.init(key: key, place: Self.place, value: text("c\")"))]))
      let items = reader(node(.list([unquoted])), report).items("a", "") { _ in 1 }
      #expect(items.isEmpty && reader(node(.list([unquoted])), report).texts("a", "").isEmpty)
      let message =
        "f.yaml:3:7: top.a[0]: expected a text, found a map: a text with \": \" in it has to stand in quotes"
      #expect(report.errors.map(\.description) == [message, message])
    }
  }

  /// The reference shows what a section holds, whether one is given or not.
  @Test func whatASectionHoldsIsRecordedWithoutOne() throws {
    let options = ConfigReader(node(.map([])), path: "top", report: ConfigReport())
    let none = options.items("a", "") { (item: ConfigItem) -> Int in
      if case .section(let section) = item { section.read("n", .int(in: 0...9), default: 4, "The n.") } else { 0 }
    }
    #expect(none.isEmpty)
    #expect(try #require(options.records.first).template.map(\.key) == ["n"])
  }
}
