import Foundation
import FrameQueues
import LogPipeline
import NIOPosix
import OTLPReceiver
import Testing

@testable import Gateway

@Suite struct AssemblyTests {
  private func assembly(_ yaml: String) async throws -> Assembly {
    try await Assembly(loadStandard(yaml), group: MultiThreadedEventLoopGroup.singleton, logger: LogCapture().logger)
  }

  private let fanOut = """
    receivers: {otlp: {protocols: {http: }}, otlp/b: {protocols: {grpc: }}, otlp/unused: }
    exporters: {nop: , nop/b: , nop/unused: }
    service:
      pipelines:
        logs: {receivers: [otlp], exporters: [nop, nop/b]}
        logs/b: {receivers: [otlp, otlp/b], exporters: [nop/b]}
    """

  /// A request of two records.
  private let request = Array(#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{}},{}]}]}]}"#.utf8)

  @Test func leavesOutWhatNoPipelineNames() async throws {
    let assembly = try await assembly(fanOut)
    #expect(assembly.exporters.map(\.id) == ["nop", "nop/b"])
    #expect(assembly.receivers.map(\.id) == ["otlp", "otlp/b"])
  }

  @Test func anExporterOfTwoPipelinesHasOneQueueThatGetsRecordsOfBoth() async throws {
    let running = try await RunningGateway.start(
      """
      receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0"}}}}
      exporters: {nop: , nop/b: }
      service:
        telemetry: {metrics: {address: "127.0.0.1:0"}}
        pipelines:
          logs: {receivers: [otlp], exporters: [nop, nop/b]}
          logs/b: {receivers: [otlp], exporters: [nop/b]}
      """)
    let port = try running.port("receiver otlp")
    #expect(
      try await call("POST", "/v1/logs", port: port, json: String(decoding: request, as: UTF8.self)).status == 200)
    let metrics = try await call("GET", "/metrics", port: running.port("metrics and health")).body
    #expect(metrics.contains("sluice_exporter_enqueued_log_records{exporter=\"nop\"} 2\n"))
    #expect(metrics.contains("sluice_exporter_enqueued_log_records{exporter=\"nop/b\"} 4\n"))
    #expect(
      metrics.contains(
        "otelcol_receiver_accepted_log_records{receiver=\"otlp\",transport=\"http\",encoding=\"json\"} 2\n"))
    try await running.stop()
  }

  @Test func everyExporterCanBeMadeAndClosed() async throws {
    let folder = try TemporaryFolder()
    let made = try TestCertificates.made.get()
    let assembly = try await assembly(
      """
      receivers: {otlp: {protocols: {grpc: {tls: {cert_file: \(made.cert), key_file: \(made.key)}}}}}
      exporters:
        elasticsearch: {endpoint: "https://127.0.0.1:9", tls: {ca_file: \(made.cert)}}
        victorialogs: {endpoint: "http://127.0.0.1:9"}
        otlp: {endpoint: "127.0.0.1:9", tls: {cert_file: \(made.cert), key_file: \(made.key)}}
        otlphttp: {endpoint: "http://127.0.0.1:9"}
        file: {path: \(folder.path)/a}
        debug:
        nop:
      service:
        pipelines:
          logs: {receivers: [otlp], exporters: [elasticsearch, victorialogs, otlp, otlphttp, file, debug, nop]}
      """)
    #expect(assembly.exporters.count == 7)
    #expect(folder.text("a") == nil, "nothing is opened before it runs")
    await assembly.close()
  }

  @Test func namesTheComponentThatCannotBeMade() async throws {
    let made = try TestCertificates.made.get()
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/ca.pem"
    try FileManager.default.copyItem(atPath: made.cert, toPath: path)
    let configuration = try loadStandard(
      """
      receivers: {otlp: {protocols: {http: }}}
      exporters: {nop: , elasticsearch/a: {endpoint: "https://es", tls: {ca_file: \(path)}}}
      service: {pipelines: {logs: {receivers: [otlp], exporters: [nop, elasticsearch/a]}}}
      """)
    try FileManager.default.removeItem(atPath: path)
    await #expect {
      try await Assembly(configuration, group: MultiThreadedEventLoopGroup.singleton, logger: LogCapture().logger)
    } throws: {
      "\($0)" == "cannot make the exporter elasticsearch/a: tls: \(path): No such file or directory"
    }
  }
}
