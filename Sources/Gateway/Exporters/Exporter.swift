import FrameQueues
import LogExport
import LogPipeline
import Logging

/// All that an exporter is made of: two that are equal are as good as one.
struct ExporterPlan: Sendable, Equatable {
  let id: String
  /// What its section says.
  let content: ComponentContent
  /// Its queue and loop, as the pipelines' processors size them.
  let delivery: DeliveryOptions
  /// The folder that keeps the queue; nil for memory.
  let directory: String?
  /// True if all senders wait until their records are on the disk, so that the queue need not write before.
  let allSendersWait: Bool
  /// The files and folders that it writes.
  var paths: [String] = []
  /// By what of requests' metadata records are kept apart; nil if by nothing.
  var metadata: MetadataKeys?
  /// What the extensions say whose credentials it presents.
  var credentialContents: [ComponentContent] = []

  static func == (one: ExporterPlan, two: ExporterPlan) -> Bool {
    one.id == two.id && one.content == two.content && one.directory == two.directory
      && one.paths == two.paths && one.allSendersWait == two.allSendersWait
      && one.credentialContents.say(sameAs: two.credentialContents)
      && one.delivery.loop == two.delivery.loop
      && one.delivery.queueBytes == two.delivery.queueBytes
      && one.metadata == two.metadata
  }
}

/// One exporter at work: its queue, the loop that empties it and the sender that carries its bodies.
struct Exporter: Sendable {
  let id: String
  let destination: Destination
  let loop: ExportLoop
  let sender: any Sender
  /// Keeps what the destination rejects; nil if nothing does.
  let deadLetters: DeadLetterFile?
  /// What of the queue's folder could not be read.
  let damage: QueueDamage
  let plan: ExporterPlan

  /// Makes the parts.
  init(
    _ plan: ExporterPlan, component: any ExporterOptions, parts: SenderParts, logger: Logger
  ) throws {
    let (id, delivery, directory) = (plan.id, plan.delivery, plan.directory)
    self.plan = plan
    self.id = id
    let damage = QueueDamage()
    self.damage = damage
    let queue = try Self.queue(
      plan, frameFormat: component.frameFormat
    ) { event in
      damage.note(event)
      logger.log(
        level: event.logLevel, "\(event.summary)", metadata: ["exporter": "\(id)", "directory": "\(directory ?? "")"])
    }
    let dialect = try component.makeDialect()
    deadLetters = delivery.deadLetters.map { letters in
      var letters = letters
      letters.metadataHeaders = plan.metadata?.headers ?? []
      return DeadLetterFile(letters)
    }
    var options = delivery.loop
    options.sharesBacklog = component.compression != .none
    let desk = RejectionDesk(deadLetters ?? DropRejections(), options: options)
    let drops = Drops(of: id, speaking: dialect, desk: deadLetters == nil ? nil : desk, logger: logger)
    destination = Destination(
      id: id, dialect: dialect, queue: queue, onFull: delivery.onFull, metadataKeys: plan.metadata, dropSink: drops)
    sender = try component.makeSender(id: id, of: parts)
    loop = ExportLoop(
      destination: destination, sender: sender, options: options, desk: desk, drops: drops, logger: logger)
  }

  private static func queue(
    _ plan: ExporterPlan, frameFormat: String, _ onEvent: @escaping @Sendable (DiskQueueEvent) -> Void
  ) throws -> any FrameQueue {
    let delivery = plan.delivery
    // A lease never crosses a segment, so a segment holds at least a whole batch.
    let segmentBytes = max(5 << 20, delivery.loop.maxBatchBytes)
    let pacedBytes = 4 * delivery.loop.minBatchBytes
    guard let directory = plan.directory else {
      return MemoryQueue(
        capacityBytes: delivery.queueBytes, segmentBytes: segmentBytes, pacedBytes: pacedBytes)
    }
    var options = DiskQueueOptions(capacityBytes: delivery.queueBytes)
    options.segmentBytes = max(options.segmentBytes, segmentBytes)
    options.recentPieceBytes = max(options.recentPieceBytes, delivery.loop.minBatchBytes)
    options.recentBytes = max(options.recentBytes, 16 * options.recentPieceBytes)
    options.fingerprint = fingerprint(of: frameFormat)
    options.pacedBytes = pacedBytes
    options.leavesWritingToSync = plan.allSendersWait
    options.maxUnsyncedBytes = delivery.unsyncedBytes
    options.fsync =
      switch delivery.fsync {
      case .always: .always
      case .interval: .interval(.seconds(1))
      case .never: .never
      }
    return try DiskQueue.open(directory, options: options, report: onEvent)
  }

  /// Ends connections and files; what is queued stays where it is. False if the queue's disk has not answered by then.
  func close(by deadline: ContinuousClock.Instant) async -> Bool {
    await sender.close()
    // A file that hangs takes no time from the queue.
    async let letters: Void? = deadLetters?.close()
    let isClosed = await destination.queue.shutdown(within: max(deadline - .now, .zero))
    await letters
    return isClosed
  }

  /// FNV-1a of the name of what frames are encoded for.
  static func fingerprint(of format: String) -> UInt64 {
    format.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }

  var readiness: Readiness.Queue {
    let queue = destination.queue
    let counters = loop.counters
    var readiness = Readiness.Queue(
      exporter: id, queuedBytes: queue.queuedBytes, capacityBytes: queue.capacityBytes,
      queuedRecords: queue.queuedRecords)
    readiness.oldestAge = queue.oldestAge
    readiness.failing = counters.failing
    readiness.stuck = counters.stuck
    readiness.deadLetters = counters.rejectionDesk
    readiness.disk = (queue as? DiskQueue).flatMap { Readiness.Disk($0.status, error: $0.fault) }
    return readiness
  }
}

extension DiskQueueEvent {
  /// What happened, for the log.
  fileprivate var summary: String {
    switch self {
    case .tornTail(let file, let bytes): "\(bytes) bytes were cut off the end of \(file): they are no whole frame"
    case .corrupt(let file, let bytes): "\(bytes) bytes of \(file) fail their checksum and are skipped"
    case .passed(let file, let bytes): "\(bytes) bytes of \(file) cannot be read while others can, and are skipped"
    case .quarantined(let file): "a segment cannot be read as a whole and was set aside as \(file)"
    case .framesMissing(let count): "\(count) frames are in no segment"
    case .recordsMissing(let totals, let short):
      "\(totals.records) records that had been written are missing and lost" + (short.map { ": \($0.summary)" } ?? "")
    case .cursorDamaged: "the cursor cannot be read: everything in the queue is sent again"
    case .cursorMissing: "the cursor is missing: everything in the queue is sent again, what was delivered too"
    case .began: "the queue's folder holds nothing of a queue: a new one begins"
    case .lost(let totals): "\(totals.records) records were lost to damage of the disk"
    case .failed(let error): "the queue cannot be written, requests are refused until it can: \(error)"
    case .unreadable(let error): "the queue cannot be read, nothing is skipped and it is tried again: \(error)"
    case .recovered: "the queue can be written and read again"
    case .folderReplaced(let kept, let lost):
      "the queue's folder was replaced: \(kept.records) records are kept in the new one, \(lost.records) are lost"
    }
  }

  fileprivate var logLevel: Logger.Level {
    switch self {
    case .recovered, .began: .info
    case .tornTail, .cursorMissing: .warning
    default: .error
    }
  }
}

extension ShortSegment {
  fileprivate var summary: String {
    bytes.map { "\(file) has \($0) bytes, expected at least \(expectedBytes)" }
      ?? "\(file) is gone, expected with at least \(expectedBytes) bytes"
  }
}
