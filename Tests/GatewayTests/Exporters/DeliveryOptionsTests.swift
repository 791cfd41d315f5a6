import LogExport
import Testing

@testable import Gateway

@Suite struct DeliveryOptionsTests {
  /// Every option of `sending_queue`, `retry_on_failure` and `timeout`, none at its default.
  static let everyOption = """
    timeout: 2m
    sending_queue:
      enabled: true
      sizer: bytes
      queue_size: 11MiB
      num_consumers: 12
      on_full: drop_newest
      wait_for_result: true
      directory: /var/lib/sluice/queue
      fsync: never
      unsynced_size: 10MiB
      set_aside_size: 9MiB
      batch: {sizer: bytes, min_size: 13KiB, max_size: 14MiB, flush_timeout: 15ms}
    retry_on_failure:
      enabled: false
      initial_interval: 16ms
      max_interval: 17s
      multiplier: 18
      max_elapsed_time: 19m
      max_retry_after: 20s
    adaptive_concurrency: {enabled: false}
    dead_letter: {path: letters.ndjson, max_megabytes: 21, max_backups: 22, fsync: false, give_up_after: 23s}
    """

  /// What `everyOption` cannot give besides.
  static let neverGiven = ["sending_queue.storage", "sending_queue.batch.partition", "queue"]

  static var everyOptionRead: ExportLoopOptions {
    var loop = ExportLoopOptions()
    loop.requestTimeout = .seconds(120)
    loop.consumers = 12
    loop.minBatchBytes = 13 << 10
    loop.maxBatchBytes = 14 << 20
    loop.flushTimeout = .milliseconds(15)
    loop.retry.isEnabled = false
    loop.retry.initialInterval = .milliseconds(16)
    loop.retry.maxInterval = .seconds(17)
    loop.retry.multiplier = 18
    loop.retry.maxElapsedTime = .seconds(19 * 60)
    loop.retry.maxRetryAfter = .seconds(20)
    loop.isAdaptive = false
    loop.maxAsideBytes = 9 << 20
    loop.rejectionsGiveUpAfter = .seconds(23)
    return loop
  }

  private func delivery(_ options: String) throws -> DeliveryOptions {
    let (component, _): (NopExporterOptions, _) = try component("nop", options)
    return component.delivery
  }

  @Test func theLongestWaitIsNotLessThanTheFirst() throws {
    let retry = { (options: String) throws in
      let (nop, _): (NopExporterOptions, _) = try component("nop", "retry_on_failure: {\(options)}")
      return [nop.delivery.loop.retry.initialInterval, nop.delivery.loop.retry.maxInterval]
    }
    #expect(try retry("initial_interval: 2s, max_interval: 2s") == [.seconds(2), .seconds(2)])
    #expect(try retry("max_interval: 100ms") == [.milliseconds(100), .milliseconds(100)])
    #expect(try retry("initial_interval: 60s") == [.seconds(60), .seconds(60)])
    #expect(
      problems("nop", "retry_on_failure: {initial_interval: 2s, max_interval: 1s}") == [
        "f.yaml:4:46: exporters.nop.retry_on_failure.max_interval: max_interval of 1s is less than initial_interval of 2s"
      ])
  }

  @Test func everyOptionArrives() throws {
    let (component, missing): (NopExporterOptions, _) = try component("nop", Self.everyOption)
    #expect(missing == Self.neverGiven)
    let delivery = component.delivery
    #expect(delivery.loop == Self.everyOptionRead)
    #expect(delivery.queueBytes == 11 << 20)
    #expect(delivery.onFull == .dropNewest && delivery.fsync == .never)
    #expect(delivery.unsyncedBytes == 10 << 20)
    #expect(delivery.directory == "/var/lib/sluice/queue" && delivery.storage == nil)
    let letters = try #require(delivery.deadLetters)
    #expect(letters.path == "letters.ndjson" && letters.maxBytes == 21 << 20)
    #expect(letters.maxBackups == 22 && !letters.syncs)
  }

  @Test func aQueueOnDiskCanBeSaidInShort() throws {
    let short = try delivery("queue: {directory: /q, capacity: 77MiB}")
    #expect(short.directory == "/q" && short.queueBytes == 77 << 20 && short.isQueueSizeGiven)
    #expect(try delivery("queue: {directory: /q}").queueBytes == 256 << 20)
    let twice = problems("nop", "queue: {directory: /q}\nsending_queue: {directory: /r}")
    #expect(twice.count == 1 && twice[0].contains("sending_queue says already where the queue is"))
    #expect(problems("nop", "queue: {capacity: 77MiB}").contains { $0.contains("queue.directory: required") })
    #expect(problems("nop", "queue: {directory: /q, capacity: 1048575}").count == 1)
    #expect(problems("nop", "queue: {directory: /q, capacity: 1048576}").isEmpty)
  }

  @Test func theDefaultsAreThoseOfTheLoop() throws {
    var loop = ExportLoopOptions()
    loop.requestTimeout = .seconds(30)
    let delivery = try delivery("")
    #expect(delivery.loop == loop)
    #expect(delivery.queueBytes == 256 << 20)
  }

  /// Without a queue senders hear what became of their records, which wait for nothing.
  @Test func withoutAQueueSendersWaitForDelivery() throws {
    let delivery = try delivery("sending_queue: {enabled: false}")
    #expect(delivery.waitsForDelivery && delivery.isBatchGiven && delivery.loop.flushTimeout == .zero)
    let waiting = try self.delivery("sending_queue: {wait_for_result: true}")
    #expect(waiting.waitsForDelivery && !waiting.isBatchGiven && waiting.loop.flushTimeout > .zero)
    #expect(try !self.delivery("").waitsForDelivery)
  }

  @Test func aSizeOfTheCollectorsThatCountsRequestsHasNoEffect() throws {
    #expect(try delivery("sending_queue: {queue_size: 1000}").queueBytes == 256 << 20)
    #expect(
      problems("nop", "sending_queue: {queue_size: 1000}") == [
        "f.yaml:4:21: warning: exporters.nop.sending_queue.queue_size: has no effect, 256MiB are used: it seems to "
          + "count requests; for bytes add sizer: bytes"
      ])
  }

  @Test(arguments: [("requests", 3), ("items", 2)])
  func aSizeThatIsSaidToCountSomethingElseHasNoEffect(_ sizer: String, _ warnings: Int) throws {
    let options =
      "sending_queue: {sizer: \(sizer), queue_size: 100000000, batch: {min_size: 900000, max_size: 9000000}}"
    let delivery = try delivery(options)
    #expect(delivery.queueBytes == 256 << 20)
    #expect(delivery.loop.maxBatchBytes == 5 << 20)
    let found = problems("nop", options)
    #expect(
      found.count == warnings && found.allSatisfy { $0.contains("has no effect") && $0.hasSuffix("sizer: \(sizer)") })
  }

  @Test(arguments: [("0", 1), ("1", 1), ("8192", 8192)])
  func aBatchMayBeOfSoManyRecords(_ size: String, _ records: Int) throws {
    let loop = try delivery("sending_queue: {batch: {sizer: items, min_size: \(size), flush_timeout: 7s}}").loop
    #expect(loop.minBatchRecords == records && loop.minBatchBytes == loop.maxBatchBytes)
    #expect(loop.flushTimeout == .seconds(7))
    #expect(problems("nop", "sending_queue: {batch: {sizer: items, min_size: \(size)}}") == [])
    #expect(problems("nop", "sending_queue: {batch: {sizer: items, min_size: -1}}").count == 1)
  }

  @Test func bytesMayBeFewWhereTheyAreSaidToBeBytes() throws {
    let delivery = try delivery("sending_queue: {sizer: bytes, queue_size: 1000, batch: {min_size: 10, max_size: 100}}")
    #expect(delivery.queueBytes == 1000)
    #expect(delivery.loop.minBatchBytes == 10 && delivery.loop.maxBatchBytes == 100)
  }

  @Test func aBatchHasItsOwnSizer() throws {
    let delivery = try delivery(
      "sending_queue: {sizer: requests, queue_size: 1000, batch: {sizer: bytes, min_size: 10, max_size: 100}}")
    #expect(delivery.queueBytes == 256 << 20)
    #expect(delivery.loop.minBatchBytes == 10 && delivery.loop.maxBatchBytes == 100)
  }

  @Test(arguments: [(1 << 20, 1 << 20), ((1 << 20) - 1, 256 << 20)])
  func aSizeWithoutSizerIsBytesFromAMebibyteOn(_ size: Int, _ expected: Int) throws {
    #expect(try delivery("sending_queue: {queue_size: \(size)}").queueBytes == expected)
  }

  @Test(arguments: [(64 << 10, 64 << 10), ((64 << 10) - 1, 2 << 20)])
  func aBatchSizeWithoutSizerIsBytesFrom64KiBOn(_ size: Int, _ expected: Int) throws {
    #expect(try delivery("sending_queue: {batch: {min_size: \(size)}}").loop.minBatchBytes == expected)
  }

  @Test func aBatchIsNotLargerThanItMayBe() throws {
    #expect(try delivery("sending_queue: {batch: {min_size: 8MiB}}").loop.maxBatchBytes == 8 << 20)
    #expect(try delivery("sending_queue: {batch: {max_size: 1MiB}}").loop.minBatchBytes == 1 << 20)
    #expect(
      problems("nop", "sending_queue: {batch: {min_size: 2MiB, max_size: 1MiB}}") == [
        "f.yaml:4:29: exporters.nop.sending_queue.batch.min_size: min_size of 2MiB is more than max_size of 1MiB"
      ])
  }

  @Test func storageIsNotTakenForGranted() {
    let found = problems("nop", "sending_queue: {storage: file_storage}")
    #expect(found.count == 1 && found.first?.contains("undefined storage extension") == true)
  }

  @Test(arguments: ["block_on_overflow: true"])
  func saysWhatHasNoEffect(_ option: String) {
    let found = problems("nop", "sending_queue: {\(option)}")
    #expect(found.count == 1 && found.first?.contains("warning: ") == true)
  }

  @Test(arguments: [
    "timeout: 0s", "sending_queue: {num_consumers: 0}", "sending_queue: {num_consumers: 1001}",
    "sending_queue: {queue_size: 2TiB}", "retry_on_failure: {multiplier: 0.5}", "retry_on_failure: {multiplier: 1001}",
  ])
  func keepsItsRanges(_ options: String) {
    let found = problems("nop", options)
    #expect(found.count == 1 && found.first?.contains("expected ") == true)
  }
}
