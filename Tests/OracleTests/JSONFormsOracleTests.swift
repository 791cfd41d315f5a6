import Oracle
import Testing

/// A short run of what `make fuzz` does at length.
@Suite struct JSONFormsOracleTests {
  private static let request = #"""
    {"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"scopeLogs":[{"scope":{"name":"lib"},"logRecords":[{"timeUnixNano":"1760000000000000000","severityNumber":9,"severityText":"INFO","body":{"stringValue":"order åäö 日志 placed"},"attributes":[{"key":"http.response.status_code","value":{"intValue":"200"}},{"key":"d","value":{"doubleValue":12.5}},{"key":"r","value":{"boolValue":true}}],"flags":1,"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174"}]}]}]}
    """#

  @Test func mutatedRequestsReadAlikeInEveryForm() {
    let body = Array(Self.request.utf8)
    var mutator = Mutator(seed: 5)
    var accepted = 0
    for _ in 0..<6000 {
      let mutated = mutator.mutate(body, other: body)
      let difference = JSONFormsOracle.difference(mutated)
      #expect(difference == nil, "\(String(decoding: mutated, as: UTF8.self)): \(difference ?? "")")
      if JSONFormsOracle.isAccepted(mutated) { accepted += 1 }
    }
    #expect(accepted > 300)
    #expect(JSONFormsOracle.isAccepted(body))
  }
}
