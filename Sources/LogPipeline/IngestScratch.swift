import FrameQueues

/// The memory that one event loop decodes and encodes in, reused from request to request.
package final class IngestScratch {
  package var batch = LogBatch()
  /// One for each destination of each pipeline, in their order.
  package private(set) var writers: [Writer] = []
  private let maxEncodedBytes: Int

  /// Scratch whose encoded requests may take `maxEncodedBytes` for each destination.
  package init(maxEncodedBytes: Int = 256 << 20) {
    self.maxEncodedBytes = maxEncodedBytes
  }

  /// Empties the scratch and has a writer ready for every destination.
  func prepare(for ingest: IngestPipeline) {
    batch.reset()
    let wanted = ingest.pipelines.reduce(0) { $0 + $1.destinations.count }
    while writers.count < wanted { writers.append(Writer(maxBytes: maxEncodedBytes)) }
    for writer in writers { writer.frames.removeAll() }
  }

  /// A frame writer with an address of its own, since an array cannot hold what cannot be copied.
  package final class Writer {
    package var frames: FrameWriter
    /// Whether the destination's queue has room set aside for the frames.
    var hasRoom = false

    init(maxBytes: Int) { frames = FrameWriter(maxBytes: maxBytes) }

    /// Sets room aside in the destination's queue.
    func reserve(in destination: Destination) throws(QueueRefusal) {
      hasRoom = false
      try destination.queue.reserve(frames.bytes.count)
      hasRoom = true
    }

    /// Makes room for the frames as the destination says; without room they will be dropped.
    func makeRoom(in destination: Destination) {
      guard !hasRoom, destination.onFull == .dropOldest else { return }
      let evicted = destination.queue.makeRoom(frames.bytes.count)
      destination.count(evicted: evicted)
      try? reserve(in: destination)
    }

    /// Appends the frames if there is room for them, and counts what was not sent.
    func append(to destination: Destination) {
      destination.count(frames.dropped)
      guard hasRoom else { return destination.count(DroppedCounts(frames.records, for: .queueFull)) }
      frames.bytes.withUnsafeBytes { destination.queue.append($0, frames: frames.frames) }
      destination.count(appended: frames.records)
    }
  }
}
