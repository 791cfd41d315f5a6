import NIOPosix
import Testing

@testable import Gateway

@Suite struct DiskQueueMetricsTests {
  /// The metrics of a gateway that has not run.
  private func metrics(_ queue: String) async throws -> [String] {
    let configuration = try loadStandard(withExporter("nop", queue))
    let assembly = try await Assembly(
      configuration, group: MultiThreadedEventLoopGroup.singleton, logger: LogCapture().logger)
    let text = GatewayMetrics.text(assembly, ports: [], resource: [], uptime: .zero)
    await assembly.close()
    return text.split(separator: "\n").map(String.init).filter { $0.hasPrefix("sluice_disk_queue_") }
  }

  @Test func aQueueInMemoryHasNoSamples() async throws {
    #expect(try await metrics("sending_queue: {}") == [])
  }

  @Test func aQueueOnDiskSaysHowItIs() async throws {
    let folder = try TemporaryFolder()
    let lines = try await metrics("sending_queue: {directory: \(folder.path)/queue}")
    for sample in [
      "segments{exporter=\"nop\"} 0", "bytes{exporter=\"nop\"} 0", "writable{exporter=\"nop\"} 1",
      "syncs{exporter=\"nop\"} 0", "sync_seconds{exporter=\"nop\"} 0.0", "torn_tails{exporter=\"nop\"} 0",
    ] {
      #expect(lines.contains("sluice_disk_queue_\(sample)"), "\(lines)")
    }
    let free = try #require(lines.first { $0.hasPrefix("sluice_disk_queue_free_bytes") })
    #expect((Int(free.split(separator: " ").last ?? "") ?? 0) > 1 << 20)
  }
}
