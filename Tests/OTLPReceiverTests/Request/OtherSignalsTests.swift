import Options
import Testing

@testable import OTLPReceiver

@Suite struct OtherSignalsTests {
  private static let paths: [(Signal, http: String, grpc: String)] = [
    (.traces, "/v1/traces", "opentelemetry.proto.collector.trace.v1.TraceService/Export"),
    (.metrics, "/v1/metrics", "opentelemetry.proto.collector.metrics.v1.MetricsService/Export"),
    (
      .profiles, "/v1development/profiles",
      "opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export"
    ),
  ]

  private var discarding: Fixture {
    var options = OTLPServiceOptions()
    options.otherSignals = .discard
    return Fixture(options)
  }

  @Test(arguments: paths) func areRefusedWithTheWayOut(_ signal: Signal, _ http: String, _ grpc: String) {
    let fixture = Fixture()
    let answer = fixture.post(Array("{}".utf8), path: http, type: "application/json")
    #expect(answer.status == 404)
    #expect(answer.text.contains("\(signal.rawValue) are not taken, no pipeline is of them: \(signal.remedy), or "))
    #expect(fixture.call(framed([]), method: grpc).grpcStatus == 12)
    #expect(fixture.reports.refusals.withLock { $0 } == [.otherSignal(signal), .otherSignal(signal)])
    #expect(fixture.counters[.grpc].refusedRequests == [.notFound: 1])
  }

  @Test(arguments: paths) func areAnsweredAsTakenAndDropped(_ signal: Signal, _ http: String, _ grpc: String) {
    let fixture = discarding
    let body = Array("anything".utf8)
    let json = fixture.post(body, path: http, type: "application/json")
    #expect((json.status, json.type, json.text) == (200, "application/json", "{}"))
    let protobuf = fixture.post(body, path: http)
    #expect((protobuf.status, protobuf.type, protobuf.body) == (200, "application/x-protobuf", []))
    let call = fixture.call(framed(body), method: grpc)
    #expect((call.status, call.grpcStatus, call.body) == (200, 0, [0, 0, 0, 0, 0]))
    #expect(fixture.counters[.httpJSON].discardedRequests == [signal: 1])
    #expect(fixture.counters[.httpProtobuf].discardedRequests == [signal: 1])
    #expect(fixture.counters[.grpc].discardedRequests == [signal: 1])
    #expect(fixture.counters[.grpc].acceptedRequests == 0)
    #expect(fixture.queue.queuedRecords == 0 && fixture.budget.usedBytes == 0)
    #expect(fixture.reports.refusals.withLock { $0 } == [])
  }

  @Test func discardingKeepsTheRulesOfARequest() {
    let fixture = discarding
    #expect(fixture.post(path: "/v1/traces", method: "GET").status == 405)
    #expect(fixture.post(path: "/v1/traces", type: "text/plain").status == 415)
    #expect(fixture.post(path: "/v1/trace").status == 404)
    #expect(fixture.call(framed([]), method: Self.paths[0].grpc, type: "application/grpc+json").grpcStatus == 12)
    #expect(fixture.post(exportRequest()).status == 200)
    #expect(fixture.queue.queuedRecords == 1)
  }

  @Test func whatIsDiscardedIsBoundedToo() {
    var options = OTLPServiceOptions()
    options.otherSignals = .discard
    options.maxRequestBodyBytes = 10
    options.maxMessageBytes = 10
    let fixture = Fixture(options)
    let ten = [UInt8](repeating: 0, count: 10)
    #expect(fixture.post(ten, path: "/v1/traces").status == 200)
    #expect(fixture.post(ten + [0], path: "/v1/traces").status == 413)
    #expect(fixture.call(framed(ten), method: Self.paths[0].grpc).grpcStatus == 0)
    #expect(fixture.call(framed(ten + [0]), method: Self.paths[0].grpc).grpcStatus == 8)
  }

  @Test func aPathOfLogsIsOneOfLogs() {
    var options = OTLPServiceOptions()
    options.otherSignals = .discard
    options.logsPath = "/v1/traces"
    let fixture = Fixture(options)
    #expect(fixture.post(exportRequest(), path: "/v1/traces").status == 200)
    #expect(fixture.queue.queuedRecords == 1)
  }
}
