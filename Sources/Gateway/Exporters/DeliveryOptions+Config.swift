import LogExport
import LogPipeline
import Options

extension DeliveryOptions {
  /// Reads `sending_queue`, `retry_on_failure` and `timeout`, which every exporter has.
  init(_ options: ConfigReader, timeout: Duration, queueBytes: Int = 256 << 20) {
    self.init()
    loop.requestTimeout = options.read(
      "timeout", .duration(in: .milliseconds(1) ... .maxConfigured), default: timeout, "Time for one attempt.")
    options.section("sending_queue", "What waits for the destination, and how it is batched.") { queue in
      self.readQueue(queue, queueBytes: queueBytes)
    }
    readShortQueue(options)
    options.section("retry_on_failure", "When records that were not taken are sent again.") { retry in
      self.readRetry(retry)
    }
    loop.isAdaptive = options.section(
      "adaptive_concurrency",
      "How many batches are under way to a destination that is overloaded; not in the Collector."
    ) {
      $0.read("enabled", .bool, default: true, "Fewer than num_consumers on 429, 503 and timeouts, then more again.")
    }
    deadLetters = options.optionalSection(
      "dead_letter", "Keeps what the destination rejects for good in a file; not in the Collector."
    ) {
      self.readDeadLetters($0)
    }
  }

  private mutating func readDeadLetters(_ options: ConfigReader) -> DeadLetterOptions {
    var letters = DeadLetterOptions()
    letters.path = options.required("path", .nonEmptyString, "The file that lines of JSON are appended to.")
    if !letters.path.isEmpty { deadLettersOption = KeptPath(letters.path, .deadLetters, at: "path", of: options) }
    letters.maxBytes =
      options.read(
        "max_megabytes", .int(in: 1...1_000_000), default: letters.maxBytes >> 20, "The size at which it is set aside.")
      << 20
    letters.maxBackups = options.read(
      "max_backups", .int(in: 1...1000), default: letters.maxBackups, "Files set aside that are kept; older are lost.")
    letters.syncs = options.read(
      "fsync", .bool, default: letters.syncs, "Whether records leave the queue only once the disk has them.")
    loop.rejectionsGiveUpAfter = options.read(
      "give_up_after", .duration(), default: loop.rejectionsGiveUpAfter,
      "Time after which records that the file does not take are given up; 0 for never.")
    return letters
  }

  private mutating func readQueue(_ options: ConfigReader, queueBytes: Int) {
    let isEnabled = options.read(
      "enabled", .bool, default: true,
      "Without it senders are answered once their records are delivered, and no batch waits for more.")
    let sizer = Self.sizer(options)
    isQueueSizeGiven = options.has("queue_size")
    isBatchGiven = options.has("batch")
    self.queueBytes = size(
      options, "queue_size", sizer, least: 1 << 20, default: queueBytes,
      "The most that waits, in bytes; beyond it senders are asked to retry.")
    loop.consumers = options.read(
      "num_consumers", .int(in: 1...1000), default: loop.consumers, "Batches under way at once.")
    onFull = options.read(
      "on_full", .choice(OnFull.refuse), default: onFull,
      "What gives way when the queue is full: the request, or the oldest or newest records; not in the Collector.")
    loop.maxAsideBytes = options.read(
      "set_aside_size", .byteSize(in: (1 << 20)...(1 << 40)), default: loop.maxAsideBytes,
      "Batches of so many bytes may wait for dead letters, or for records that are put off, before they hold up the "
        + "others; not in the Collector.")
    options.ignored("block_on_overflow", because: "a sender that finds no room is answered at once")
    waitsForDelivery = options.read(
      "wait_for_result", .bool, default: false,
      "Whether senders are answered once their records are delivered, as with ack: delivered of their pipelines.")
    readDisk(options)
    options.section("batch", "How much goes into one request.") { batch in self.readBatch(batch, sizer) }
    if !isEnabled {
      waitsForDelivery = true
      isBatchGiven = true
      loop.flushTimeout = .zero
    }
  }

  /// Reads `queue: {directory, capacity}`, which stands for `sending_queue: {directory, queue_size}`.
  private mutating func readShortQueue(_ options: ConfigReader) {
    let bytes = queueBytes
    let short = options.optionalSection("queue", "A queue on disk, said in short; not in the Collector.") { queue in
      (
        directory: queue.required("directory", .nonEmptyString, "The folder that keeps the queue, its own."),
        option: KeptPath("", .queue(frameFormat: ""), at: "directory", of: queue),
        capacity: queue.read(
          "capacity", .byteSize(in: (1 << 20)...(1 << 40)), default: bytes, "The most that waits, in bytes.")
      )
    }
    guard let short else { return }
    if storage != nil || directory != nil {
      options.error(at: "queue", "sending_queue says already where the queue is")
    }
    directory = short.directory
    keep(short.directory, short.option)
    queueBytes = short.capacity
    isQueueSizeGiven = true
  }

  /// Where the queue is kept; without a place it is in memory.
  private mutating func readDisk(_ options: ConfigReader) {
    let storagePlace = options.place(of: "storage")
    if let id = options.optional("storage", .componentID, "The file_storage extension that keeps the queue on disk.") {
      storage = ExtensionReference(id: id, place: storagePlace, path: "\(options.path).storage")
    }
    directory = options.optional(
      "directory", .nonEmptyString, "The folder that keeps the queue on disk, its own; not in the Collector.")
    keep(directory, KeptPath("", .queue(frameFormat: ""), at: "directory", of: options))
    fsync = options.read(
      "fsync", .choice(FsyncMode.always), default: .always,
      "When the disk is made sure of: always before a request is accepted, interval each second, or never.")
    unsyncedBytes = options.read(
      "unsynced_size", .byteSize(in: (1 << 20)...(1 << 40)), default: unsyncedBytes,
      "With ack: disk or delivered, the most that waits to be written to the disk; beyond it senders are asked to "
        + "retry; not in the Collector.")
    if storage != nil && directory != nil {
      options.error(at: "directory", "cannot be given together with storage")
    }
  }

  private mutating func keep(_ directory: String?, _ option: KeptPath) {
    guard let directory, !directory.isEmpty else { return }
    directoryOption = option
    directoryOption?.path = directory
  }

  private mutating func readBatch(_ options: ConfigReader, _ outer: String) {
    let own = Self.sizer(options)
    let sizer = own.isEmpty ? outer : own
    readMinSize(options, sizer)
    loop.maxBatchBytes = size(
      options, "max_size", sizer, least: 64 << 10, default: max(loop.maxBatchBytes, loop.minBatchBytes),
      "The most bytes in one request, before compression.")
    if !options.has("min_size") { loop.minBatchBytes = min(loop.minBatchBytes, loop.maxBatchBytes) }
    loop.flushTimeout = options.read(
      "flush_timeout", .duration(), default: loop.flushTimeout, "The longest wait for more.")
    metadata = options.section("partition", "What never shares a request.") { $0.metadataKeys() }
    if loop.minBatchBytes > loop.maxBatchBytes {
      let (least, most) = (formatByteSize(loop.minBatchBytes), formatByteSize(loop.maxBatchBytes))
      options.error(at: "min_size", "min_size of \(least) is more than max_size of \(most)")
    }
  }

  /// Reads `min_size`, which counts records if the sizer says so.
  private mutating func readMinSize(_ options: ConfigReader, _ sizer: String) {
    let doc = "With so many bytes waiting they are sent at once; with sizer: items so many records."
    guard sizer == "items", options.has("min_size") else {
      return loop.minBatchBytes = size(
        options, "min_size", sizer, least: 64 << 10, default: loop.minBatchBytes, doc)
    }
    let records = options.read("min_size", .int(in: 0 ... .max), default: 0, doc)
    loop.minBatchRecords = max(records, 1)
    loop.minBatchBytes = max(loop.maxBatchBytes, loop.minBatchBytes)
  }

  /// What sizes count: `bytes`, or the Collector's `requests` and `items`; empty if it is not said.
  private static func sizer(_ options: ConfigReader) -> String {
    options.read(
      "sizer", .oneOf(["", "bytes", "requests", "items"]), default: "",
      "What the sizes count; only bytes have an effect.")
  }

  /// Reads a size in bytes. The Collector counts requests or items unless told otherwise, so a size that is said or
  /// seems to be meant so has no effect, and a configuration made for it runs.
  private func size(
    _ options: ConfigReader, _ key: String, _ sizer: String, least: Int, default defaultValue: Int, _ doc: String
  ) -> Int {
    let value = options.read(key, .byteSize(in: 0...(1 << 40)), default: defaultValue, doc)
    let countsBytes = sizer == "bytes" || (sizer.isEmpty && value >= least)
    if countsBytes && value > 0 || !options.has(key) { return value }
    let why = sizer.isEmpty ? "it seems to count requests; for bytes add sizer: bytes" : "sizer: \(sizer)"
    options.warning(at: key, "has no effect, \(formatByteSize(defaultValue)) are used: \(why)")
    return defaultValue
  }

  private mutating func readRetry(_ options: ConfigReader) {
    loop.retry.isEnabled = options.read(
      "enabled", .bool, default: true, "Without it records that are not taken at once are given up.")
    loop.retry.initialInterval = options.read(
      "initial_interval", .duration(), default: loop.retry.initialInterval, "The longest first wait.")
    let longest = max(loop.retry.maxInterval, loop.retry.initialInterval)
    loop.retry.maxInterval = options.read("max_interval", .duration(), default: longest, "The longest wait.")
    if loop.retry.maxInterval < loop.retry.initialInterval {
      let (least, most) = (formatDuration(loop.retry.initialInterval), formatDuration(loop.retry.maxInterval))
      if options.has("initial_interval") {
        options.error(at: "max_interval", "max_interval of \(most) is less than initial_interval of \(least)")
      }
      loop.retry.initialInterval = loop.retry.maxInterval
    }
    loop.retry.multiplier = options.read(
      "multiplier", .double(in: 1...1000), default: loop.retry.multiplier, "How much longer each wait may be.")
    options.ignored("randomization_factor", because: "waits are a random share of the interval")
    loop.retry.maxElapsedTime = options.read(
      "max_elapsed_time", .duration(), default: loop.retry.maxElapsedTime,
      "Time after which records are given up; 0 for never.")
    loop.retry.maxRetryAfter = options.read(
      "max_retry_after", .duration(), default: loop.retry.maxRetryAfter,
      "The longest wait that the destination may ask for; not in the Collector.")
  }
}
