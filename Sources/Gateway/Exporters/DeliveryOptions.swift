package import LogExport
package import LogPipeline
import Options

/// What every exporter has: a queue, batches, and a way to try again.
package struct DeliveryOptions: Sendable {
  /// Bytes that wait for the destination at most (`sending_queue.queue_size`).
  package var queueBytes: Int
  package var loop: ExportLoopOptions
  /// By what of their requests' metadata records are kept apart (`metadata_keys`); nil if by nothing.
  package var metadata: MetadataKeys?
  /// Whether `sending_queue.queue_size` is given.
  package var isQueueSizeGiven = false
  /// Whether `sending_queue.batch` is given.
  package var isBatchGiven = false
  /// Whether senders are answered once their records are delivered, unless a pipeline says otherwise
  /// (`sending_queue.wait_for_result`, or no queue).
  package var waitsForDelivery = false
  /// The `file_storage` extension that keeps the queue on disk (`sending_queue.storage`).
  package var storage: ExtensionReference?
  /// The folder that keeps the queue on disk (`sending_queue.directory`); nil, without storage, for memory.
  package var directory: String?
  /// When a queue on disk makes sure of it (`sending_queue.fsync`).
  package var fsync = FsyncMode.always
  /// What may wait for the disk where all senders do (`sending_queue.unsynced_size`).
  package var unsyncedBytes = 64 << 20
  /// What becomes of requests that find the queue full (`sending_queue.on_full`).
  package var onFull = OnFull.refuse
  /// Where rejected records are kept (`dead_letter`); nil keeps none.
  package var deadLetters: DeadLetterOptions?
  /// Where `directory` and the path of `deadLetters` are said.
  var directoryOption: KeptPath?
  var deadLettersOption: KeptPath?

  package init(queueBytes: Int = 256 << 20, loop: ExportLoopOptions = ExportLoopOptions()) {
    self.queueBytes = queueBytes
    self.loop = loop
  }
}

extension DeliveryOptions {
  /// The same with a queue of its own for a signal: a folder that is named has the signal behind its name.
  func passing(_ signal: Signal) -> DeliveryOptions {
    var delivery = self
    delivery.directory = directory.map { "\($0)+\(signal.rawValue)" }
    if let directory = delivery.directory { delivery.directoryOption?.path = directory }
    return delivery
  }

  /// The folder of the queue, but for one in a storage, and the file of dead letters.
  func keptPaths(frameFormat: String) -> [KeptPath] {
    var queue = directoryOption
    queue?.kind = .queue(frameFormat: frameFormat)
    return [queue, deadLettersOption].compactMap { $0 }
  }
}

/// When a queue on disk makes sure that the disk has what was appended.
package enum FsyncMode: String, Sendable, CaseIterable {
  /// Before the request is accepted, together with others that wait.
  case always
  /// Once a second.
  case interval
  /// When the system sees fit.
  case never
}
