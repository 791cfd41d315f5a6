import LogPipeline
import Gateway
import LogPipeline
import Options
import Testing

@Suite struct PipelineCaseTests {
  private func problems(_ yaml: String) -> [String] {
    let report = ConfigReport()
    _ = PipelineCase.read(Array(yaml.utf8), source: "c.yaml", report: report)
    return report.errors.map(\.description)
  }

  @Test func whatIsWrongIsSaidWithItsPlace() {
    let wrong = problems(
      """
      cases:
      - {name: a, input: [{bdy: x}], expect: []}
      - {name: b, expect: []}
      - {name: c, input: [{body: x}]}
      - {input: [{attributes: [1]}], dropped: -1}
      - {name: e, input: [{body: x}], otlp: "{}", dropped: 0, match: some}
      - {name: f, input: [{body: x}], dropped: 0, received_unix_nano: 0}
      """)
    for (part, line) in [
      ("unknown key \"bdy\" (did you mean \"body\"?)", 2), ("expected either input or otlp", 3),
      ("expected expect, dropped or rejected", 4), ("required, but not given", 5), ("expected a map", 5),
      ("expected either input or otlp", 6), ("found \"some\"", 6), ("received_unix_nano", 7),
    ] {
      #expect(wrong.contains { $0.contains(part) && $0.hasPrefix("c.yaml:\(line):") }, "\(part) in \(wrong)")
    }
    #expect(problems("cases: []") == ["c.yaml:1:1: cases: at least one case is needed"])
    #expect(problems("pipeline: logs").count == 1)
  }

  @Test func aCaseMayGiveHeadersAndTheSendersAddress() throws {
    let yaml =
      "cases: [{name: a, input: [{body: x}], dropped: 0, client_address: 10.0.0.7, headers: {X-Tenant: acme}, "
      + "auth: {username: edge}}]"
    let request = try #require(PipelineCase.read(Array(yaml.utf8), source: "c.yaml", report: ConfigReport()).first)
      .context
    let value = try #require(request.firstValue(of: Array("x-tenant".utf8)))
    #expect(String(decoding: request.store[value.range], as: UTF8.self) == "acme")
    #expect(String(decoding: request.store[request.clientAddress.range], as: UTF8.self) == "10.0.0.7")
    #expect(request.joinedValues(of: RequestContext.claimName("username")) == Array("edge".utf8))
  }

  @Test func aFileThatCannotBeReadIsAProblem() {
    let report = ConfigReport()
    #expect(PipelineCase.read("/no/such", report: report).isEmpty)
    #expect(report.errors.first?.description.contains("cannot read the file of cases") == true)
  }
}
