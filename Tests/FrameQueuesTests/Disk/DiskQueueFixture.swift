import Synchronization
import Testing

@testable import FrameQueues

/// A queue on a simulated disk, with small segments and no thread: tests commit by hand.
final class DiskRig {
  static let directory = "/queue"
  var disk: SimulatedDisk
  var queue: DiskQueue
  let options: DiskQueueOptions
  private let seen = SeenEvents()
  var now = Duration.zero

  static func options(
    capacityBytes: Int = 1 << 20, segmentBytes: Int = 64 << 10, fsync: DiskQueueOptions.Fsync = .always,
    minFrameBytes: Int = 4096, recentBytes: Int = 16 << 20, maxSegmentsForReuse: Int = 4
  ) -> DiskQueueOptions {
    var options = DiskQueueOptions(capacityBytes: capacityBytes)
    options.segmentBytes = segmentBytes
    options.fsync = fsync
    options.minFrameBytes = minFrameBytes
    options.recentBytes = recentBytes
    options.maxSegmentsForReuse = maxSegmentsForReuse
    options.fingerprint = 7
    return options
  }

  init(_ options: DiskQueueOptions = DiskRig.options(), disk: SimulatedDisk = SimulatedDisk()) throws {
    self.options = options
    self.disk = disk
    queue = try DiskQueue(Self.directory, options: options, files: disk)
    try reopen(on: disk.afterKill())
  }

  /// Opens what the disk holds in a new queue; the old one is forgotten.
  func reopen(on disk: SimulatedDisk) throws {
    self.disk = disk
    let seen = seen
    queue = try DiskQueue(Self.directory, options: options, files: disk) { event in
      seen.events.withLock { $0.append(event) }
    }
  }

  /// What was reported since the rig was made.
  var events: [DiskQueueEvent] { seen.events.withLock { $0 } }

  func kill() throws { try reopen(on: disk.afterKill()) }
  func cutPower(seed: UInt64 = 1) throws { try reopen(on: disk.afterPowerCut(seed)) }

  func commit(after time: Duration = .seconds(2)) {
    now += time
    queue.commit(at: now)
  }

  var folder: QueueDirectory { QueueDirectory(path: Self.directory, files: disk) }
  func path(_ segment: UInt64) -> String { Self.directory + "/" + SegmentFormat.fileName(segment) }
  var segments: [String] { disk.paths.filter { $0.hasSuffix(".frames") } }

  /// Leases all there is and returns the bytes of each lease.
  func drain(maxBytes: Int = 1 << 20) -> [[UInt8]] {
    var leases: [[UInt8]] = []
    while let lease = queue.lease(maxBytes: maxBytes) { leases.append(lease.bytes) }
    return leases
  }
}

extension DiskQueue {
  /// Appends one frame.
  @discardableResult
  func append(_ bytes: [UInt8], records: Int = 1) throws(QueueRefusal) -> FramePosition {
    try append(bytes, marks: [FrameMark(endOffset: bytes.count, records: records)])
  }

  /// Appends frames of one record each that end at the given offsets.
  @discardableResult
  func append(_ bytes: [UInt8], frames ends: [Int]) throws(QueueRefusal) -> FramePosition {
    try append(bytes, marks: ends.map { FrameMark(endOffset: $0, records: 1) })
  }

  @discardableResult
  func append(_ bytes: [UInt8], marks: [FrameMark]) throws(QueueRefusal) -> FramePosition {
    try bytes.withUnsafeBufferPointer { bytes throws(QueueRefusal) in
      try append(UnsafeRawBufferPointer(bytes), frames: marks)
    }
  }
}

private final class SeenEvents: Sendable {
  let events = Mutex<[DiskQueueEvent]>([])
}

/// What became of a wait for durability: nil while it lasts.
final class Durability: Sendable {
  private let state = Mutex<QueueRefusal??>(.none)

  init(_ queue: DiskQueue, _ position: FramePosition) {
    queue.whenDurable(position) { [weak self] refusal in self?.state.withLock { $0 = .some(refusal) } }
  }

  var outcome: QueueRefusal?? { state.withLock { $0 } }
  var isDurable: Bool { outcome == .some(nil) }
}
