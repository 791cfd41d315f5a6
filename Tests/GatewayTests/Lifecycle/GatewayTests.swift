import Foundation
import Logging
import NIOPosix
import Options
import Testing

@testable import Gateway

@Suite struct GatewayTests {
  /// Two records, one with a trace id that is none.
  static let request =
    #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"one"}},{"traceId":"0102"}]}]}]}"#

  /// OTLP over HTTP in, a file out, on ports that the system chooses.
  static func withFile(_ path: String) -> String {
    withExporterAndAdmin("file", "{path: \(path), sending_queue: {batch: {flush_timeout: 10ms}}}", shutdown: "10s")
  }

  private static func withExporterAndAdmin(_ type: String, _ options: String, shutdown: String) -> String {
    """
    receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0"}}}}
    exporters: {\(type): \(options)}
    service:
      telemetry: {metrics: {address: "127.0.0.1:0"}}
      pipelines: {logs: {receivers: [otlp], exporters: [\(type)]}}
      shutdown_timeout: \(shutdown)
    """
  }

  /// A destination that refuses connections: nothing listens on port 9 of this machine.
  private static func withoutDestination(shutdown: String) -> String {
    withExporterAndAdmin("otlphttp", "{endpoint: \"http://127.0.0.1:9\"}", shutdown: shutdown)
  }

  @Test func deliversWhatItAcceptedAndStops() async throws {
    let folder = try TemporaryFolder()
    let running = try await RunningGateway.start(Self.withFile("\(folder.path)/logs.json"))
    let admin = try running.port("metrics and health")
    #expect(try await call("GET", "/healthz", port: admin).status == 200)
    #expect(try await call("GET", "/readyz", port: admin).status == 200)
    let head = try await call("HEAD", "/readyz", port: admin)
    #expect(head.status == 200 && head.body == "")
    for _ in 0..<3 {
      let reply = try await call("POST", "/v1/logs", port: running.port("receiver otlp"), json: Self.request)
      #expect(reply.status == 200 && reply.body == "{}")
    }
    try await running.stop()
    #expect(running.gateway.lostRecords == 0)
    #expect(folder.text("logs.json")?.components(separatedBy: "\"one\"").count == 4)
    let states = running.log.lines.map(\.message).filter { $0.hasPrefix("gateway ") }
    #expect(states == ["gateway is ready", "gateway is draining", "gateway has stopped"])
    await #expect(throws: HTTPCallError.self) { try await call("GET", "/healthz", port: admin) }
  }

  @Test func whileItDrainsItIsNotReadyAndTakesNothing() async throws {
    let running = try await RunningGateway.start(Self.withoutDestination(shutdown: "5s"))
    let (port, admin) = (try running.port("receiver otlp"), try running.port("metrics and health"))
    #expect(try await call("POST", "/v1/logs", port: port, json: Self.request).status == 200)
    running.triggerShutdown()
    let isDraining = try await eventually { try await call("GET", "/readyz", port: admin).status == 503 }
    #expect(isDraining)
    let readiness = try await call("GET", "/readyz", port: admin).body
    #expect(
      readiness.hasPrefix("{\"status\":\"draining\",\"queues\":[{\"exporter\":\"otlphttp\",\"queued_records\":2,"))
    #expect(try await call("GET", "/healthz", port: admin).status == 200)
    let isClosed = try await eventually { (try? await call("POST", "/v1/logs", port: port, json: Self.request)) == nil }
    #expect(isClosed)
    running.cancel()
    try? await running.end()
  }

  /// `Tests/EndToEnd/test_shutdown_delay.py` lets the time pass.
  @Test func beforeItDrainsItServesForAWhile() async throws {
    let yaml = Self.withoutDestination(shutdown: "100ms") + "\n  shutdown_delay: 1h"
    let running = try await RunningGateway.start(yaml)
    let (port, admin) = (try running.port("receiver otlp"), try running.port("metrics and health"))
    running.announceShutdown()
    let isLeaving = try await eventually { try await call("GET", "/readyz", port: admin).status == 503 }
    #expect(isLeaving)
    #expect(try await call("GET", "/readyz", port: admin).body.hasPrefix("{\"status\":\"leaving\","))
    #expect(try await call("POST", "/v1/logs", port: port, json: Self.request).status == 200)
    running.announceShutdown()
    try await Task.sleep(for: .milliseconds(50))
    #expect(try await call("POST", "/v1/logs", port: port, json: Self.request).status == 200)
    try await running.stop()
    let states = running.log.lines.map(\.message).filter { $0.hasPrefix("gateway ") }
    #expect(states == ["gateway is ready", "gateway is leaving", "gateway is draining", "gateway has stopped"])
    #expect(running.gateway.lostRecords == 4)
  }

  @Test func aDelayOfNothingIsOver() async throws {
    let running = try await RunningGateway.start(Self.withoutDestination(shutdown: "100ms"))
    running.announceShutdown()
    try await running.end()
    #expect(running.log.lines("gateway is draining").count == 1)
  }

  @Test func saysWhatWasLostWhenTheDeadlinePassed() async throws {
    let running = try await RunningGateway.start(Self.withoutDestination(shutdown: "100ms"))
    #expect(try await call("POST", "/v1/logs", port: running.port("receiver otlp"), json: Self.request).status == 200)
    try await running.stop()
    #expect(running.gateway.lostRecords == 2)
    let line = running.log.lines("records were not delivered before the deadline and are lost").first
    #expect(line?.level == .error)
    #expect(line?.fields["exporter"] == "otlphttp" && line?.fields["records"] == "2")
  }

  @Test func aPortThatIsTakenEndsTheStartAndClosesTheRest() async throws {
    let first = try await RunningGateway.start(Self.withoutDestination(shutdown: "100ms"))
    let taken = try first.port("receiver otlp")
    let yaml = Self.withoutDestination(shutdown: "100ms").replacingOccurrences(
      of: "{http: {endpoint: \"127.0.0.1:0\"}}",
      with: "{grpc: {endpoint: \"127.0.0.1:0\"}, http: {endpoint: \"127.0.0.1:\(taken)\"}}")
    let log = LogCapture()
    let gateway = try await Gateway(
      loadStandard(yaml), loops: .shared, logger: log.logger)
    await #expect {
      try await gateway.run()
    } throws: {
      "\($0)" == "cannot listen on 127.0.0.1:\(taken) for receiver otlp: Address already in use"
    }
    let opened = log.lines("listening").compactMap { Int($0.fields["address"]?.split(separator: ":").last ?? "") }
    #expect(opened.count == 1)
    for port in opened {
      await #expect(throws: HTTPCallError.self) { try await call("GET", "/", port: port) }
    }
    try await first.stop()
  }

  @Test func listensOnEveryInterfaceWithoutAHost() async throws {
    let yaml = Self.withoutDestination(shutdown: "1s").replacingOccurrences(of: "127.0.0.1:0\"}}", with: ":0\"}}")
    let running = try await RunningGateway.start(yaml)
    #expect(try await call("POST", "/v1/logs", port: running.port("receiver otlp"), json: "{}").status == 200)
    try await running.stop()
  }

  /// One gateway sends to another, each with a certificate that the other checks.
  @Test(arguments: ["otlp", "otlphttp"])
  func gatewaysSpeakTLSWithEachOther(_ type: String) async throws {
    let made = try TestCertificates.made.get()
    let pair = "cert_file: \(made.cert), key_file: \(made.key)"
    let folder = try TemporaryFolder()
    let second = try await RunningGateway.start(
      """
      receivers:
        otlp: {protocols: {grpc: {endpoint: "127.0.0.1:0", tls: {\(pair), client_ca_file: \(made.cert), min_version: "1.3"}}}}
      exporters: {file: {path: \(folder.path)/logs.json}}
      service:
        telemetry: {metrics: {level: none}}
        pipelines: {logs: {receivers: [otlp], exporters: [file]}}
      """)
    let port = try second.port("receiver otlp")
    let endpoint = type == "otlp" ? "localhost:\(port)" : "https://localhost:\(port)"
    let first = try await RunningGateway.start(
      Self.withExporterAndAdmin(
        type, "{endpoint: \"\(endpoint)\", tls: {ca_file: \(made.cert), \(pair)}}", shutdown: "20s"))
    #expect(try await call("POST", "/v1/logs", port: first.port("receiver otlp"), json: Self.request).status == 200)
    try await first.stop()
    #expect(first.gateway.lostRecords == 0, "\(first.log.lines)")
    try await second.stop()
    #expect(folder.text("logs.json")?.contains("\"one\"") == true)
  }

  @Test func aSenderWithoutACertificateIsTurnedAway() async throws {
    let made = try TestCertificates.made.get()
    let second = try await RunningGateway.start(
      """
      receivers:
        otlp: {protocols: {grpc: {endpoint: "127.0.0.1:0", tls: {cert_file: \(made.cert), key_file: \(made.key), client_ca_file: \(made.cert)}}}}
      exporters: {nop: }
      service:
        telemetry: {metrics: {address: "127.0.0.1:0"}}
        pipelines: {logs: {receivers: [otlp], exporters: [nop]}}
      """)
    let endpoint = "https://localhost:\(try second.port("receiver otlp"))"
    let first = try await RunningGateway.start(
      Self.withExporterAndAdmin(
        "otlphttp", "{endpoint: \"\(endpoint)\", tls: {ca_file: \(made.cert)}}", shutdown: "500ms"))
    #expect(try await call("POST", "/v1/logs", port: first.port("receiver otlp"), json: Self.request).status == 200)
    try await first.stop()
    #expect(first.gateway.lostRecords == 2)
    let metrics = try await call("GET", "/metrics", port: second.port("metrics and health")).body
    #expect(
      metrics.contains(
        "\nsluice_receiver_accepted_requests{receiver=\"otlp\",transport=\"http\",encoding=\"protobuf\"} 0\n"))
    let port = try second.port("receiver otlp")
    #expect(metrics.contains("cut_off{receiver=\"otlp\",port=\"\(port)\",reason=\"tls_no_client_certificate\"} "))
    let expiry = "\nsluice_receiver_certificate_expiry_seconds{receiver=\"otlp\",protocol=\"grpc\"} "
    let seconds = metrics.firstRange(of: expiry).map { metrics[$0.upperBound...].prefix { $0.isNumber } }
    let left = Int(seconds ?? "").map { $0 - Int(Date().timeIntervalSince1970) }
    #expect(left.map { (86_400...2 * 86_400).contains($0) } == true)
    let line = second.log.lines("TLS handshake failed").first?.fields
    #expect(line?["reason"] == "tls_no_client_certificate" && line?["peer"]?.hasPrefix("127.0.0.1:") == true)
    try await second.stop()
  }

  @Test func withoutMetricsThereIsNoAdminPort() async throws {
    let running = try await RunningGateway.start(withExporter("nop", ""))
    #expect(running.log.lines("listening").map { $0.fields["for"] } == ["receiver otlp"])
    try await running.stop()
  }
}
