import FrameQueues
import LogPipeline
import NIOPosix
import Testing

@testable import Gateway

@Suite struct ExporterCountsTests {
  private func exporter(_ options: String = "") async throws -> Exporter {
    let assembly = try await Assembly(
      loadStandard(withExporter("nop", options)), group: MultiThreadedEventLoopGroup.singleton,
      logger: LogCapture().logger)
    return try #require(assembly.exporters.first)
  }

  private func append(_ records: Int, to exporter: Exporter) throws {
    let queue = exporter.destination.queue
    try queue.reserve(10)
    let bytes = [UInt8](repeating: 0, count: 10)
    _ = try bytes.withUnsafeBytes { try queue.append($0, frames: [FrameMark(endOffset: 10, records: records)]) }
  }

  @Test func theNextOfTheNameGoesOnCounting() async throws {
    let (first, second, third) = (try await exporter(), try await exporter(), try await exporter())
    for exporter in [first, second, third] { try append(3, to: exporter) }
    let queue = first.destination.queue
    queue.acknowledge(try #require(queue.lease(maxBytes: 100)))
    var former = FormerExporters()
    former.leaving = [first, second]
    #expect(former.counts(with: [third]).map(\.id) == ["nop"])
    let before = try #require(former.counts(with: [third]).first)
    #expect(before.ledger.queued.records == 6)
    former.end(first)
    #expect(former.leaving.count == 1)
    let after = try #require(former.counts(with: [third]).first)
    #expect(after.ledger == before.ledger && after.loop == before.loop)
    former.forget(allBut: [third])
    #expect(former.counts(with: [third]).first?.ledger == before.ledger)
    former.leaving = []
    former.forget(allBut: [])
    #expect(former.counts(with: [third]).first?.ledger.queued.records == 3)
  }

  /// The next finds what the first left, and had not recovered it from an earlier process.
  @Test func aQueueThatChangesHandsIsCountedOnce() async throws {
    let folder = try TemporaryFolder()
    let options = "sending_queue: {directory: \(folder.path)/queue}"
    let first = try await exporter(options)
    try append(3, to: first)
    #expect(await first.close(by: .now + .seconds(5)))
    let second = try await exporter("\(options)\ntimeout: 7s")
    #expect(second.destination.recovered.records == 3)
    var former = FormerExporters()
    former.end(first)
    let counts = try #require(former.counts(with: [second]).first)
    #expect(counts.ledger.recovered == .zero && counts.ledger.queued.records == 3)
    #expect((counts.disk?.syncs ?? 0) > 0 && counts.deadLetters == nil)
    #expect(await second.close(by: .now + .seconds(5)))
  }
}
