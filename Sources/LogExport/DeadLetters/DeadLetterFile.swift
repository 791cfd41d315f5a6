package import FrameQueues
import Glibc
package import LogPipeline
import Synchronization

/// Where rejected records are kept (`dead_letter`).
package struct DeadLetterOptions: Sendable, Equatable {
  /// The file that lines are appended to (`path`).
  package var path = ""
  /// At this size the file is set aside and begun anew, so it grows larger only by what one answer rejected
  /// (`max_megabytes`). Default 100 MiB.
  package var maxBytes = 100 << 20
  /// Files set aside that are kept; older ones are lost (`max_backups`). Default 5.
  package var maxBackups = 5
  /// Waits until the disk has the lines before the records count as rejected (`fsync`). Default true.
  package var syncs = true
  /// Header fields that the exporter makes of requests' metadata; letters keep those that are no credentials.
  package var metadataHeaders: [MetadataHeader] = []

  package init() {}
}

/// What a dead letter file took and lost since the start.
package struct DeadLetterCounts: Sendable, Equatable {
  /// Records kept, with the bytes they had in the queue.
  package var kept = FrameTotals.zero
  /// Records of files that were removed to make room, with the bytes of those files.
  package var evicted = FrameTotals.zero

  package init() {}

  /// The sum of what two files took and lost.
  package static func + (one: DeadLetterCounts, two: DeadLetterCounts) -> DeadLetterCounts {
    var sum = one
    sum.kept += two.kept
    sum.evicted += two.evicted
    return sum
  }
}

/// Keeps rejected records in a bounded, rotating file of dead letters. A full disk makes it throw, so that records
/// stay queued.
package final class DeadLetterFile: RejectionSink {
  private let file: Mutex<FileWriter>
  private let evictions: Evictions
  private let keptTotals = Mutex(FrameTotals.zero)
  private let thread = FileThread()
  private let metadataHeaders: [MetadataHeader]
  private let time: ExportTime

  package init(_ options: DeadLetterOptions, time: ExportTime = .system) {
    var rotation = FileRotation()
    rotation.maxBytes = max(options.maxBytes, 1)
    rotation.maxBackups = max(options.maxBackups, 1)
    var file = FileSenderOptions()
    file.path = options.path
    file.syncs = options.syncs
    file.rotation = rotation
    file.isShared = true
    let evictions = Evictions()
    self.file = Mutex(FileWriter(file, time: time, removeBackup: { evictions.remove($0) }))
    self.evictions = evictions
    metadataHeaders = options.metadataHeaders
    self.time = time
  }

  deinit { file.withLock { $0.close() } }

  /// Keeps nothing more; does not wait for a disk that hangs.
  package func close() async {
    await thread.stop { [self] in file.withLock { $0.close() } }
  }

  package var counts: DeadLetterCounts {
    var counts = DeadLetterCounts()
    counts.kept = keptTotals.withLock { $0 }
    counts.evicted = evictions.totals
    return counts
  }

  package func take(_ rejected: [RejectedRecords]) async throws {
    try await thread.run { try self.append(rejected) }
  }

  private func append(_ rejected: [RejectedRecords]) throws {
    var encoder = DeadLetterEncoder(metadataHeaders)
    let now = time.unixMilliseconds()
    for records in rejected { encoder.append(records, unixMilliseconds: now) }
    let failure = encoder.lines.withUnsafeBytes { lines in file.withLock { $0.append(lines) } }
    if let failure { throw failure }
    keptTotals.withLock { totals in
      for records in rejected { totals += records.body.totals }
    }
  }
}

/// Removes files and counts their records.
private final class Evictions: Sendable {
  private let state = Mutex(FrameTotals.zero)

  var totals: FrameTotals { state.withLock { $0 } }

  /// Nothing is counted if another was faster.
  func remove(_ path: String) {
    guard var reader = try? DeadLetterReader(path: path) else {
      _ = unlink(path)
      return
    }
    guard unlink(path) == 0 else { return }
    var records = 0
    while let line = try? reader.next() { records &+= line.letter?.records ?? 1 }
    let totals = FrameTotals(bytes: reader.offset, records: records)
    state.withLock { $0 += totals }
  }
}
