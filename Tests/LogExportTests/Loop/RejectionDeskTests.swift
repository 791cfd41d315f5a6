import FrameQueues
import LogExport
import LogPipeline
import Testing

/// The rejected records of an export loop whose sink does not take them.
@Suite struct RejectionDeskTests {
  private var options: ExportLoopOptions {
    var options = ExportLoopOptions()
    options.maxBatchBytes = 5
    options.minBatchBytes = 5
    return options
  }

  /// Records from 1000 on are rejected.
  private func rig(
    _ rejections: KeptRejections, options: ExportLoopOptions? = nil, time: TestTime? = TestTime(isManual: true)
  ) -> Rig {
    Rig(time: time, options: options ?? self.options, rejections: rejections) { numbers, _ in
      numbers.contains { $0 >= 1000 } ? .status(400) : .status(200)
    }
  }

  @Test func goodRecordsGoOnWhileTheSinkFails() async throws {
    let rejections = KeptRejections()
    rejections.isBroken = true
    let time = TestTime(isManual: true)
    let rig = rig(rejections, time: time)
    try await rig.run {
      rig.queue.append(lines: 1000..<1020)
      rig.queue.append(lines: 0..<50)
      // What is delivered is counted before it leaves the queue.
      #expect(
        await eventually {
          rig.loop.counters.delivered.records == 50 && rig.queue.queuedRecords == 20
            && rig.loop.counters.openLeases == 0
        })
      let counters = rig.loop.counters
      #expect(rig.queue.queuedRecords == 20 && counters.rejected == .zero && counters.settledInQueue == .zero)
      #expect(counters.openLeases == 0 && counters.asideLeases == 20)
      #expect(counters.rejectionDesk.waiting == FrameTotals(bytes: 100, records: 20))
      #expect(counters.rejectionDesk.failingSince != nil && counters.rejectionDesk.error == "Failure()")
      #expect(rig.log.lines.contains { $0.contains("dead letters cannot be written") })
      let since = try #require(counters.rejectionDesk.failingSince)
      time.setClock(backBy: .seconds(1000))
      #expect(rig.loop.counters.rejectionDesk.failingSince == since - 1000)
    }
    #expect(rig.queue.queuedRecords == 20)
  }

  @Test func theSinkGetsAllOfThemOnceItTakesThem() async throws {
    let rejections = KeptRejections()
    rejections.isBroken = true
    let time = TestTime(isManual: true)
    let rig = rig(rejections, time: time)
    try await rig.run {
      rig.queue.append(lines: 1000..<1020)
      #expect(await eventually { rig.loop.counters.rejectionDesk.waiting.records == 20 && time.sleepers > 0 })
      rejections.isBroken = false
      #expect(
        await eventually {
          time.advance(by: .seconds(1))
          return rig.isEmpty
        })
      #expect(rejections.numbers.sorted() == Array(1000..<1020))
      let counters = rig.loop.counters
      #expect(counters.rejected == FrameTotals(bytes: 100, records: 20) && counters.asideLeases == 0)
      #expect(counters.rejectionDesk == RejectionDesk.Status() && counters.settledInQueue == .zero)
    }
  }

  /// The sink is asked for all leases together, with a wait after each failure.
  @Test func aFailingSinkIsNotAskedInAHotLoop() async throws {
    let rejections = KeptRejections()
    rejections.isBroken = true
    let time = TestTime(isManual: true)
    let rig = rig(rejections, time: time)
    try await rig.run {
      for number in 1000..<1050 {
        rig.queue.append(lines: [number])
        #expect(await eventually { rig.loop.counters.rejectionDesk.waiting.records == number - 999 })
      }
      #expect(rejections.calls == 1)
    }
  }

  @Test func whatWaitsIsBoundedInBytes() async throws {
    let rejections = KeptRejections()
    rejections.isBroken = true
    var options = self.options
    options.maxAsideBytes = 25
    options.consumers = 1
    let rig = rig(rejections, options: options)
    try await rig.run {
      rig.queue.append(lines: 1000..<1020)
      rig.queue.append(lines: 0..<5)
      #expect(await eventually { rig.loop.counters.asideLeases == 5 })
      try await Task.sleep(for: .milliseconds(50))
      #expect(rig.loop.counters.asideLeases == 5 && rig.sender.sent.count == 5)
      #expect(rig.queue.queuedRecords == 25)
    }
  }

  @Test func givesUpAfterATimeThatIsAnOptionAndSaysSo() async throws {
    let rejections = KeptRejections()
    rejections.isBroken = true
    var options = self.options
    options.rejectionsGiveUpAfter = .seconds(60)
    let time = TestTime(isManual: true)
    let rig = rig(rejections, options: options, time: time)
    try await rig.run {
      rig.queue.append(lines: 1000..<1003)
      #expect(await eventually { rig.loop.counters.rejectionDesk.waiting.records == 3 && time.sleepers > 0 })
      time.advance(by: .seconds(59))
      #expect(await eventually { rejections.calls == 2 && time.sleepers > 0 })
      #expect(rig.queue.queuedRecords == 3)
      #expect(
        await eventually {
          time.advance(by: .seconds(1))
          return rig.isEmpty
        })
      let counters = rig.loop.counters
      #expect(counters.rejectionDesk.gaveUp == 3 && counters.rejected.records == 3 && rejections.kept.isEmpty)
      #expect(rig.log.lines.contains { $0.contains("are lost") && $0.contains("\"records\": 3") })
      #expect(!rig.log.lines.contains { $0.contains("1000") })
    }
  }

  @Test func aQueueThatSurvivesKeepsWhatASinkThatFailsDoesNotTake() async throws {
    let rejections = KeptRejections()
    rejections.isBroken = true
    let rig = rig(rejections)
    try await rig.run {
      rig.queue.append(lines: 1000..<1005)
      #expect(await eventually { rig.loop.counters.rejectionDesk.waiting.records == 5 })
      let left = await rig.loop.drain(within: .seconds(3600), leavingFailed: true)
      #expect(left == FrameTotals(bytes: 25, records: 5))
    }
    #expect(rig.queue.queuedRecords == 5 && rig.loop.counters.rejected == .zero)
  }

  @Test func drainingTriesTheSinkAtOnceAndUntilTheDeadline() async throws {
    let rejections = KeptRejections()
    rejections.isBroken = true
    let time = TestTime(isManual: true)
    let rig = rig(rejections, time: time)
    try await rig.run {
      rig.queue.append(lines: 1000..<1005)
      #expect(await eventually { rejections.calls == 1 && rig.loop.counters.rejectionDesk.waiting.records == 5 })
      rejections.isBroken = false
      #expect(await rig.loop.drain(within: .seconds(3600)) == .zero)
    }
    #expect(rejections.numbers.sorted() == Array(1000..<1005))
  }

  /// A disk that does not answer: neither the loop's end nor `give_up_after` waits for its call.
  private struct Hanging: RejectionSink {
    let gate: Gate
    func take(_ rejected: [RejectedRecords]) async throws { await Task.detached { await gate.pass() }.value }
  }

  @Test func givesUpThoughTheSinkHangsAndCountsNothingTwice() async throws {
    let gate = Gate()
    let time = TestTime(isManual: true)
    let log = KeptLog()
    var options = self.options
    options.rejectionsGiveUpAfter = .seconds(60)
    let queue = MemoryQueue(segmentBytes: 4096)
    let loop = ExportLoop(
      destination: Destination(id: "lines", dialect: LineDialect(), queue: queue),
      sender: ScriptedSender { _, _ in .status(400) }, options: options, rejections: Hanging(gate: gate),
      logger: log.logger, time: time.time)
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await loop.run() }
      queue.append(lines: 1000..<1003)
      #expect(await eventually { loop.counters.rejectionDesk.waiting.records == 3 && time.sleepers > 0 })
      time.advance(by: .seconds(10))
      #expect(await eventually { log.lines.contains { $0.contains("no answer for 10 s") } && time.sleepers > 0 })
      #expect(queue.queuedRecords == 3 && loop.counters.rejectionDesk.gaveUp == 0)
      time.advance(by: .seconds(50))
      #expect(await eventually { queue.queued.isEmpty })
      #expect(loop.counters.rejectionDesk.gaveUp == 3 && loop.counters.rejected.records == 3)
      #expect(log.lines.contains { $0.contains("are lost") && $0.contains("\"records\": 3") })
      gate.open()
      #expect(await eventually { loop.counters.rejectionDesk.failingSince == nil })
      #expect(loop.counters.rejected.records == 3 && loop.counters.settledInQueue == .zero)
      group.cancelAll()
    }
  }

  /// The backoff after failures may be longer.
  @Test func givesUpInTimeBetweenAttempts() async throws {
    let rejections = KeptRejections()
    rejections.isBroken = true
    var options = self.options
    options.rejectionsGiveUpAfter = .seconds(2)
    options.retry.initialInterval = .seconds(1000)
    options.retry.maxInterval = .seconds(1000)
    let time = TestTime(isManual: true)
    let rig = rig(rejections, options: options, time: time)
    try await rig.run {
      rig.queue.append(lines: [1000])
      #expect(await eventually { rejections.calls == 1 && time.sleepers > 0 })
      time.advance(by: .seconds(2))
      #expect(await eventually { rig.isEmpty })
      #expect(rejections.calls == 1 && rig.loop.counters.rejectionDesk.gaveUp == 1)
    }
  }

  /// A file on a disk that does not answer.
  @Test func aSinkThatHangsHoldsUpNeitherTheDestinationNorTheEnd() async throws {
    let gate = Gate()
    let time = TestTime(isManual: true)
    let sender = ScriptedSender { numbers, _ in numbers.contains { $0 >= 1000 } ? .status(400) : .status(200) }
    let queue = MemoryQueue(segmentBytes: 4096)
    let loop = ExportLoop(
      destination: Destination(id: "lines", dialect: LineDialect(), queue: queue), sender: sender, options: options,
      rejections: Hanging(gate: gate), logger: KeptLog().logger, time: time.time)
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await loop.run() }
      queue.append(lines: 1000..<1010)
      queue.append(lines: 0..<10)
      #expect(await eventually { loop.counters.delivered.records == 10 })
      #expect(loop.counters.rejectionDesk.failingSince == nil)
      time.advance(by: .seconds(11))
      #expect(loop.counters.rejectionDesk.failingSince != nil)
      #expect(loop.counters.rejectionDesk.error == "no answer for 11 s")
      async let left = loop.drain(within: .seconds(5))
      #expect(await eventually { time.sleepers > 0 })
      time.advance(by: .seconds(5))
      #expect(await left == FrameTotals(bytes: 50, records: 10))
    }
    gate.open()
  }
}
