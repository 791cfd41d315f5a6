import LogStore
import Testing

@testable import Gateway

@Suite struct SelectGroupsTests {
  private let groups = [
    RecordGroup(values: ["shop"], steps: [(start: 1_000_000_000, hits: 2), (start: 61_000_000_000, hits: 1)]),
    RecordGroup(values: [""], steps: [(start: 1_000_000_000, hits: 1)]),
  ]

  private var plain: [RecordGroup] {
    groups.map { RecordGroup(values: $0.values, steps: [(start: 0, hits: $0.hits)]) }
  }

  private func text(
    _ kind: SelectQuestion.Kind, _ query: String, _ groups: [RecordGroup], _ arguments: String = ""
  ) throws -> String {
    let encoded = query.replacing(" ", with: "+")
    let question = try SelectQuestion(
      kind, SelectArguments(query: "query=\(encoded)&\(arguments)"), nowUnixNano: 5_000_000_000)
    return String(decoding: try question.json(groups, question.pipes.stats ?? StatsPipe()), as: UTF8.self)
  }

  @Test func groupsAreLinesOfTheirFieldsAndTheCount() throws {
    #expect(
      try text(.query, "* | stats by (service) count() n", plain)
        == "{\"service\":\"shop\",\"n\":\"3\"}\n{\"service\":\"\",\"n\":\"1\"}\n")
    #expect(
      try text(.query, "* | stats by (service) count() | offset 1", plain)
        == "{\"service\":\"\",\"count(*)\":\"1\"}\n")
    #expect(try text(.query, "* | stats by (service) count()", plain, "limit=1").split(separator: "\n").count == 1)
    #expect(
      try text(.query, "* | stats by (service) count() n", plain, "format=csv") == "service,n\r\nshop,3\r\n,1\r\n")
  }

  @Test func stepsAreInTheirOrder() throws {
    #expect(
      try text(.query, "* | stats by (service, _time:1m) count() n", groups).split(separator: "\n") == [
        #"{"service":"shop","_time":"1970-01-01T00:00:01.000000000Z","n":"2"}"#,
        #"{"service":"","_time":"1970-01-01T00:00:01.000000000Z","n":"1"}"#,
        #"{"service":"shop","_time":"1970-01-01T00:01:01.000000000Z","n":"1"}"#,
      ])
  }

  @Test func statsQueriesHaveTheFormOfPrometheus() throws {
    #expect(
      try text(.statsQuery, "* | stats by (service) count() n", plain, "time=1970-01-01T00:00:07Z") == """
        {"status":"success","data":{"resultType":"vector","result":[\
        {"metric":{"__name__":"n","service":"shop"},"value":[7,"3"]},\
        {"metric":{"__name__":"n","service":""},"value":[7,"1"]}]}}

        """)
    #expect(
      try text(.statsQueryRange, "* | stats by (service) count() n", groups, "step=1m") == """
        {"status":"success","data":{"resultType":"matrix","result":[\
        {"metric":{"__name__":"n","service":"shop"},"values":[[1,"2"],[61,"1"]]},\
        {"metric":{"__name__":"n","service":""},"values":[[1,"1"]]}]}}

        """)
  }
}
