import Foundation
import Testing

@testable import Gateway

@Suite struct GatewayFilesTests {
  @Test func filesOfBothEdgesAreLookedAtAndWhatIsWrongIsTold() async throws {
    let made = try TestCertificates.made.get()
    let folder = try TemporaryFolder()
    let path = { (name: String) in "\(folder.path)/\(name)" }
    for (from, name) in [(made.cert, "cert"), (made.key, "key"), (made.cert, "ca")] {
      try FileManager.default.copyItem(atPath: from, toPath: path(name))
    }
    let running = try await RunningGateway.start(
      """
      receivers:
        otlp: {protocols: {http: {endpoint: "127.0.0.1:0", tls: {cert_file: \(path("cert")), key_file: \(path("key"))}}}}
      exporters: {otlphttp/next: {endpoint: "https://127.0.0.1:9", tls: {ca_file: \(path("ca"))}}}
      service:
        telemetry: {metrics: {address: "127.0.0.1:0"}}
        pipelines: {logs: {receivers: [otlp], exporters: [otlphttp/next]}}
      """)
    try Data("no PEM".utf8).write(to: URL(fileURLWithPath: path("ca")), options: .atomic)
    try Data((String(contentsOfFile: made.cert, encoding: .utf8) + "\n").utf8)
      .write(to: URL(fileURLWithPath: path("cert")), options: .atomic)
    let refused = "files have changed and cannot be used, what they held before still is"
    #expect(
      try await eventually {
        running.log.lines(refused).count == 1 && running.log.lines("files have changed and are in use").count == 1
      })
    let line = running.log.lines(refused).first?.fields
    #expect(line?["component"] == "exporter otlphttp/next" && line?["option"] == "tls")
    #expect(line?["reason"] == "\(path("ca")) holds no certificate in PEM")
    let metrics = try await call("GET", "/metrics", port: running.port("metrics and health")).body
    let labels = "{component=\"receiver otlp\",option=\"protocols.http.tls\"}"
    #expect(metrics.contains("\nsluice_watched_files_reloads\(labels) 1\n"))
    #expect(metrics.contains("\nsluice_watched_files_failing_since_seconds\(labels) 0\n"))
    #expect(
      metrics.contains("\nsluice_watched_files_failures{component=\"exporter otlphttp/next\",option=\"tls\"} 1\n"))
    let readiness = try await call("GET", "/readyz", port: running.port("metrics and health"))
    #expect(readiness.status == 200 && !readiness.body.contains(folder.path))
    let failing = "\"failing_files\":[{\"component\":\"exporter otlphttp/next\",\"option\":\"tls\",\"since\":"
    #expect(readiness.body.contains(failing))
    #expect(readiness.body.contains("\"failures\":1}],\"queues\""))
    try FileManager.default.removeItem(atPath: path("ca"))
    try FileManager.default.copyItem(atPath: made.cert, toPath: path("ca"))
    #expect(
      try await eventually {
        try await !call("GET", "/readyz", port: running.port("metrics and health")).body.contains("failing_files")
      })
    try await running.stop()
  }
}
