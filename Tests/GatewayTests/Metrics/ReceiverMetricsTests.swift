import LogPipeline
import OTLPReceiver
import Testing

@testable import Gateway

@Suite struct ReceiverMetricsTests {
  /// Requests are told apart by what became of them, as the Collector does.
  @Test func requestsAreCountedByOutcome() async throws {
    let running = try await RunningGateway.start(
      GatewayTests.withFile("/dev/null"))
    let (port, admin) = (try running.port("receiver otlp"), try running.port("metrics and health"))
    #expect(try await call("POST", "/v1/logs", port: port, json: GatewayTests.request).status == 200)
    #expect(try await call("POST", "/v1/logs", port: port, json: "{").status == 400)
    #expect(try await call("GET", "/v1/logs", port: port).status == 405)
    let labels = "receiver=\"otlp\",transport=\"http\",encoding=\"json\""
    var text = ""
    let expected = ["success": 1, "refused": 2, "failure": 0].map {
      "otelcol_receiver_requests{\(labels),outcome=\"\($0.key)\"} \($0.value)"
    }
    let arrived = try await eventually {
      text = try await call("GET", "/metrics", port: admin).body
      return expected.allSatisfy { text.contains("\n\($0)\n") }
    }
    #expect(arrived, "\(text)")
    try await running.stop()
  }
}
