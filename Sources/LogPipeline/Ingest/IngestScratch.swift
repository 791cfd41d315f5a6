// decision: docs/decisions/0306-exclusive-access.md

import FrameQueues
import Synchronization

/// The memory that one event loop decodes and encodes in, reused from request to request.
package final class IngestScratch {
  package var batch = LogBatch()
  /// The request of another signal that is worked on.
  var passing = SignalRequest()
  /// One for each outlet of the pipelines, in their order.
  package private(set) var writers: [Writer] = []
  /// The writer of the outlet that comes next.
  var nextWriter = 0
  /// The size of the request's body.
  var bodyBytes = 0
  /// What of the request is whose; empty if nobody asks for tenants.
  var tenants = TenantParts()
  /// What routers have decided about the records of the batches that they are at work on, the outermost first.
  var marks: [RoutingTable.Targets] = []
  /// Whose the resources are of the request that is worked on, if anybody wants to know.
  var uses = RequestUses()
  /// Which of all scratches it is, from 0.
  let number = IngestScratch.made.add(1, ordering: .relaxed).oldValue
  private static let made = Atomic<Int>(0)
  private static let maxKeptMarks = 1 << 18
  private static let maxKeptBytes = 1 << 20
  private let maxEncodedBytes: Int

  /// Scratch whose encoded requests may take `maxEncodedBytes` for each destination.
  package init(maxEncodedBytes: Int = 256 << 20) {
    self.maxEncodedBytes = maxEncodedBytes
  }

  /// Records of the request that is worked on, or the items of one of another signal.
  package var receivedRecords: Int { batch.records.count &+ passing.items }

  /// Empties the scratch and has a writer ready for every destination.
  func prepare(for ingest: IngestPipeline) {
    batch.reset()
    passing.removeAll()
    while writers.count < ingest.outlets.count { writers.append(Writer(maxBytes: maxEncodedBytes)) }
    for writer in writers { writer.reset() }
    nextWriter = 0
    tenants = TenantParts()
    uses.reset()
    marks.removeAll(keepingCapacity: marks.capacity <= Self.maxKeptMarks)
  }

  /// Lets go of the request that was worked on, and gives back what memory only large requests need.
  package func release() {
    batch.reset()
    passing.removeAll()
    for writer in writers where writer.frames.bytes.count > Self.maxKeptBytes { writer.reset() }
  }

  /// A frame writer with an address of its own, since an array cannot hold what cannot be copied.
  package final class Writer {
    package var frames: FrameWriter
    /// Records that entered the destination's pipeline.
    var received = 0
    /// Records among them that its processors removed.
    var filtered = 0
    /// Whether the destination's queue has room set aside for the frames.
    var hasRoom = false
    /// Bytes that were appended to the destination's queue.
    private(set) var appendedBytes = 0
    /// What the destination knows of the request's metadata, until that is settled.
    private var combination: [UInt8]?

    init(maxBytes: Int) { frames = FrameWriter(maxBytes: maxBytes) }

    func reset() {
      frames.removeAll()
      received = 0
      filtered = 0
      appendedBytes = 0
    }

    /// Has what is encoded be kept apart by the request's metadata, if the destination does that.
    func keepApart(_ request: RequestContext, for destination: Destination) throws(IngestRefusal) {
      guard let gate = destination.metadata else { return }
      do {
        let text = try gate.admit(request, front: destination.front)
        combination = text
        frames.metadata = text
      } catch {
        throw .metadata(error, destination: destination.id)
      }
      do { try frames.beginSection([UInt8]().span.bytes) } catch { throw .unencodable(error) }
    }

    /// Tells the destination what became of a request that was kept apart.
    func settleMetadata(of destination: Destination) {
      guard let text = combination else { return }
      combination = nil
      destination.metadata?.settle(text, came: appendedBytes > 0 ? destination.came : nil)
    }

    /// Encodes what a pipeline's processors have left of the records it received.
    func encode(_ batch: borrowing LogBatch, received: Int, for destination: Destination) throws(EncodeError) {
      self.received = received
      filtered = received &- batch.records.count
      frames.keepsDropped = destination.keepsDropped
      try destination.dialect.encode(batch, into: &frames)
    }

    /// Encodes what a pipeline's processors have left of the items it received.
    func encode(_ request: SignalRequest, received: Int, for destination: Destination) throws(EncodeError) {
      self.received = received
      filtered = received &- request.items
      frames.keepsDropped = destination.keepsDropped
      try destination.dialect.encode(request, into: &frames)
    }

    /// Whether there is nothing for the destination's queue; then it is not asked.
    private var isEmpty: Bool { frames.frames.isEmpty }

    /// Sets room aside in the destination's queue.
    func reserve(in destination: Destination) throws(QueueRefusal) {
      hasRoom = isEmpty
      if isEmpty { return }
      try destination.queue.reserve(frames.bytes.count)
      hasRoom = true
    }

    /// Makes room for the frames as the destination says; without room they will be dropped. Whatever else keeps the
    /// queue from taking them is an error.
    func makeRoom(in destination: Destination) throws(QueueRefusal) {
      guard !hasRoom, destination.onFull == .dropOldest else { return }
      let evicted = destination.queue.makeRoom(frames.bytes.count)
      destination.count(evicted: evicted)
      do throws(QueueRefusal) { try reserve(in: destination) } catch { if !error.isForLackOfRoom { throw error } }
    }

    /// Appends the frames if there is room for them, and counts what became of the records; nil if they were dropped.
    func append(to destination: Destination) throws(QueueRefusal) -> FramePosition? {
      guard hasRoom else {
        count(in: destination)
        destination.count(DroppedCounts(frames.records, for: .queueFull))
        return nil
      }
      hasRoom = false
      if isEmpty {
        count(in: destination)
        return nil
      }
      let position = try frames.bytes.withUnsafeBytes { bytes throws(QueueRefusal) in
        try destination.queue.append(bytes, frames: frames.frames)
      }
      appendedBytes = frames.bytes.count
      count(in: destination)
      destination.count(appended: FrameTotals(bytes: frames.bytes.count, records: frames.records))
      return position
    }

    private func count(in destination: Destination) {
      destination.count(received: received, filtered: filtered)
      destination.count(frames.dropped, kept: frames.kept)
      destination.count(frames.changes)
    }
  }
}
