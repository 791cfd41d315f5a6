import FrameQueues
import LogExport
import LogPipeline
import Logging
import Synchronization
import Testing

@Suite struct ExportLoopTests {
  @Test func deliversAndAcknowledges() async throws {
    let rig = Rig { _, _ in .status(200) }
    try await rig.run {
      rig.queue.append(lines: 0..<10)
      #expect(await eventually { rig.isEmpty })
    }
    #expect(rig.sender.sent.flatMap { $0 } == Array(0..<10))
    let counters = rig.loop.counters
    #expect(counters.delivered == FrameTotals(bytes: 50, records: 10))
    #expect(counters.rejected == .zero && counters.settledInQueue == .zero && counters.openLeases == 0)
    #expect(rig.attempts() == [.success: rig.sender.sent.count])
    #expect(rig.loop.durations.inQueue.count == 10)
    #expect(counters.bodyBytes == 50 && counters.wireBytes == rig.sender.sent.count)
    #expect(counters.lastSuccess != nil && counters.failingSince == nil)
  }

  @Test func lingersUntilTheFlushTimeout() async throws {
    let time = TestTime(isManual: true)
    let rig = Rig(time: time) { _, _ in .status(200) }
    try await rig.run {
      rig.queue.append(lines: [1])
      #expect(await eventually { time.sleepers == 1 })
      rig.queue.append(lines: [2])
      time.advance(by: .milliseconds(199))
      try await Task.sleep(for: .milliseconds(20))
      #expect(rig.sender.sent.isEmpty)
      time.advance(by: .milliseconds(1))
      #expect(await eventually { rig.isEmpty })
      #expect(rig.sender.sent == [[1, 2]])
    }
  }

  @Test func sendsAtOnceWhenEnoughWaits() async throws {
    var options = ExportLoopOptions()
    options.minBatchBytes = 15
    let time = TestTime(isManual: true)
    let rig = Rig(time: time, options: options) { _, _ in .status(200) }
    try await rig.run {
      rig.queue.append(lines: [1, 2])
      #expect(await eventually { time.sleepers == 1 })
      try await Task.sleep(for: .milliseconds(20))
      #expect(rig.sender.sent.isEmpty)
      rig.queue.append(lines: [3])
      #expect(await eventually { rig.isEmpty })
      #expect(rig.sender.sent == [[1, 2, 3]])
    }
  }

  @Test func bodiesStayWithinTheMaximum() async throws {
    var options = ExportLoopOptions()
    options.maxBatchBytes = 20
    let rig = Rig(options: options) { _, _ in .status(200) }
    try await rig.run {
      rig.queue.append(lines: 0..<10)
      #expect(await eventually { rig.isEmpty })
    }
    #expect(rig.sender.sent.allSatisfy { $0.count <= 4 })
    #expect(rig.sender.sent.contains { $0.count == 4 })
    #expect(rig.sender.sent.flatMap { $0 }.sorted() == Array(0..<10))
  }

  @Test func backsOffLongerWithEveryAttempt() async throws {
    let time = TestTime()
    let rig = Rig(time: time) { _, call in call <= 4 ? .failed(reason: "down", retryable: true) : .status(200) }
    try await rig.run {
      rig.queue.append(lines: [1])
      #expect(await eventually { rig.isEmpty })
    }
    #expect(rig.sender.sent == [[1], [1], [1], [1], [1]])
    let waits = time.sleeps.suffix(4)
    #expect(Array(waits) == [.seconds(1), .milliseconds(1500), .milliseconds(2250), .milliseconds(3375)])
    #expect(rig.loop.counters.retried == 4)
    #expect(rig.attempts() == [.noAnswer: 4, .success: 1])
    #expect(rig.loop.counters.failingSince == nil)
  }

  @Test func waitsAtLeastAsLongAsAsked() async throws {
    let time = TestTime(random: 0)
    let rig = Rig(time: time) { _, call in call == 1 ? .status(429, retryAfter: .seconds(42)) : .status(200) }
    try await rig.run {
      rig.queue.append(lines: [1])
      #expect(await eventually { rig.isEmpty })
    }
    #expect(time.sleeps.last == .seconds(42))
    #expect(rig.attempts() == [.tooMany: 1, .success: 1])
  }

  @Test func resendsOnlyWhatWasNotTakenAndHandsOverWhatWasRejected() async throws {
    let rig = Rig { numbers, call in call == 1 ? .status(207, "drxu") : .status(200) }
    try await rig.run {
      rig.queue.append(lines: 0..<4, inFramesOf: 4)
      #expect(await eventually { rig.isEmpty })
    }
    #expect(rig.sender.sent == [[0, 1, 2, 3], [1]])
    #expect(rig.rejections.numbers == [2])
    #expect(rig.rejections.kept.map(\.reason) == ["bad_line: 42"])
    #expect(rig.rejections.kept.map(\.destination) == ["lines"])
    #expect(rig.rejections.kept.map(\.attempts) == [1])
    let counters = rig.loop.counters
    #expect(counters.delivered == FrameTotals(bytes: 15, records: 3))
    #expect(counters.rejected == FrameTotals(bytes: 5, records: 1))
    #expect(counters.duplicates == 1 && counters.retried == 1)
  }

  @Test func settledRecordsOfAnOpenLeaseAreCountedApart() async throws {
    let time = TestTime(isManual: true)
    let rig = Rig(time: time) { _, call in call == 1 ? .status(207, "ddrx") : .status(200) }
    try await rig.run {
      rig.queue.append(lines: 0..<4, inFramesOf: 4)
      #expect(await eventually { time.sleepers == 1 })
      time.advance(by: .milliseconds(200))
      #expect(await eventually { rig.loop.counters.retried == 1 && time.sleepers == 1 })
      let counters = rig.loop.counters
      #expect(rig.queue.queuedRecords == 4 && counters.settledInQueue.records == 3)
      let left = rig.queue.queuedRecords - counters.settledInQueue.records
      #expect(counters.delivered.records + counters.rejected.records + left == 4)
      time.advance(by: .seconds(1))
      #expect(await eventually { rig.isEmpty && rig.loop.counters.settledInQueue == .zero })
    }
  }

  @Test func halvesWhatIsTooLargeAndRejectsASingleRecord() async throws {
    let rig = Rig { numbers, _ in numbers.contains(5) ? .status(413) : .status(200) }
    try await rig.run {
      rig.queue.append(lines: 0..<8, inFramesOf: 8)
      #expect(await eventually { rig.isEmpty })
    }
    #expect(rig.sender.sent == [[0, 1, 2, 3, 4, 5, 6, 7], [0, 1, 2, 3], [4, 5, 6, 7], [4, 5], [4], [5], [6, 7]])
    #expect(rig.rejections.numbers == [5])
    #expect(rig.loop.counters.delivered.records == 7)
  }

  @Test func keepsNoMoreThanItsConsumersBusy() async throws {
    let gate = Gate()
    var options = ExportLoopOptions()
    options.consumers = 3
    options.maxBatchBytes = 5
    options.minBatchBytes = 5
    let rig = Rig(options: options) { _, _ in
      await gate.pass()
      return .status(200)
    }
    try await rig.run {
      rig.queue.append(lines: 0..<20)
      #expect(await eventually { rig.sender.inFlight == 3 })
      try await Task.sleep(for: .milliseconds(20))
      #expect(rig.sender.inFlight == 3 && rig.loop.counters.openLeases == 3)
      gate.open()
      #expect(await eventually { rig.isEmpty })
    }
    #expect(rig.sender.mostInFlight == 3)
    #expect(rig.sender.sent.flatMap { $0 }.sorted() == Array(0..<20))
  }

  @Test func aBodyThatIsRetriedDoesNotHoldUpOthers() async throws {
    let time = TestTime(isManual: true)
    var options = ExportLoopOptions()
    options.maxBatchBytes = 5
    options.minBatchBytes = 5
    let rig = Rig(time: time, options: options) { numbers, _ in numbers == [0] ? .status(429) : .status(200) }
    try await rig.run {
      rig.queue.append(lines: 0..<20)
      #expect(await eventually { rig.queue.queuedRecords == 1 })
      #expect(rig.loop.counters.delivered.records == 19)
    }
  }

  @Test func drainsWithoutLingering() async throws {
    let time = TestTime(isManual: true)
    let rig = Rig(time: time) { _, _ in .status(200) }
    try await rig.run {
      rig.queue.append(lines: 0..<10)
      #expect(await eventually { time.sleepers == 1 })
      let left = await rig.loop.drain(within: .seconds(30))
      #expect(left == .zero)
      #expect(rig.sender.sent == [Array(0..<10)])
    }
  }

  @Test func drainingCutsWaitsShort() async throws {
    let time = TestTime(isManual: true)
    let rig = Rig(time: time) { _, call in call < 3 ? .status(429, retryAfter: .seconds(60)) : .status(200) }
    try await rig.run {
      rig.queue.append(lines: [1])
      #expect(await eventually { time.sleepers == 1 })
      time.advance(by: .milliseconds(200))
      #expect(await eventually { rig.sender.sent.count == 1 && time.sleeps.contains(.seconds(60)) })
      async let left = rig.loop.drain(within: .seconds(30))
      #expect(await eventually { rig.sender.sent.count == 2 && time.sleeps.contains(.seconds(1)) })
      time.advance(by: .seconds(1))
      #expect(await left == .zero)
      #expect(rig.sender.sent.count == 3)
    }
  }

  @Test func drainingThatMayLeaveWhatFailsEndsAtTheFirstFailure() async throws {
    let time = TestTime(isManual: true)
    var options = ExportLoopOptions()
    options.maxBatchBytes = 5
    options.minBatchBytes = 5
    options.isAdaptive = false
    let rig = Rig(time: time, options: options) { _, _ in .failed(reason: "down", retryable: true) }
    try await rig.run {
      rig.queue.append(lines: 0..<10)
      #expect(await eventually { rig.loop.counters.retried == 4 && time.sleepers == 4 })
      let left = await rig.loop.drain(within: .seconds(3600), leavingFailed: true)
      #expect(left == FrameTotals(bytes: 50, records: 10))
    }
    #expect((5...8).contains(rig.sender.sent.count))
    #expect(rig.queue.queuedRecords == 10 && rig.loop.counters.openLeases == 0)
  }

  /// What waits for a permit when another attempt fails is left without an attempt of its own.
  @Test func drainingThatMayLeaveWhatFailsTriesNoMoreAtOnceThanTheDestinationBears() async throws {
    let time = TestTime(isManual: true)
    var options = ExportLoopOptions()
    options.maxBatchBytes = 5
    options.minBatchBytes = 5
    let rig = Rig(time: time, options: options) { _, _ in .status(429) }
    try await rig.run {
      rig.queue.append(lines: 0..<4)
      #expect(await eventually { rig.loop.counters.retried == 4 && time.sleepers == 4 })
      #expect(rig.loop.counters.concurrencyLimit <= 2)
      let left = await rig.loop.drain(within: .seconds(3600), leavingFailed: true)
      #expect(left == FrameTotals(bytes: 20, records: 4) && (5...6).contains(rig.sender.sent.count))
    }
  }

  @Test func drainingThatMayLeaveWhatFailsTriesNothingInAnOutage() async throws {
    let time = TestTime(isManual: true)
    let rig = Rig(time: time) { _, _ in .failed(reason: "down", retryable: true) }
    try await rig.run {
      rig.queue.append(lines: 0..<4)
      #expect(await eventually { time.sleepers == 1 })
      time.advance(by: .milliseconds(200))
      #expect(await eventually { rig.loop.counters.retried == 4 && time.sleepers == 1 })
      time.advance(by: .seconds(1))
      #expect(await eventually { rig.loop.counters.retried == 8 && time.sleepers == 1 })
      let left = await rig.loop.drain(within: .seconds(3600), leavingFailed: true)
      #expect(left == FrameTotals(bytes: 20, records: 4) && rig.sender.sent.count == 2)
    }
  }

  @Test func drainingThatMayLeaveWhatFailsSendsAgainWhatWasTakenInPart() async throws {
    let time = TestTime(isManual: true)
    let rig = Rig(time: time) { _, call in call == 1 ? .status(207, "drdd") : .status(200) }
    try await rig.run {
      rig.queue.append(lines: 0..<4, inFramesOf: 4)
      #expect(await eventually { time.sleepers == 1 })
      async let left = rig.loop.drain(within: .seconds(3600), leavingFailed: true)
      #expect(await eventually { time.sleeps.contains(.seconds(1)) })
      time.advance(by: .seconds(1))
      #expect(await left == .zero)
    }
    #expect(rig.sender.sent == [[0, 1, 2, 3], [1]])
  }

  @Test func oneDeliveryAfterAnOutageWakesTheOthers() async throws {
    let time = TestTime(isManual: true)
    var options = ExportLoopOptions()
    options.maxBatchBytes = 5
    options.minBatchBytes = 5
    options.isAdaptive = false
    let rig = Rig(time: time, options: options) { _, call in
      call <= 4 ? .failed(reason: "down", retryable: true) : .status(200)
    }
    try await rig.run {
      rig.queue.append(lines: 0..<4)
      #expect(await eventually { rig.sender.sent.count == 4 && time.sleepers == 4 })
      time.advance(by: .milliseconds(999))
      rig.queue.append(lines: [9])
      try await Task.sleep(for: .milliseconds(20))
      #expect(rig.sender.sent.count == 4)
      time.advance(by: .milliseconds(1))
      #expect(await eventually { rig.isEmpty })
    }
  }

  @Test func drainingEndsAtItsDeadlineAndSaysWhatIsLeft() async throws {
    let rig = Rig(time: TestTime(random: 0.5)) { _, _ in .failed(reason: "down", retryable: true) }
    try await rig.run {
      rig.queue.append(lines: 0..<10)
      #expect(await eventually { rig.sender.sent.count > 3 })
      let left = await rig.loop.drain(within: .seconds(100))
      #expect(left == FrameTotals(bytes: 50, records: 10))
    }
    #expect(rig.queue.queuedRecords == 10)
  }

  @Test func drainingCancelsASendThatHangsAtTheDeadline() async throws {
    let time = TestTime(isManual: true)
    let gate = Gate()
    let rig = Rig(time: time) { _, _ in
      await gate.pass()
      return .failed(reason: "cancelled", retryable: true)
    }
    try await rig.run {
      rig.queue.append(lines: [1])
      #expect(await eventually { time.sleepers == 1 })
      async let left = rig.loop.drain(within: .seconds(30))
      #expect(await eventually { rig.sender.inFlight == 1 && time.sleepers == 1 })
      time.advance(by: .seconds(30))
      #expect(await left == FrameTotals(bytes: 5, records: 1))
    }
    #expect(rig.sender.inFlight == 0)
  }

  @Test func stoppingFinishesWhatIsInFlightAndLeavesTheRest() async throws {
    let gate = Gate()
    var options = ExportLoopOptions()
    options.consumers = 1
    options.maxBatchBytes = 5
    let rig = Rig(time: TestTime(isManual: true), options: options) { _, _ in
      await gate.pass()
      return .status(200)
    }
    options.minBatchBytes = 5
    let busy = Rig(time: TestTime(isManual: true), options: options) { _, _ in
      await gate.pass()
      return .status(200)
    }
    try await busy.run {
      busy.queue.append(lines: 0..<3)
      #expect(await eventually { busy.sender.inFlight == 1 })
      async let left = busy.loop.stop(within: .seconds(30))
      try await Task.sleep(for: .milliseconds(20))
      gate.open()
      #expect(await left == FrameTotals(bytes: 10, records: 2))
    }
    #expect(busy.sender.sent == [[0]])
    #expect(await rig.loop.stop(within: .seconds(1)) == .zero)
  }

  @Test func givesUpAfterMaxElapsedTime() async throws {
    var options = ExportLoopOptions()
    options.retry.maxElapsedTime = .seconds(3)
    let rig = Rig(options: options) { _, _ in .status(429) }
    try await rig.run {
      rig.queue.append(lines: [1, 2])
      #expect(await eventually { rig.isEmpty })
    }
    // Sent at 0 s, 1 s, 2.5 s and 4.75 s.
    #expect(rig.sender.sent.count == 4)
    #expect(rig.rejections.kept.map(\.reason) == ["given up after 4 attempts: busy: later"])
    #expect(rig.loop.counters.gaveUp == 2 && rig.loop.counters.rejected.records == 2)
  }

  @Test func givesUpAtOnceWithRetryingOff() async throws {
    var options = ExportLoopOptions()
    options.retry.isEnabled = false
    let rig = Rig(options: options) { _, call in call == 1 ? .status(207, "rdx") : .status(200) }
    try await rig.run {
      rig.queue.append(lines: 0..<3, inFramesOf: 3)
      #expect(await eventually { rig.isEmpty })
    }
    #expect(rig.sender.sent.count == 1)
    #expect(rig.rejections.numbers.sorted() == [0, 2])
    #expect(rig.loop.counters.delivered.records == 1)
  }

  @Test func keepsRecordsQueuedUntilTheSinkHasTakenThem() async throws {
    let rig = Rig(rejections: KeptRejections(failures: 3)) { _, _ in .status(400) }
    try await rig.run {
      rig.queue.append(lines: [7])
      #expect(await eventually { rig.isEmpty })
    }
    #expect(rig.rejections.numbers == [7])
    #expect(rig.sender.sent.count == 1)
    #expect(rig.loop.counters.rejected.records == 1)
  }

  @Test func aFailureThatCannotBeRetriedRejects() async throws {
    let rig = Rig { _, _ in .failed(reason: "no such thing", retryable: false) }
    try await rig.run {
      rig.queue.append(lines: [7])
      #expect(await eventually { rig.isEmpty })
    }
    #expect(rig.rejections.kept.map(\.reason) == ["no such thing"])
  }

  @Test func logsNoRecordContent() async throws {
    let rig = Rig { numbers, call in numbers == [1111] && call == 1 ? .status(429) : .status(400) }
    try await rig.run {
      rig.queue.append(lines: [1111])
      #expect(await eventually { rig.isEmpty && rig.log.lines.count >= 2 })
    }
    #expect(rig.rejections.kept.map(\.reason) == ["bad_line: 1111\n"])
    #expect(rig.log.lines.contains { $0.contains("bad_line") } && rig.log.lines.contains { $0.contains("busy") })
    #expect(!rig.log.lines.contains { $0.contains("1111") })
  }

  @Test func aCancelledLoopEndsAndKeepsWhatIsQueued() async throws {
    let gate = Gate()
    let rig = Rig { _, _ in
      await gate.pass()
      return .failed(reason: "cancelled", retryable: true)
    }
    try await rig.run {
      rig.queue.append(lines: [1])
      #expect(await eventually { rig.sender.inFlight == 1 })
    }
    #expect(rig.queue.queuedRecords == 1)
    #expect(rig.loop.counters.openLeases == 0)
  }

  @Test func sendsFewerAtOnceWhileOverloadedAndMoreAgainAfterwards() async throws {
    let gate = Gate()
    var options = ExportLoopOptions()
    options.maxBatchBytes = 5
    options.minBatchBytes = 5
    let rig = Rig(options: options) { _, call in
      if call <= 20 { return .status(429) }
      await gate.pass()
      return .status(200)
    }
    try await rig.run {
      rig.queue.append(lines: 0..<40)
      #expect(await eventually { rig.sender.sent.count == 21 && rig.loop.counters.concurrencyLimit == 1 })
      try await Task.sleep(for: .milliseconds(20))
      #expect(rig.sender.inFlight == 1 && rig.loop.counters.openLeases == 4)
      gate.open()
      #expect(await eventually { rig.isEmpty })
      #expect(rig.loop.counters.concurrencyLimit == 4)
    }
    #expect(rig.loop.counters.delivered.records == 40)
  }

  @Test func aFixedLimitIsKeptUnderOverload() async throws {
    var options = ExportLoopOptions()
    options.isAdaptive = false
    let rig = Rig(options: options) { _, call in call <= 9 ? .status(429) : .status(200) }
    try await rig.run {
      rig.queue.append(lines: 0..<40)
      #expect(await eventually { rig.isEmpty })
    }
    #expect(rig.loop.counters.concurrencyLimit == 4)
  }

  /// One record makes the destination fail every time; others arrive all the while.
  @Test func aRecordAtFaultIsFoundAndHandedOver() async throws {
    var options = ExportLoopOptions()
    options.flushTimeout = .zero
    options.retry.initialInterval = .milliseconds(1)
    options.retry.maxInterval = .milliseconds(1)
    let rig = Rig(time: nil, options: options) { numbers, _ in numbers.contains(13) ? .status(500) : .status(200) }
    try await rig.run {
      rig.queue.append(lines: 0..<16, inFramesOf: 16)
      var next = 100
      while rig.rejections.kept.isEmpty, next < 9000 {
        rig.queue.append(lines: [next])
        next += 1
        try await Task.sleep(for: .milliseconds(2))
      }
      #expect(await eventually { rig.isEmpty })
    }
    #expect(rig.rejections.numbers == [13])
    let reason = rig.rejections.kept.first?.reason ?? ""
    #expect(reason.hasPrefix("not taken in ") && reason.hasSuffix(" attempts while others were: server error: later"))
    #expect(rig.loop.counters.rejected.records == 1)
  }

  @Test func nothingIsHandedOverWhileTheWholeDestinationFails() async throws {
    let rig = Rig { _, call in call <= 200 ? .status(500) : .status(200) }
    try await rig.run {
      rig.queue.append(lines: 0..<20)
      #expect(await eventually { rig.isEmpty })
    }
    #expect(rig.rejections.kept.isEmpty && rig.loop.counters.delivered.records == 20)
  }

  /// Random answers, several consumers: every record is delivered or rejected exactly once, and the counters agree.
  @Test func settlesEveryRecordExactlyOnce() async throws {
    let delivered = Shared()
    var options = ExportLoopOptions()
    options.maxBatchBytes = 100
    let rig = Rig(time: TestTime(random: 0.1), options: options) { numbers, _ in
      await Task.yield()
      switch Int.random(in: 0..<8) {
      case 0: return .status(429)
      case 1: return .failed(reason: "down", retryable: true)
      case 2 where numbers.count > 1: return .status(413)
      case 3: return .status(400)
      case 4, 5:
        let letters = String(numbers.map { _ in "ddrx".randomElement() ?? "d" })
        delivered.add(zip(numbers, letters).filter { $0.1 == "d" }.map(\.0))
        return .status(207, letters)
      default:
        delivered.add(numbers)
        return .status(200)
      }
    }
    try await rig.run {
      for start in stride(from: 0, to: 5000, by: 50) {
        rig.queue.append(lines: start..<(start + 50), inFramesOf: 7)
        await Task.yield()
      }
      #expect(await eventually { rig.isEmpty })
    }
    #expect((delivered.numbers + rig.rejections.numbers).sorted() == Array(0..<5000))
    let counters = rig.loop.counters
    #expect(counters.delivered == FrameTotals(bytes: delivered.numbers.count * 5, records: delivered.numbers.count))
    let rejected = rig.rejections.numbers.count
    #expect(counters.rejected == FrameTotals(bytes: rejected * 5, records: rejected))
    #expect(counters.settledInQueue == .zero)
  }

  private final class Shared: Sendable {
    private let state = Mutex<[Int]>([])
    var numbers: [Int] { state.withLock { $0 } }
    func add(_ numbers: [Int]) { state.withLock { $0 += numbers } }
  }
}
