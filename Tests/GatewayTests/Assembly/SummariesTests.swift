import Foundation
import Testing

@testable import Gateway

@Suite struct SummariesTests {
  private func yaml(_ folder: TemporaryFolder, _ interval: String, exporters: String, pipelines: String) -> String {
    """
    receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0"}}}}
    processors:
      log_dedup: {interval: \(interval)}
      attributes: {actions: [{key: seen, value: yes, action: insert}]}
    exporters: {\(exporters)}
    service: {telemetry: {metrics: {level: none}}, pipelines: {\(pipelines)}, shutdown_timeout: 10s}
    """
  }

  private let quick = "sending_queue: {batch: {flush_timeout: 10ms}}"

  private func send(_ body: String, times: Int, to running: RunningGateway) async throws {
    let request = #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"\#(body)"}}]}]}]}"#
    for _ in 0..<times {
      #expect(try await call("POST", "/v1/logs", port: running.port("receiver otlp"), json: request).status == 200)
    }
  }

  private func count(_ part: String, in text: String?) -> Int { (text ?? "").components(separatedBy: part).count - 1 }

  @Test func whatWasSuppressedIsToldWhileTheGatewayRunsAndGoesThroughTheRestOfThePipeline() async throws {
    let folder = try TemporaryFolder()
    let running = try await RunningGateway.start(
      yaml(
        folder, "300ms", exporters: "file: {path: \(folder.path)/a.json, \(quick)}",
        pipelines: "logs: {receivers: [otlp], processors: [log_dedup, attributes], exporters: [file]}"))
    try await send("boom", times: 5, to: running)
    let isTold = try await eventually { self.count("log_count", in: folder.text("a.json")) > 0 }
    #expect(isTold)
    try await running.stop()
    let text = folder.text("a.json") ?? ""
    #expect(text.contains(#"{"key":"log_count","value":{"intValue":""#))
    #expect(count(#"{"key":"seen""#, in: text) == count("\"boom\"", in: text))
  }

  @Test func whatIsLeftIsToldAtTheEnd() async throws {
    let folder = try TemporaryFolder()
    let running = try await RunningGateway.start(
      yaml(
        folder, "1h", exporters: "file: {path: \(folder.path)/a.json, \(quick)}",
        pipelines: "logs: {receivers: [otlp], processors: [log_dedup], exporters: [file]}"))
    try await send("boom", times: 4, to: running)
    try await running.stop()
    let text = folder.text("a.json") ?? ""
    #expect(count("\"boom\"", in: text) == 2)
    #expect(text.contains(#"{"key":"log_count","value":{"intValue":"3"}}"#))
  }

  @Test func everyPipelineSuppressesForItself() async throws {
    let folder = try TemporaryFolder()
    let running = try await RunningGateway.start(
      yaml(
        folder, "1h",
        exporters: "file/a: {path: \(folder.path)/a.json, \(quick)}, file/b: {path: \(folder.path)/b.json, \(quick)}",
        pipelines: """
          logs/a: {receivers: [otlp], processors: [log_dedup], exporters: [file/a]},
          logs/b: {receivers: [otlp], processors: [log_dedup], exporters: [file/b]}
          """))
    try await send("boom", times: 2, to: running)
    try await running.stop()
    for name in ["a.json", "b.json"] {
      #expect(count("\"boom\"", in: folder.text(name)) == 2)
      #expect(folder.text(name)?.contains(#""intValue":"1""#) == true)
    }
  }
}
