import LogExport
import Testing

@testable import Gateway

@Suite struct HealthPageTests {
  private func page(
    _ answers: HealthAnswers = HealthAnswers(), state: GatewayState = .ready, attempts: Int = 0, path: String = "/"
  ) -> PageService.Page {
    var queue = Readiness.Queue(exporter: "a", queuedBytes: 1, capacityBytes: 4, queuedRecords: 2)
    if attempts > 0 { queue.failing = Failing(since: 1, attempts: attempts, error: "HTTP 503", records: 1) }
    let readiness = Readiness(state: state, queues: [queue])
    return HealthPage(answers, readiness: readiness, readySince: 1_700_000_000, now: 1_700_000_061).page(at: path)
  }

  @Test func answersAsTheCollectorDoes() {
    let text = "{\"status\":\"Server available\",\"upSince\":\"2023-11-14T22:13:20Z\",\"uptime\":\"1m1s\"}"
    #expect(page() == .init(status: 200, text: text, contentType: "application/json"))
    let not = "{\"status\":\"Server not available\",\"upSince\":\"0001-01-01T00:00:00Z\",\"uptime\":\"\"}"
    #expect(page(state: .starting) == .init(status: 503, text: not, contentType: "application/json"))
  }

  @Test(arguments: [(GatewayState.starting, 503), (.ready, 200), (.leaving, 503), (.draining, 503)])
  func isHealthyWhileItIsReady(_ state: GatewayState, _ status: Int) {
    #expect(page(state: state).status == status)
  }

  @Test func answersWhatItIsToldTo() {
    let answers = HealthAnswers(path: "/live", healthy: "fine", unhealthy: "ill")
    #expect(page(answers, path: "/live") == .init(status: 200, text: "fine"))
    #expect(page(answers, state: .draining, path: "/live") == .init(status: 503, text: "ill"))
    #expect(page(answers).status == 404 && page(answers, path: "/live/x").status == 404)
  }

  /// Without the check an exporter that fails is no reason: the other replicas share its destination.
  @Test(arguments: [(nil, 99, 200), (5, 4, 200), (5, 5, 503), (1, 0, 200)])
  func exportersCountIfAskedFor(_ threshold: Int?, _ attempts: Int, _ status: Int) {
    #expect(page(HealthAnswers(failureThreshold: threshold), attempts: attempts).status == status)
  }

  @Test func portsOfExtensionsAnswer() async throws {
    let running = try await RunningGateway.start(
      """
      receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0"}}}}
      exporters: {nop: }
      extensions: {health_check: {endpoint: "127.0.0.1:0"}, zpages: {endpoint: "127.0.0.1:0"}}
      service:
        extensions: [health_check, zpages]
        telemetry: {metrics: {level: none}}
        pipelines: {logs: {receivers: [otlp], exporters: [nop]}}
      """)
    let health = try running.port("extension health_check")
    let healthy = try await call("GET", "/", port: health)
    #expect(healthy.status == 200 && healthy.body.hasPrefix("{\"status\":\"Server available\""))
    #expect(try await call("GET", "/other", port: health).status == 404)
    #expect(try await call("POST", "/", port: health).status == 405)
    let pages = try running.port("extension zpages")
    #expect(try await call("GET", "/debug/tracez", port: pages).body.contains("it has no zPages"))
    try await running.stop()
    await #expect(throws: HTTPCallError.self) { try await call("GET", "/", port: health) }
  }
}
