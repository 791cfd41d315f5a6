import Options
import Testing

@testable import LogPipeline

@Suite struct StatementListTests {
  private func options(_ texts: [String], report: ConfigReport) -> ConfigReader {
    let items = texts.enumerated().map { index, text in
      ConfigNode(.scalar(.init(text)), at: ConfigPlace(source: "f.yaml", line: index + 1))
    }
    let place = ConfigPlace(source: "f.yaml")
    let entry = ConfigNode.Entry(key: "list", place: place, value: ConfigNode(.list(items), at: place))
    return ConfigReader(ConfigNode(.map([entry]), at: place), path: "p", report: report)
  }

  /// Problems keep their statement, whatever of the others could not be read.
  @Test func eachProblemStandsAtItsStatement() {
    let report = ConfigReport()
    let options = options(
      ["set(", "set(log.body, Foo())", "set(log.body, 1)", "set(log.bodyy, 1)"], report: report)
    let list = StatementList(OTTLGroupSource(), statements: options.texts("list", ""), report: report)
    #expect(options.compiled([list]) == nil)
    #expect(
      report.errors.map(\.description) == [
        "f.yaml:1:1: p.list[0]: line 1, column 5: expected a value, found the end",
        "f.yaml:2:1: p.list[1]: line 1, column 15: there is no converter Foo",
        #"f.yaml:4:1: p.list[3]: line 1, column 5: log has no bodyy (did you mean "body"?)"#,
      ])
  }

  @Test func conditionsThatCannotBeReadAreNoneAtAll() {
    let report = ConfigReport()
    let options = options(["true", "log.body ="], report: report)
    #expect(options.compiled(options.texts("list", ""), in: nil, errorMode: .ignore) == nil)
    #expect(report.errors.count == 1)
  }

  @Test func talliesAreByPath() throws {
    let report = ConfigReport()
    let options = options(["log.body == \"x\"", "resource.attributes[\"a\"] == 1"], report: report)
    let compiled = try #require(options.compiled(options.texts("list", ""), in: nil, errorMode: .silent))
    #expect(compiled.tallies.map(\.place) == ["p.list[0]", "p.list[1]"])
    #expect(compiled.tallies.map(\.isTold) == [false, false])
    #expect(compiled.conditions.all.map(\.context) == [.log, .resource])
  }
}
