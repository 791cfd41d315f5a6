import LogPipeline
import Testing

@Suite struct ReasonTests {
  @Test(
    arguments: [
      (.http(404), "HTTP 404"), (.http(0), "HTTP 0"), (.grpc(0), "gRPC OK"), (.grpc(16), "gRPC UNAUTHENTICATED"),
      (.grpc(17), "gRPC status 17"), (.grpc(-1), "gRPC status -1"), (.local, "taken"),
    ] as [(Answer.Status, String)])
  func aStatusSaysWhoseItIs(_ status: Answer.Status, _ expected: String) {
    #expect("\(status)" == expected)
  }

  /// The same number means something else where it is another protocol's.
  @Test func aDialectTakesNoStatusOfAnotherProtocolForItsOwn() throws {
    let body = Array("{\"create\":{}}\n{}\n".utf8)
    let dialects: [any Dialect] = [
      try ElasticsearchDialect(ElasticsearchOptions()), VictoriaLogsDialect(VictoriaLogsOptions()),
      OTLPDialect(transport: .http),
    ]
    for dialect in dialects {
      for status in [Answer.Status.grpc(200), .local] {
        let verdict = body.withUnsafeBytes { dialect.judge(Answer(status), to: $0, records: 1) }
        if case .delivered = verdict { Issue.record("\(type(of: dialect)) takes \(status) for a success") }
      }
    }
  }
}
