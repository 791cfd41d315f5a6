import LogPipeline
import NIOPosix
import Testing

@testable import Gateway

@Suite struct BatchMetricsTests {
  private func batchers(_ pipelines: String) throws -> [Batcher] {
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
        """)
    ).batchers
  }

  /// Of several before an exporter the first counts, as it does for the size.
  @Test func aBatchProcessorHasTheExportersThatGoByIt() throws {
    let batchers = try batchers(
      """
      logs: {receivers: [otlp], processors: [memory_limiter, batch], exporters: [nop/a, nop/b]}
          logs/2: {receivers: [otlp], processors: [batch/slow], exporters: [nop/b, nop/c]}
          logs/3: {receivers: [otlp], exporters: [nop/a]}
      """)
    #expect(
      batchers == [
        Batcher(id: "batch", exporters: ["nop/a", "nop/b"]), Batcher(id: "batch/slow", exporters: ["nop/c"]),
      ])
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
