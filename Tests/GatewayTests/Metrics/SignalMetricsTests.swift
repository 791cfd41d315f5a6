import NIOPosix
import Options
import Testing

@testable import Gateway

@Suite struct SignalMetricsTests {
  private func metrics(_ exporter: String) async throws -> String {
    let configuration = try loadStandard(
      """
      receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0"}}}}
      processors: {rate_limit: {records_per_second: 9}}
      exporters: {\(exporter)}
      service:
        telemetry: {metrics: {level: none}}
        pipelines:
          logs: {receivers: [otlp], exporters: [nop/a]}
          traces: {receivers: [otlp], processors: [rate_limit], exporters: [nop/a]}
      """)
    let group = MultiThreadedEventLoopGroup.singleton
    let assembly = try await Assembly(configuration, group: group, logger: LogCapture().logger)
    defer { Task { await assembly.close() } }
    return GatewayMetrics.text(assembly, uptime: .seconds(1))
  }

  @Test func spansHaveFamiliesOfTheirOwnAndQueuesTheLabelOfTheCollector() async throws {
    let text = try await metrics("nop/a: ")
    for line in [
      "otelcol_receiver_accepted_spans{receiver=\"otlp\",transport=\"grpc\",encoding=\"protobuf\"} 0",
      "otelcol_receiver_refused_spans{receiver=\"otlp\",transport=\"http\",encoding=\"json\"} 0",
      "otelcol_exporter_sent_spans{exporter=\"nop/a\"} 0", "otelcol_exporter_send_failed_spans{exporter=\"nop/a\"} 0",
      "otelcol_processor_incoming_items{processor=\"rate_limit\",otel_signal=\"traces\"} 0",
      "sluice_processor_refused_spans{processor=\"rate_limit\"} 0",
      "otelcol_exporter_sent_log_records{exporter=\"nop/a\"} 0",
      "otelcol_exporter_queue_size{exporter=\"nop/a\",data_type=\"logs\"} 0",
      "otelcol_exporter_queue_size{exporter=\"nop/a\",data_type=\"traces\"} 0",
      "sluice_ledger_spans{exporter=\"nop/a\",state=\"delivered\"} 0",
      "sluice_exporter_dropped_spans{exporter=\"nop/a\",reason=\"queue_full\"} 0",
    ] {
      #expect(text.contains("\n\(line)\n"), "\(line)")
    }
    #expect(!text.contains("metric_points") && !text.contains("+traces"))
    let types = text.split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }
    #expect(Set(types).count == types.count)
    #expect(text.contains("# HELP otelcol_exporter_sent_spans Spans that the destination has taken."))
  }

  @Test(arguments: [
    ("otlp", "otlp", Signal?.none), ("otlp/a+traces", "otlp/a", .traces), ("otlp/a+b", "otlp/a+b", nil),
    ("nop+metrics", "nop", .metrics),
  ])
  func anIDIsToldApartFromItsSignal(_ id: String, _ defined: String, _ signal: Signal?) {
    let split = ComponentID.split(id)
    #expect(split.defined == defined && split.signal == signal)
    #expect(GatewayMetrics.labels("exporter", id).map(\.value) == [defined] + (signal.map { [$0.rawValue] } ?? []))
  }
}
