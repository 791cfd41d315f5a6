import LogPipeline
import Options
import Testing

@Suite struct RecordConditionTests {
  private func read(_ text: String) -> (condition: RecordCondition?, problems: [String]) {
    let place = ConfigPlace(source: "f.yaml")
    let report = ConfigReport()
    let value = ConfigNode(.scalar(.init(text)), at: place)
    let node = ConfigNode(.map([.init(key: "where", place: place, value: value)]), at: place)
    let condition = ConfigReader(node, path: "access[0]", report: report).recordCondition("where", "Which.")
    return (condition, report.errors.map(\.message))
  }

  /// A request of a resource with a team, and of records with these bodies.
  private func request(_ team: String, _ bodies: [String]) -> [UInt8] {
    let field = { (number: UInt8, content: [UInt8]) -> [UInt8] in [number << 3 | 2, UInt8(content.count)] + content }
    let text = { (text: String) in field(1, Array(text.utf8)) }
    let resource = field(1, field(1, Array("team".utf8)) + field(2, text(team)))
    let records = bodies.flatMap { field(2, field(5, text($0))) }
    return field(1, field(1, resource) + field(2, records))
  }

  @Test func aTextAloneIsReadToo() throws {
    let condition = try RecordCondition("log.body == \"b\"")
    #expect(condition.matches(inRequest: request("shop", ["a", "b"])) == [false, true])
    #expect(throws: RecordConditionProblem.self) { try RecordCondition("request[\"x\"] == \"1\"") }
    let problem = #expect(throws: RecordConditionProblem.self) { try RecordCondition("log.body = 1") }
    #expect(problem?.description.hasPrefix("line 1, column 10: ") == true)
    #expect(throws: RecordConditionProblem.self) { try RecordCondition("") }
  }

  @Test func asksRecordsOneByOne() throws {
    let condition = try #require(read("log.body == \"b\" and resource.attributes[\"team\"] == \"shop\"").condition)
    #expect(condition.matches(inRequest: request("shop", ["a", "b"])) == [false, true])
    #expect(condition.matches(inRequest: request("bank", ["a", "b"])) == [false, false])
    #expect(!condition.isOfStreams)
  }

  @Test func asksAResourceForAllOfItsRecords() throws {
    let condition = try #require(read("resource.attributes[\"team\"] == \"shop\"").condition)
    #expect(condition.isOfStreams)
    #expect(
      condition.matches(inRequest: request("shop", ["a"]) + request("bank", ["b", "c"])) == [true, false, false])
    #expect(try #require(read("scope.name == nil").condition).isOfStreams)
  }

  /// What fails lets nobody see anything, turned round too.
  @Test func aFaultIsNoMatch() throws {
    for text in ["1 / (Int(log.body) - 7) == 1", "not (1 / (Int(log.body) - 7) == 1)"] {
      #expect(try #require(read(text).condition).matches(inRequest: request("shop", ["7"])) == [false])
    }
  }

  @Test func whatIsNoRequestHasNoAnswer() throws {
    #expect(try #require(read("log.body == \"b\"").condition).matches(inRequest: [0xFF]) == nil)
    #expect(try #require(read("log.body == \"b\"").condition).matches(inRequest: []) == [])
  }

  @Test func whatIsNotStoredCannotBeAskedFor() {
    #expect(read("otelcol.grpc.metadata[\"x\"][0] == \"a\"").problems.first?.contains("not kept") == true)
    #expect(read("log.bdoy == \"a\"").problems.count == 1 && read("").problems.count == 1)
  }
}
