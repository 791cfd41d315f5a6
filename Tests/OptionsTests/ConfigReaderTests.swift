import Options
import Testing

@testable import Gateway
@testable import Options

@Suite struct ConfigReaderTests {
  /// Reads a text named `f.yaml` and gives what `read` made of it with all problems.
  private func reading<T>(_ yaml: String, _ read: (ConfigReader) -> T) throws -> (value: T, problems: [String]) {
    let report = ConfigReport()
    let node = try #require(YAMLParser.parse(Array(yaml.utf8), source: "f.yaml", report: report))
    let reader = ConfigReader(node, path: "top", report: report)
    let value = read(reader)
    reader.finish()
    return (value, (report.errors + report.warnings).map(\.description))
  }

  @Test func readsGivenValuesAndDefaults() throws {
    let found = try reading("a: 5") {
      ($0.read("a", .int(in: 0...9), default: 1, ""), $0.read("b", .int(in: 0...9), default: 2, ""))
    }
    #expect(found.value == (5, 2))
    #expect(found.problems == [])
  }

  @Test func takesNothingAsNotGiven() throws {
    let found = try reading("a:\nb: ~\nc: null") {
      (
        $0.read("a", .bool, default: true, ""), $0.optional("b", .bool, ""),
        $0.list("c", of: .bool, default: [true], "")
      )
    }
    #expect(found.value.0 && found.value.1 == nil && found.value.2 == [true])
    #expect(found.problems == [])
  }

  @Test func reportsEveryErrorInOneGo() throws {
    let found = try reading("a: x\nb: [y]\nc: {d: z, e: 1}\nf: 1") { options in
      _ = options.read("a", .bool, default: true, "")
      _ = options.read("b", .int(in: 0...9), default: 0, "")
      options.section("c", "") { _ = $0.read("d", .duration(), default: .zero, "") }
      _ = options.required("g", .string, "")
    }
    #expect(
      found.problems == [
        "f.yaml:1:1: top.g: required, but not given",
        "f.yaml:1:4: top.a: expected true or false, found \"x\"",
        "f.yaml:2:4: top.b: expected int from 0 to 9, found a list",
        "f.yaml:3:8: top.c.d: expected a duration like \"10s\" or \"1h30m\", found \"z\"",
        "f.yaml:3:11: top.c: unknown key \"e\" (known here: d)",
        "f.yaml:4:1: top: unknown key \"f\" (known here: a, b, c, g)",
      ])
  }

  @Test func listsTheKeysOfASmallSectionWhereNoneIsNear() throws {
    let keys = (0..<9).map { "option_\($0)" }
    let read = { (options: ConfigReader, count: Int) in
      for key in keys.prefix(count) { _ = options.read(key, .bool, default: true, "") }
    }
    let unknown = "f.yaml:1:1: top: unknown key \"zzz\""
    #expect(
      try reading("zzz: 4") { read($0, 8) }.problems
        == [unknown + " (known here: \(keys.prefix(8).joined(separator: ", ")))"])
    #expect(try reading("zzz: 4") { read($0, 9) }.problems == [unknown])
    #expect(try reading("zzz: 4") { read($0, 0) }.problems == [unknown])
  }

  @Test func oneOfSeveralThatCannotBeReadIsGiven() throws {
    let needed = "f.yaml:1:1: top: a or b: required"
    for (yaml, problems) in [
      ("{}", [needed]), ("a:", [needed]), ("b: []", [needed]), ("a: 1", []), ("b: [1]", []), ("a: {}", []),
    ] {
      let found = try reading(yaml) { options in
        _ = (options.take("a"), options.take("b"))
        options.requireOne(of: "a", "b")
      }
      #expect(found.problems == problems, "\(yaml)")
    }
  }

  @Test func suggestsTheNearestKnownKey() throws {
    let found = try reading("max_recv_msg_size: 4") {
      $0.read("max_recv_msg_size_mib", .int(in: 1...9), default: 1, "")
    }
    let hint = "(did you mean \"max_recv_msg_size_mib\"?)"
    #expect(found.problems == ["f.yaml:1:1: top: unknown key \"max_recv_msg_size\" \(hint)"])
  }

  @Test func leavesOutListItemsThatCannotBeRead() throws {
    let found = try reading("a: [1, x, 3, [4], ~]") { $0.list("a", of: .int(in: 0...9), "") }
    #expect(found.value == [1, 3])
    #expect(
      found.problems == [
        "f.yaml:1:8: top.a[1]: expected a whole number from 0 to 9, found \"x\"",
        "f.yaml:1:14: top.a[3]: expected int from 0 to 9, found a list",
        "f.yaml:1:19: top.a[4]: expected int from 0 to 9, found nothing",
      ])
  }

  /// As in the Collector, a text stands for a list of what is between its commas.
  @Test(arguments: [
    ("a: x", ["x"]), ("a: x,y", ["x", "y"]), ("a: 'x, y'", ["x", "y"]), ("a: ''", []), ("a: 'x,'", ["x", ""]),
    ("a: [\"x,y\"]", ["x,y"]), ("a:", ["d"]), ("b: 1", ["d"]),
  ])
  func aTextIsAListOfItsParts(_ yaml: String, _ expected: [String]) throws {
    let found = try reading(yaml) { options in
      _ = options.take("b")
      return options.list("a", of: .string, default: ["d"], "")
    }
    #expect(found.value == expected && found.problems == [])
  }

  @Test(arguments: [
    "h: [{name: a, value: '1'}, {name: b, value: }]", "h: {a: '1', b: }",
    "h: [{name: a, value: 1, type: int}, {name: b}]",
  ])
  func aMapMayBeAListOfNamesAndValues(_ yaml: String) throws {
    let found = try reading(yaml) { $0.map("h", of: .string, "") }
    #expect(found.value.map(\.key) == ["a", "b"] && found.value.map(\.value) == ["1", ""] && found.problems == [])
    #expect(try reading("h: [{name: a, other: 1}]") { $0.map("h", of: .string, "") }.problems.count == 1)
  }

  @Test func readsAMapInTheOrderOfTheFile() throws {
    let found = try reading("h: {b: 1, a: x, c: 3}") { $0.map("h", of: .int(in: 0...9), "") }
    #expect(found.value.map(\.key) == ["b", "c"])
    #expect(found.value.map(\.value) == [1, 3])
    #expect(found.problems == ["f.yaml:1:14: top.h.a: expected a whole number from 0 to 9, found \"x\""])
  }

  @Test func neverRepeatsASecret() throws {
    let found = try reading("a: [pa55]\nh: {k: {pa55: 1}}\nu: 'https://u:pa55@h'") {
      _ = $0.optional("a", .secret, "")
      _ = $0.map("h", of: .secret, "")
      _ = $0.optional("u", .url, "")
    }
    #expect(found.problems.count == 3)
    #expect(!found.problems.joined().contains("pa55"))
    #expect(found.problems.first == "f.yaml:1:4: top.a: expected text, found a list")
  }

  @Test func neverRepeatsASecretThatStandsWhereAMapOrAListShould() throws {
    let found = try reading("h: Bearer pa55\nl: pa55\nm: text") {
      _ = $0.map("h", of: .secret, "")
      _ = $0.list("l", of: .secret, "")
      _ = $0.map("m", of: .string, "")
    }
    #expect(
      found.problems == [
        "f.yaml:1:4: top.h: expected a map, found text", "f.yaml:2:4: top.l: expected a list, found text",
        "f.yaml:3:4: top.m: expected a map, found text",
      ])
  }

  @Test func tellsASectionThatIsNotGivenFromAnEmptyOne() throws {
    let found = try reading("a:") { options in
      (options.optionalSection("a", "") { _ in 1 }, options.optionalSection("b", "") { _ in 1 })
    }
    #expect(found.value == (1, nil))
  }

  @Test func readsAListOfSections() throws {
    let found = try reading("r: [{n: 1}, {n: 2, m: 3}, 4]") { options in
      options.sections("r", "") { $0.read("n", .int(in: 0...9), default: 0, "") }
    }
    #expect(found.value == [1, 2, 0])
    #expect(
      found.problems == [
        "f.yaml:1:20: top.r[1]: unknown key \"m\" (known here: n)",
        "f.yaml:1:27: top.r[2]: expected a map, found text",
      ])
  }

  @Test func warnsOfWhatIsIgnoredAndRefusesWhatIsUnsupported() throws {
    let found = try reading("a: 1\nb: 2") {
      $0.ignored("a", "c", because: "reason one")
      $0.unsupported("b", "d", because: "reason two")
    }
    #expect(
      found.problems == [
        "f.yaml:2:1: top.b: not supported by sluice: reason two",
        "f.yaml:1:1: warning: top.a: has no effect: reason one",
      ])
  }

  @Test func recordsWhatWasRead() throws {
    let records = try reading("a: 5\ns: {t: pa55}") { options in
      _ = options.read("a", .int(in: 0...9), default: 1, "The a.")
      _ = options.optional("b", .duration(), "The b.")
      options.section("s", "The s.") { _ = $0.optional("t", .secret, "The t.") }
      return options
    }.value.records
    #expect(records.map(\.key) == ["a", "b", "s"])
    #expect(records.map(\.doc) == ["The a.", "The b.", "The s."])
    #expect(records.map(\.isGiven) == [true, false, true])
    #expect(YAMLWriter.write(records) == "a: 5\ns:\n  t: \"[REDACTED]\"\n")
  }

  @Test func escapesControlCharactersAndCutsLongText() throws {
    let found = try reading("a: \"\\e[31m\\u202ex\"\nb: \(String(repeating: "y", count: 65))\n\"k\\n\": 1") {
      _ = $0.read("a", .bool, default: true, "")
      _ = $0.read("b", .bool, default: true, "")
    }
    #expect(
      found.problems == [
        "f.yaml:1:4: top.a: expected true or false, found \"\\u{1b}[31m\\u{202e}x\"",
        "f.yaml:2:4: top.b: expected true or false, found \"\(String(repeating: "y", count: 64))…\"",
        "f.yaml:3:1: top: unknown key \"k\\u{a}\" (known here: a, b)",
      ])
  }

  @Test func showsTheFirstProblemsAndCountsTheRest() throws {
    let yaml = (0..<150).map { "key\($0): 1\n" }.joined()
    let problems = try reading(yaml) { _ in }.problems
    #expect(problems.count == 101)
    #expect(problems.last?.hasSuffix("50 more errors are not shown (limit 100)") == true)
  }
}
