import FrameQueues
import Testing

@testable import LogPipeline

@Suite struct IngestScratchTests {
  private func destination(_ capacityBytes: Int, _ onFull: OnFull = .refuse) -> Destination {
    Destination(
      id: "lines", dialect: FileDialect(), queue: MemoryQueue(capacityBytes: capacityBytes), onFull: onFull)
  }

  private func ingest(_ destinations: Destination...) -> IngestPipeline {
    IngestPipeline(
      pipelines: destinations.map { Pipeline(id: "logs", processors: [], destinations: [$0]) }, limits: DecodeLimits())
  }

  /// A writer that holds an encoded request of so many records.
  private func writer(_ scratch: IngestScratch, of records: Int, for destination: Destination) throws
    -> IngestScratch.Writer
  {
    scratch.prepare(for: ingest(destination))
    let writer = try #require(scratch.writers.first)
    var batch = LogBatch()
    var scopeLogs = Message()
    for _ in 0..<records { scopeLogs = scopeLogs + .message(2, .record()) }
    try batch.decode(protobuf: Message.message(1, .message(2, scopeLogs)).bytes, limits: DecodeLimits())
    try writer.encode(batch, received: records + 2, for: destination)
    return writer
  }

  @Test func thereIsAWriterForEachDestinationAndItIsUsedAgain() {
    let scratch = IngestScratch()
    scratch.prepare(for: ingest(destination(1), destination(1), destination(1)))
    let first = scratch.writers.map(ObjectIdentifier.init)
    #expect(first.count == 3)
    scratch.writers[0].frames.bytes.append([1, 2, 3])
    scratch.writers[0].received = 5
    scratch.prepare(for: ingest(destination(1)))
    #expect(scratch.writers.map(ObjectIdentifier.init) == first)
    #expect(scratch.writers[0].frames.bytes.count == 0 && scratch.writers[0].received == 0)
  }

  @Test func framesAreAppendedAndCountedOnce() throws {
    let destination = destination(1 << 20)
    let writer = try writer(IngestScratch(), of: 3, for: destination)
    let bytes = writer.frames.bytes.count
    try writer.reserve(in: destination)
    #expect(writer.hasRoom)
    #expect(try writer.append(to: destination) != nil)
    #expect(!writer.hasRoom)
    #expect(destination.queue.queued == FrameTotals(bytes: bytes, records: 3))
    #expect(destination.appended == FrameTotals(bytes: bytes, records: 3))
    #expect(destination.receivedRecords == 5 && destination.filteredRecords == 2)
  }

  @Test func aQueueWithoutRoomRefusesAndWithoutRoomRecordsAreDropped() throws {
    let destination = destination(10, .dropNewest)
    let writer = try writer(IngestScratch(), of: 3, for: destination)
    #expect(throws: QueueRefusal.self) { try writer.reserve(in: destination) }
    #expect(!writer.hasRoom)
    try writer.makeRoom(in: destination)
    #expect(try writer.append(to: destination) == nil)
    #expect(destination.droppedRecords(.queueFull) == 3 && destination.queue.queued == .zero)
    #expect(destination.receivedRecords == 5)
  }

  @Test func theOldestMakeRoomOnlyIfThatIsSaid() throws {
    let scratch = IngestScratch()
    let bytes = try writer(scratch, of: 3, for: destination(1 << 20)).frames.bytes.count
    for (onFull, evicted) in [(OnFull.dropOldest, 3), (.dropNewest, 0)] {
      let destination = destination(bytes, onFull)
      for _ in 0..<2 {
        let writer = try writer(scratch, of: 3, for: destination)
        do { try writer.reserve(in: destination) } catch { try writer.makeRoom(in: destination) }
        _ = try writer.append(to: destination)
      }
      #expect(destination.evicted.records == evicted && destination.droppedRecords(.queueFull) == 3 - evicted)
      #expect(destination.queue.queued == FrameTotals(bytes: bytes, records: 3))
    }
  }

  @Test func aQueueIsNotAskedForWhatIsEmpty() throws {
    let destination = destination(0)
    let writer = try writer(IngestScratch(), of: 0, for: destination)
    try writer.reserve(in: destination)
    #expect(try writer.append(to: destination) == nil)
    #expect(destination.filteredRecords == 2 && destination.droppedRecords == 0)
  }

  @Test func memoryOfLargeRequestsIsLetGo() throws {
    let scratch = IngestScratch()
    scratch.prepare(for: ingest(destination(1), destination(1)))
    scratch.writers[0].frames.bytes.append([UInt8](repeating: 1, count: 1 << 20))
    scratch.writers[1].frames.bytes.append([UInt8](repeating: 1, count: 1 << 20 + 1))
    try scratch.batch.decode(protobuf: Message.request(records: .record()).bytes, limits: DecodeLimits())
    scratch.release()
    #expect(scratch.batch.records.isEmpty)
    #expect(scratch.writers.map { $0.frames.bytes.count } == [1 << 20, 0])
  }

  @Test func anEncodedRequestIsBounded() throws {
    let destination = destination(1 << 20)
    #expect(throws: EncodeError.self) {
      _ = try writer(IngestScratch(maxEncodedBytes: 20), of: 3, for: destination)
    }
  }
}
