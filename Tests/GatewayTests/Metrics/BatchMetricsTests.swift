import LogPipeline
import NIOPosix
import Testing

@testable import Gateway

@Suite struct BatchMetricsTests {
  private func sizing(_ pipelines: String) throws -> PipelineSizing {
    PipelineSizing(
      try loadStandard(
        """
        receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0"}}}}
        processors: {batch: {}, batch/slow: {timeout: 9s}, batch/idle: {}, memory_limiter: {limit_mib: 100}}
        exporters: {nop/a: , nop/b: , nop/c: }
        service:
          telemetry: {metrics: {level: none}}
          pipelines:
            \(pipelines)
        """))
  }

  /// Of several before an exporter the first counts, as it does for the size.
  @Test func aBatchProcessorHasTheExportersThatGoByIt() throws {
    let sizing = try sizing(
      """
      logs: {receivers: [otlp], processors: [memory_limiter, batch], exporters: [nop/a, nop/b]}
          logs/2: {receivers: [otlp], processors: [batch/slow], exporters: [nop/b, nop/c]}
          logs/3: {receivers: [otlp], exporters: [nop/a]}
      """)
    #expect(
      sizing.batchers == [
        Sizer(id: "batch", exporters: ["nop/a", "nop/b"]), Sizer(id: "batch/slow", exporters: ["nop/c"]),
      ])
    #expect(sizing.limiters == [Sizer(id: "memory_limiter", exporters: ["nop/a", "nop/b"])])
  }

  /// Batches of two signals are told apart, and one without metadata_keys has one combination.
  @Test func metricsOfBatchesNameTheProcessorAndTheSignal() async throws {
    let configuration = try loadStandard(
      """
      receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0"}}}}
      processors: {batch: {}}
      exporters: {nop: }
      service:
        telemetry: {metrics: {level: none}}
        pipelines:
          logs: {receivers: [otlp], processors: [batch], exporters: [nop]}
          traces: {receivers: [otlp], processors: [batch], exporters: [nop]}
      """)
    let assembly = try await Assembly(
      configuration, group: MultiThreadedEventLoopGroup.singleton, logger: LogCapture().logger)
    let page = GatewayMetrics.text(assembly)
    await assembly.close()
    for (labels, value) in [("processor=\"batch\"", 1), ("processor=\"batch\",data_type=\"traces\"", 1)] {
      #expect(page.contains("\notelcol_processor_batch_metadata_cardinality{\(labels)} \(value)\n"))
      #expect(page.contains("\notelcol_processor_batch_timeout_trigger_send{\(labels)} 0\n"))
    }
    for signal in ["logs", "traces"] {
      #expect(page.contains("\notelcol_processor_incoming_items{processor=\"batch\",otel_signal=\"\(signal)\"} 0\n"))
    }
  }

  @Test func histogramsAreAdded() {
    let (one, two) = (Histogram(.items), Histogram(.items))
    one.observe(5)
    two.observe(5000)
    let sums = GatewayMetrics.sums([([MetricLabel("a", "b")], [one.snapshot, two.snapshot]), ([], [])])
    #expect(sums.count == 1 && sums[0].1.count == 2 && sums[0].1.sum == 5005)
    #expect(one.snapshot.count == 1)
  }
}
