import LogExport

extension DeliveryOptions {
  /// Reads `sending_queue`, `retry_on_failure` and `timeout`, which every exporter has.
  init(_ options: ConfigReader, timeout: Duration, queueBytes: Int = 256 << 20) {
    self.init()
    loop.requestTimeout = options.read(
      "timeout", .duration(in: .milliseconds(1) ... .maxConfigured), default: timeout, "Time for one attempt.")
    options.section("sending_queue", "What waits for the destination, and how it is batched.") { queue in
      self.readQueue(queue, queueBytes: queueBytes)
    }
    options.section("retry_on_failure", "When records that were not taken are sent again.") { retry in
      self.readRetry(retry)
    }
  }

  private mutating func readQueue(_ options: ConfigReader, queueBytes: Int) {
    let enabled = options.read("enabled", .bool, default: true, "The queue cannot be switched off.")
    if !enabled { options.error(at: "enabled", "not supported by sluice: records always wait in a queue") }
    _ = options.read("sizer", .oneOf(["bytes"]), default: "bytes", "What queue_size and the batch sizes count.")
    self.queueBytes = options.read(
      "queue_size", .byteSize(in: (1 << 20)...(1 << 40)), default: queueBytes,
      "The most that waits; beyond it senders are asked to retry.")
    loop.consumers = options.read(
      "num_consumers", .int(in: 1...1000), default: loop.consumers, "Batches under way at once.")
    options.ignored("block_on_overflow", because: "a sender that finds no room is answered at once")
    options.ignored("wait_for_result", because: "a request is accepted when its records are queued")
    options.unsupported("storage", because: "queues are kept in memory")
    options.section("batch", "How much goes into one request.") { batch in self.readBatch(batch) }
  }

  private mutating func readBatch(_ options: ConfigReader) {
    let sizes = 1...(1 << 30)
    loop.minBatchBytes = options.read(
      "min_size", .byteSize(in: sizes), default: loop.minBatchBytes, "With so much waiting it is sent at once.")
    loop.maxBatchBytes = options.read(
      "max_size", .byteSize(in: sizes), default: loop.maxBatchBytes, "The most in one request, before compression.")
    loop.flushTimeout = options.read(
      "flush_timeout", .duration(), default: loop.flushTimeout, "The longest wait for more.")
    _ = options.read("sizer", .oneOf(["bytes"]), default: "bytes", "What the sizes count.")
    if loop.minBatchBytes > loop.maxBatchBytes {
      let (least, most) = (formatByteSize(loop.minBatchBytes), formatByteSize(loop.maxBatchBytes))
      options.error(at: "min_size", "min_size of \(least) is more than max_size of \(most)")
    }
  }

  private mutating func readRetry(_ options: ConfigReader) {
    loop.retry.isEnabled = options.read(
      "enabled", .bool, default: true, "Without it records that are not taken at once are given up.")
    loop.retry.initialInterval = options.read(
      "initial_interval", .duration(), default: loop.retry.initialInterval, "The longest first wait.")
    loop.retry.maxInterval = options.read(
      "max_interval", .duration(), default: loop.retry.maxInterval, "The longest wait.")
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
