import Testing

@testable import Gateway
@testable import Options

@Suite struct ConfigNodeTests {
  private func node(_ yaml: String, source: String = "f.yaml") throws -> ConfigNode {
    try #require(YAMLParser.parse(Array(yaml.utf8), source: source, report: ConfigReport()))
  }

  /// A value as flow YAML.
  private func shown(_ node: ConfigNode) -> String {
    switch node.content {
    case .null, .invalid: "null"
    case .scalar(let scalar): scalar.text
    case .list(let items): "[" + items.map(shown).joined(separator: ", ") + "]"
    case .map(let entries): "{" + entries.map { "\($0.key): \(shown($0.value))" }.joined(separator: ", ") + "}"
    }
  }

  @Test(arguments: [
    ("{a: 1}", "{b: 2}", "{a: 1, b: 2}"), ("{a: 1, b: 2}", "{a: 3}", "{a: 3, b: 2}"),
    ("{a: {b: 1, c: 2}}", "{a: {c: 3, d: 4}}", "{a: {b: 1, c: 3, d: 4}}"), ("{a: [1, 2]}", "{a: [3]}", "{a: [3]}"),
    ("{a: {b: 1}}", "{a: 5}", "{a: 5}"), ("{a: 5}", "{a: {b: 1}}", "{a: {b: 1}}"),
    ("{a: {b: 1}}", "{a: }", "{a: null}"),
    ("[1]", "{a: 1}", "{a: 1}"), ("{a: 1}", "[1]", "[1]"), ("{}", "{}", "{}"),
  ])
  func aLaterMapIsLaidOverAnEarlierOne(earlier: String, later: String, merged: String) throws {
    #expect(try shown(node(earlier).merging(node(later))) == merged)
  }

  /// A message about an option names the file that gave it last.
  @Test func whatIsMergedKnowsWhereItCameFrom() throws {
    let merged = try node("a: 1\nb: 2", source: "one.yaml").merging(node("\nb: 3\nc: 4", source: "two.yaml"))
    let entries = try #require(merged.entries)
    #expect(entries.map(\.place.description) == ["one.yaml:1:1", "two.yaml:2:1", "two.yaml:3:1"])
    #expect(entries.map(\.value.place.description) == ["one.yaml:1:4", "two.yaml:2:4", "two.yaml:3:4"])
    #expect(merged.place.source == "two.yaml")
  }

  @Test func largeMapsAreMergedInLinearTime() throws {
    let count = 20_000
    let place = ConfigPlace(source: "f")
    let map = { (numbers: Range<Int>) in
      ConfigNode(
        .map(numbers.map { .init(key: "k\($0)", place: place, value: ConfigNode(.null, at: place)) }), at: place)
    }
    let elapsed = ContinuousClock().measure {
      #expect(map(0..<count).merging(map(count / 2..<2 * count)).entries?.count == 2 * count)
    }
    #expect(elapsed < .seconds(10))
  }

  @Test func aValueIsShownUnlessItCameFromElsewhere() throws {
    #expect(try node("x").summary == "\"x\"" && node("[1]").summary == "a list" && node("{a: 1}").summary == "a map")
    #expect(ConfigNode(.null, at: ConfigPlace(source: "f")).summary == "nothing")
    #expect(ConfigNode(.invalid, at: ConfigPlace(source: "f")).summary == "nothing")
    #expect(ConfigNode.Scalar("hunter2", origin: "${env:X}").summary == "the value of ${env:X}")
    #expect(ConfigNode.Scalar("", origin: "${env:X}").summary == "nothing in ${env:X}")
    #expect(ConfigNode.Scalar("a\u{1B}\n").summary == #""a\u{1b}\u{a}""#)
    #expect(ConfigNode.Scalar(String(repeating: "x", count: 1000)).summary.count < 70)
  }

  @Test func aSectionIsAMapOrNothing() throws {
    #expect(try node("{a: 1}").isMapOrNothing && !node("[1]").isMapOrNothing && !node("x").isMapOrNothing)
    let place = ConfigPlace(source: "f")
    #expect(ConfigNode(.null, at: place).isMapOrNothing && ConfigNode(.null, at: place).isNull)
    #expect(!ConfigNode(.invalid, at: place).isMapOrNothing && !ConfigNode(.invalid, at: place).isNull)
    #expect(try node("[1]").entries == nil)
  }
}
