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
    /// Records that entered the destination's pipeline.
    var received = 0
    /// Records among them that its processors removed.
    var filtered = 0

    init(maxBytes: Int) { frames = FrameWriter(maxBytes: maxBytes) }

    /// Appends the frames to a queue that has room reserved for them, and counts what became of the records.
    func append(to destination: Destination) throws(QueueRefusal) -> FramePosition {
      let position = try frames.bytes.withUnsafeBytes { bytes throws(QueueRefusal) in
        try destination.queue.append(bytes, frames: frames.frames)
      }
      destination.count(received: received, filtered: filtered)
      destination.count(appended: FrameTotals(bytes: frames.bytes.count, records: frames.records))
      destination.count(frames.dropped)
      return position
    }
  }
}
