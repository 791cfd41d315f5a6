import Foundation
import NIOPosix
import Testing

@testable import Gateway

@Suite struct DiskQueueMetricsTests {
  /// The metrics of a gateway that has not run.
  private func metrics(_ queue: String) async throws -> [String] {
    let configuration = try loadStandard(withExporter("nop", queue))
    let assembly = try await Assembly(
      configuration, group: MultiThreadedEventLoopGroup.singleton, logger: LogCapture().logger)
    let text = GatewayMetrics.text(assembly, uptime: .zero)
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
    #expect(lines.contains("sluice_disk_queue_set_aside_segments{exporter=\"nop\"} 0"))
    let free = try #require(lines.first { $0.hasPrefix("sluice_disk_queue_free_bytes") })
    #expect((Int(free.split(separator: " ").last ?? "") ?? 0) > 1 << 20)
  }

  @Test func whatWasSetAsideOrIsMissingIsCounted() async throws {
    let damage = QueueDamage()
    #expect(damage.counts.isEmpty)
    damage.note(.quarantined(file: "a"))
    damage.note(.framesMissing(count: 5))
    damage.note(.framesMissing(count: .max))
    damage.note(.cursorDamaged)
    #expect(damage.counts.setAsideSegments == 1 && !damage.counts.isEmpty)
    let folder = try TemporaryFolder()
    let directory = "\(folder.path)/queue"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
    let garbage = Data(repeating: 7, count: 10_000)
    #expect(FileManager.default.createFile(atPath: "\(directory)/00000000000000000001.frames", contents: garbage))
    let lines = try await metrics("sending_queue: {directory: \(directory)}")
    #expect(lines.contains("sluice_disk_queue_set_aside_segments{exporter=\"nop\"} 1"), "\(lines)")
    #expect(lines.contains("sluice_disk_queue_missing_frames{exporter=\"nop\"} 0"), "\(lines)")
  }
}
