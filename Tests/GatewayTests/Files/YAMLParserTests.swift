import Gateway
import Options
import Testing

@Suite struct YAMLParserTests {
  private func parse(_ yaml: String, _ limits: ConfigLimits = ConfigLimits()) -> (node: ConfigNode?, errors: [String]) {
    parse(Array(yaml.utf8), limits)
  }

  private func parse(_ bytes: [UInt8], _ limits: ConfigLimits = ConfigLimits()) -> (node: ConfigNode?, errors: [String])
  {
    let report = ConfigReport()
    let node = YAMLParser.parse(bytes, source: "f.yaml", limits: limits, report: report)
    return (node, report.errors.map(\.description))
  }

  /// The tree in a compact form, to compare.
  private func shape(_ node: ConfigNode?) -> String {
    switch node?.content {
    case nil: "-"
    case .null: "~"
    case .invalid: "!"
    case .scalar(let scalar): "'\(scalar.text)'"
    case .list(let items): "[" + items.map(shape).joined(separator: ",") + "]"
    case .map(let entries): "{" + entries.map { "\($0.key):\(shape($0.value))" }.joined(separator: ",") + "}"
    }
  }

  @Test(arguments: [
    ("a: 1\nb: [x, 'y', \"z\"]", "{a:'1',b:['x','y','z']}"), ("", "{}"), ("# nothing\n", "{}"), ("a:", "{a:~}"),
    ("a: ~\nb: null\nc: 'null'\nd: ''", "{a:~,b:~,c:'null',d:''}"), ("- 1\n- {}", "['1',{}]"), ("x", "'x'"),
    ("a: |\n  x\n  y\n", "{a:'x\ny\n'}"), ("a: !!str null", "{a:'null'}"), ("a: !!null x", "{a:~}"),
    ("\u{feff}a: 1", "{a:'1'}"), ("--- {a: 1}\n...\n", "{a:'1'}"), ("a: \"\\0\"", "{a:'\0'}"), ("1: 2", "{1:'2'}"),
  ])
  func readsYAML(_ yaml: String, _ expected: String) {
    let (node, errors) = parse(yaml)
    #expect(shape(node) == expected)
    #expect(errors == [])
  }

  @Test func keepsThePlacesOfKeysAndValues() throws {
    let node = try #require(parse("a:\n  b: c\n  dé: [x, yy]\n").node)
    let a = try #require(node.entries?.first)
    #expect(a.place == ConfigPlace(source: "f.yaml", line: 1, column: 1))
    let b = try #require(a.value.entries?.first)
    #expect("\(b.place) \(b.value.place)" == "f.yaml:2:3 f.yaml:2:6")
    let d = try #require(a.value.entries?.last)
    #expect("\(d.place) \(d.value.place)" == "f.yaml:3:3 f.yaml:3:7")
  }

  @Test(arguments: [
    ("a: &x {b: 1}\nc: *x", "{a:{b:'1'},c:{b:'1'}}"), ("a: &x 1\na2: &x 2\nb: *x", "{a:'1',a2:'2',b:'2'}"),
    ("a: &x {b: 1, c: 2}\nd:\n  c: 3\n  <<: *x", "{a:{b:'1',c:'2'},d:{c:'3',b:'1'}}"),
    ("a: &x {b: 1}\nc: &y {b: 2, d: 3}\ne:\n  <<: [*x, *y]", "{a:{b:'1'},c:{b:'2',d:'3'},e:{b:'1',d:'3'}}"),
    ("k: &k a\n*k : 1", "{k:'a',a:'1'}"),
  ])
  func expandsAliasesAndMergeKeys(_ yaml: String, _ expected: String) {
    let (node, errors) = parse(yaml)
    #expect(shape(node) == expected)
    #expect(errors == [])
  }

  @Test(arguments: [
    ("a: 1\nb: 2\na: 3", "f.yaml:3:1: duplicate key \"a\": line 1 and line 3"),
    ("x: {a: 1, 'a': 2}", "f.yaml:1:11: duplicate key \"a\": line 1 and line 1"),
    ("a: *x", "f.yaml:1:4: the anchor \"x\" is not defined before this place"),
    ("a: &x [*x]", "f.yaml:1:8: the anchor \"x\" contains itself"),
    ("a: 1\n---\nb: 2", "f.yaml:2:1: expected one YAML document, found another"),
    ("[a]: 1", "f.yaml:1:1: a key must be text, found a list or a map"),
    ("a: &x {}\n*x : 1", "f.yaml:2:1: a key must be text, found a map"),
    ("~: 1", "f.yaml:1:1: a key must be text, found nothing"),
    ("a: !!binary x", "f.yaml:1:4: the YAML tag \"tag:yaml.org,2002:binary\" is not supported"),
    ("a: {<<: 1}", "f.yaml:1:5: the merge key << needs a map or a list of maps, found \"1\""),
    ("a: 1\nb: \u{1}", "f.yaml:2:4: cannot parse YAML: control characters are not allowed"),
  ])
  func namesThePlaceOfAnError(_ yaml: String, _ expected: String) {
    #expect(parse(yaml).errors == [expected])
  }

  @Test func reportsEveryDuplicateKey() {
    #expect(parse("a: 1\na: 2\nb: {c: 1, c: 2}\n").errors.count == 2)
  }

  @Test func refusesBytesThatAreNotUTF8() {
    let errors = parse([0x61, 0x3a, 0x20, 0x62, 0x0a, 0x63, 0xff]).errors
    #expect(errors == ["f.yaml:2:2: cannot parse YAML: invalid leading UTF-8 octet"])
  }

  @Test func takesTheLargestFileAndNoLarger() {
    var limits = ConfigLimits()
    limits.maxFileBytes = 10
    #expect(parse("a: 3456789", limits).errors == [])
    let expected = "f.yaml:1:1: cannot read 11 bytes of YAML: the limit is 10 bytes"
    #expect(parse("a: 34567890", limits).errors == [expected])
  }

  @Test func takesTheDeepestNestingAndNoDeeper() {
    let atLimit = String(repeating: "[", count: 100) + String(repeating: "]", count: 100)
    #expect(parse(atLimit).errors == [])
    #expect(parse("[\(atLimit)]").errors == ["f.yaml:1:101: found 101 levels of nesting: the limit is 100"])
  }

  @Test func countsDepthThroughAliases() {
    let levels = (1..<99).map { "- &a\($0) [*a\($0 - 1)]\n" }.joined()
    #expect(parse("- &a0 []\n" + levels).errors == [])
    let deeper = "- &a0 []\n" + levels + "- &a99 [*a98]\n"
    #expect(parse(deeper).errors == ["f.yaml:100:9: found 101 levels of nesting: the limit is 100"])
  }

  @Test func takesTheMostValuesAndNoMore() {
    var limits = ConfigLimits()
    limits.maxNodes = 5
    #expect(parse("{a: 1, b: 2}", limits).errors == [])
    let expected = "f.yaml:1:14: found 6 YAML values, aliases expanded: the limit is 5"
    #expect(parse("[a, b, c, d, e]", limits).errors == [expected])
  }

  @Test func defusesABombOfAliases() {
    let bomb = (1...30).map {
      "a\($0): &a\($0) [\(Array(repeating: "*a\($0 - 1)", count: 9).joined(separator: ", "))]\n"
    }
    let errors = parse("a0: &a0 x\n" + bomb.joined()).errors
    #expect(errors.count == 1)
    #expect(errors.first?.hasSuffix("aliases expanded: the limit is 100000") == true)
  }

  @Test func defusesABombOfMergeKeys() {
    let bomb = (1...40).map { "a\($0): &a\($0) {<<: [*a\($0 - 1), *a\($0 - 1)], k\($0): 1}\n" }
    let errors = parse("a0: &a0 {k: 1}\n" + bomb.joined()).errors
    #expect(errors.first?.contains("aliases expanded: the limit is 100000") == true)
  }

  @Test func staysShallowInFourMebibytesOfOpenBrackets() {
    let errors = parse([UInt8](repeating: UInt8(ascii: "["), count: 4 << 20)).errors
    #expect(errors.count == 1)
    #expect(errors.first?.hasSuffix("levels of nesting: the limit is 100") == true, "\(errors)")
  }
}
