import Access
import FrameQueues
import HTTPTransport
import LogPipeline
import Options
import Testing

@testable import OTLPReceiver

/// Traces and metrics at a service that has pipelines of them.
@Suite struct OTLPServiceSignalsTests {
  private static let paths: [(Signal, http: String, grpc: String)] = [
    (.traces, "/v1/traces", "opentelemetry.proto.collector.trace.v1.TraceService/Export"),
    (.metrics, "/v1/metrics", "opentelemetry.proto.collector.metrics.v1.MetricsService/Export"),
  ]

  /// A service with a queue for each signal.
  private struct Signals {
    let fixture: Fixture
    let queues: [Signal: MemoryQueue]

    init(
      _ options: OTLPServiceOptions = OTLPServiceOptions(), queueBytes: Int = 1 << 20,
      authentication: OTLPAuthentication = OTLPAuthentication()
    ) {
      var queues: [Signal: MemoryQueue] = [:]
      let others = [Signal.traces, .metrics].map { signal in
        let queue = MemoryQueue(capacityBytes: queueBytes)
        queues[signal] = queue
        let destination = Destination(
          id: "next", dialect: OTLPDialect(transport: .grpc, signal: signal), queue: queue)
        let pipeline = Pipeline(id: signal.rawValue, signal: signal, steps: [], destinations: [destination])
        return IngestPipeline(signal, pipelines: [pipeline], limits: DecodeLimits())
      }
      self.queues = queues
      fixture = Fixture(options, authentication: authentication, others: others)
    }

    func queued(_ signal: Signal) -> [UInt8] {
      guard let lease = queues[signal]?.lease(maxBytes: .max) else { return [] }
      return lease.withUnsafeBytes { Array($0) }
    }
  }

  /// A request with two spans, or two points of a gauge.
  private static func request(_ signal: Signal) -> [UInt8] {
    let span = field(5, Array("GET /".utf8))
    let point = field(5, field(1, [0x19, 0, 0, 0, 0, 0, 0, 0, 1]) + field(1, []))
    return field(1, field(2, signal == .traces ? field(2, span) + field(2, span) : field(2, point)))
  }

  @Test(arguments: paths) func areQueuedAsTheyCame(_ signal: Signal, _ http: String, _ grpc: String) {
    let signals = Signals()
    let request = Self.request(signal)
    let answer = signals.fixture.post(request, path: http)
    #expect(answer.status == 200 && answer.body.isEmpty && answer.type == "application/x-protobuf")
    #expect(signals.fixture.call(framed(request), method: grpc).grpcStatus == 0)
    #expect(signals.queues[signal]?.queuedRecords == 4)
    #expect(signals.queued(signal) == request + request)
    #expect(signals.fixture.queue.queuedRecords == 0 && signals.fixture.budget.usedBytes == 0)
    #expect(signals.fixture.counters[.grpc].otherItems == [signal: ItemCounts(accepted: 2)])
    #expect(signals.fixture.counters[.httpProtobuf].otherItems == [signal: ItemCounts(accepted: 2)])
    #expect(
      signals.fixture.counters[.grpc].acceptedRecords == 0 && signals.fixture.counters[.grpc].acceptedRequests == 1)
  }

  @Test func jsonIsTakenAndAnsweredAsJSON() {
    let signals = Signals()
    let json = #"{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"GET /"},{"name":"GET /"}]}]}]}"#
    let answer = signals.fixture.post(Array(json.utf8), path: "/v1/traces", type: "application/json")
    #expect(answer.status == 200 && answer.text == "{}")
    #expect(signals.queued(.traces) == Self.request(.traces))
    let logs = signals.fixture.post(Array(#"{"resourceLogs":[]}"#.utf8), path: "/v1/traces", type: "application/json")
    #expect(logs.status == 400)
  }

  @Test(arguments: paths) func whatIsMalformedIsRefusedAsOfLogs(_ signal: Signal, _ http: String, _ grpc: String) {
    let signals = Signals()
    #expect(signals.fixture.post([0x0A, 0x05, 0], path: http).status == 400)
    #expect(signals.fixture.call(framed([0x0A, 0x05, 0]), method: grpc).grpcStatus == 3)
    #expect(signals.fixture.post([], path: http, method: "GET").status == 405)
    #expect(signals.fixture.post([], path: http, type: "text/plain").status == 415)
    #expect(signals.fixture.post([], path: "/" + grpc).status == 415)
    #expect(signals.queues[signal]?.queuedBytes == 0)
  }

  @Test func aFullQueueRefusesItsSignalAlone() {
    let request = Self.request(.traces)
    let signals = Signals(queueBytes: request.count + 10)
    #expect(signals.fixture.post(request, path: "/v1/traces").status == 200)
    let refused = signals.fixture.post(request, path: "/v1/traces")
    #expect(refused.status == 503 || refused.status == 429)
    #expect(refused.headers.first(name: "retry-after") == "5")
    #expect(signals.fixture.post(Self.request(.metrics), path: "/v1/metrics").status == 200)
    #expect(signals.fixture.post(exportRequest()).status == 200)
  }

  @Test func pathsAreOptions() {
    var options = OTLPServiceOptions()
    options.tracesPath = "/t"
    let signals = Signals(options)
    #expect(signals.fixture.post(Self.request(.traces), path: "/t").status == 200)
    #expect(signals.fixture.post(Self.request(.traces), path: "/v1/traces").status == 404)
  }

  @Test func aDrainingServiceRefusesEverySignal() {
    let signals = Signals()
    signals.fixture.service.drain()
    for (_, http, _) in Self.paths { #expect(signals.fixture.post(path: http).status == 503) }
    #expect(signals.fixture.post(exportRequest()).status == 503)
  }

  @Test func healthIsOfTheServicesThatAreServed() {
    let service = "opentelemetry.proto.collector.trace.v1.TraceService"
    let signals = Signals()
    let message = framed(field(1, Array(service.utf8)))
    #expect(signals.fixture.call(message, method: "grpc.health.v1.Health/Check").grpcStatus == 0)
    #expect(Fixture().call(message, method: "grpc.health.v1.Health/Check").grpcStatus == 5)
  }
}
