import Foundation
import FrameQueues
import LogPipeline
import NIOPosix
import Testing

@testable import Gateway

@Suite struct ExporterTests {
  private func assembly(_ yaml: String) async throws -> Assembly {
    try await Assembly(loadStandard(yaml), group: MultiThreadedEventLoopGroup.singleton, logger: LogCapture().logger)
  }

  @Test func aQueueHasTheConfiguredSize() async throws {
    let assembly = try await assembly(withExporter("nop", "sending_queue: {sizer: bytes, queue_size: 12345}"))
    #expect(assembly.exporters.first?.destination.queue.capacityBytes == 12345)
    #expect(assembly.exporters.first?.readiness.capacityBytes == 12345)
  }

  @Test(arguments: [("disk", true), ("delivered", true), ("memory", false)])
  func aQueueIsWrittenWithItsSyncsIfAllItsSendersWait(ack: String, isWrittenWithSyncs: Bool) async throws {
    let folder = try TemporaryFolder()
    let assembly = try await assembly(
      """
      receivers: {otlp: {protocols: {http: }}}
      exporters: {nop: {sending_queue: {directory: \(folder.path)/queue}}}
      service:
        pipelines:
          logs: {receivers: [otlp], exporters: [nop], ack: disk}
          logs/b: {receivers: [otlp], exporters: [nop], ack: \(ack)}
      """)
    let queue = try #require(assembly.exporters.first?.destination.queue as? DiskQueue)
    #expect(queue.options.leavesWritingToSync == isWrittenWithSyncs)
    await assembly.close()
  }

  /// The folder of a queue says what its frames are for: the name must come to the same number in every version.
  @Test(
    arguments: [
      ("", 0xCBF2_9CE4_8422_2325), ("a", 0xAF63_DC4C_8601_EC8C), ("foobar", 0x8594_4171_F739_67E8),
    ] as [(String, UInt64)])
  func aFormatHasAFingerprintForGood(format: String, fingerprint: UInt64) {
    #expect(Exporter.fingerprint(of: format) == fingerprint)
  }

  @Test func aQueueInMemoryIsNotOnADisk() async throws {
    let assembly = try await assembly(withExporter("nop", ""))
    let exporter = try #require(assembly.exporters.first)
    #expect(!exporter.destination.queue.isDurable && exporter.readiness.disk == nil && exporter.deadLetters == nil)
    #expect(exporter.readiness.exporter == "nop" && exporter.readiness.queuedRecords == 0)
    #expect(await exporter.close(by: .now + .seconds(10)))
    #expect(throws: QueueRefusal.closed) { try exporter.destination.queue.reserve(1) }
  }

  @Test func aSegmentHoldsAWholeBatch() async throws {
    let folder = try TemporaryFolder()
    let queue = "directory: \(folder.path)/queue, sizer: bytes, queue_size: 1000000000, batch: {max_size: 90000000}"
    let yaml = withExporter("nop", "sending_queue: {\(queue)}")
    let format = try #require(try loadStandard(yaml).exporters.first).options.frameFormat
    let assembly = try await assembly(yaml)
    let disk = try #require(assembly.exporters.first?.destination.queue as? DiskQueue)
    #expect(disk.options.segmentBytes >= 90_000_000)
    #expect(disk.options.fingerprint == Exporter.fingerprint(of: format))
    await assembly.close()
  }
}
