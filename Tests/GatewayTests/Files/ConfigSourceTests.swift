import Gateway
import Options
import Testing

@Suite struct ConfigSourceTests {
  private func load(
    _ sources: [ConfigSource], environment: [String: String] = [:]
  ) -> (shape: String?, errors: [String]) {
    let report = ConfigReport()
    var loader = ConfigLoader(environment: { environment[$0] }, report: report)
    let node = loader.load(sources)
    return (node.map(shape), report.errors.map(\.description))
  }

  private func shape(_ node: ConfigNode) -> String {
    switch node.content {
    case .null: "~"
    case .invalid: "!"
    case .scalar(let scalar): scalar.text
    case .list(let items): "[" + items.map(shape).joined(separator: ",") + "]"
    case .map(let entries): "{" + entries.map { "\($0.key):\(shape($0.value))" }.joined(separator: ",") + "}"
    }
  }

  private func text(_ yaml: String, _ name: String = "f.yaml") -> ConfigSource { .text(yaml, name: name) }

  @Test(arguments: [
    (["a: {b: 1, c: 2}", "a: {c: 3, d: 4}"], "{a:{b:1,c:3,d:4}}"), (["a: [1, 2]", "a: [3]"], "{a:[3]}"),
    (["a: {b: 1}", "a: x"], "{a:x}"), (["a: x", "a: {b: 1}"], "{a:{b:1}}"), (["a: {b: 1}", "a:"], "{a:~}"),
    (["a: 1", "", "b: 2"], "{a:1,b:2}"), (["", "a: 1"], "{a:1}"), ([], "{}"),
  ])
  func mergesLaterOverEarlierMapByMap(_ texts: [String], _ expected: String) {
    let found = load(texts.map { text($0) })
    #expect(found.shape == expected)
    #expect(found.errors == [])
  }

  @Test func keepsThePlaceOfTheSourceThatWon() {
    let found = load([text("a: {b: 1, c: 2}", "one.yaml"), text("\na: {b: '${1}', c: 3}", "two.yaml")])
    #expect(found.errors.count == 1 && found.errors.first?.hasPrefix("two.yaml:2:8: a.b: expected the name") == true)
  }

  @Test func doesNotSubstituteWhatALaterSourceReplaces() {
    #expect(load([text("a: ${NO}"), text("a: 1")]).shape == "{a:1}")
  }

  @Test(arguments: [
    ("a.b=5", "{a:{b:5}}"), ("a=", "{a:~}"), ("a=''", "{a:}"), ("a=[1, 2]", "{a:[1,2]}"),
    ("a.b/c.d={x: y}", "{a:{b/c:{d:{x:y}}}}"),
    ("a=b=c", "{a:b=c}"),
  ])
  func readsASetting(_ setting: String, _ expected: String) {
    #expect(load([.setting(setting)]).shape == expected)
  }

  @Test func laysSettingsOverFiles() {
    #expect(load([text("a: {b: 1, c: 2}"), .setting("a.b=3"), .setting("d=4")]).shape == "{a:{b:3,c:2},d:4}")
  }

  @Test(arguments: [
    ("novalue", "--set: expected key=value, found no \"=\""),
    ("a..b=1", "--set a..b: expected keys separated by single dots"),
    ("=1", "--set : expected keys separated by single dots"),
    (
      "a.token=[pa55",
      "--set a.token: cannot parse YAML: the \"[\" that opens here is not closed: expected \",\" or \"]\" in line 2, "
        + "column 1"
    ),
  ])
  func namesTheKeyOfABadSettingButNotItsValue(_ setting: String, _ expected: String) {
    #expect(load([.setting(setting)]).errors == [expected])
  }

  @Test func limitsTheDepthOfASetting() {
    let keys = { (count: Int) in Array(repeating: "k", count: count).joined(separator: ".") }
    #expect(load([.setting(keys(99) + "=[]")]).errors == [])
    #expect(
      load([.setting(keys(99) + "=[[]]")]).errors.first?.hasSuffix("found 2 levels of nesting: the limit is 1") == true)
    #expect(
      load([.setting(keys(100) + "=1")]).errors.first?.hasSuffix("found 100 levels of nesting: the limit is 99") == true
    )
  }

  @Test func readsAFile() throws {
    let file = try TemporaryFile("a: 1\n")
    #expect(load([.file(file.path)]).shape == "{a:1}")
    #expect(load([ConfigSource(argument: "file:\(file.path)")]).shape == "{a:1}")
  }

  @Test func reportsEverySourceThatCannotBeRead() throws {
    let large = try TemporaryFile([UInt8](repeating: UInt8(ascii: "#"), count: 4 * 1024 * 1024 + 1))
    let found = load([.file("/no/such"), .file(large.path), text("a: [")])
    #expect(found.shape == nil)
    #expect(found.errors.count == 3)
    #expect(found.errors.first == "/no/such:1:1: cannot read the configuration file: No such file or directory")
    #expect(found.errors.contains { $0.contains("it has 4194305 bytes, the limit is 4194304 bytes") })
  }

  @Test func takesAFileOfTheLargestSize() throws {
    let file = try TemporaryFile([UInt8](repeating: UInt8(ascii: "#"), count: 4 * 1024 * 1024))
    #expect(load([.file(file.path)]).errors == [])
  }

  @Test func readsTextFromArgumentAndEnvironment() {
    #expect(ConfigSource(argument: "yaml:a: 1") == .text("a: 1", name: "--config yaml"))
    #expect(load([ConfigSource(argument: "env:C")], environment: ["C": "a: 1"]).shape == "{a:1}")
    #expect(load([ConfigSource(argument: "env:C")]).errors == ["--config env:1:1: the variable C is not set"])
    #expect(ConfigSource(argument: "dir/f.yaml") == .file("dir/f.yaml"))
  }

  @Test func refusesALaterSourceThatIsNoMap() {
    #expect(load([text("a: 1"), text("- x", "g.yaml")]).errors == ["g.yaml:1:1: expected a map, found a list"])
  }
}
