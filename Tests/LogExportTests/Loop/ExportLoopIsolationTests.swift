import FrameQueues
import LogExport
import LogPipeline
import Synchronization
import Testing

/// Bodies that get answers which prove nothing, alone or with all others.
@Suite struct ExportLoopIsolationTests {
  private var quick: ExportLoopOptions {
    var options = ExportLoopOptions()
    options.flushTimeout = .zero
    return options
  }

  private func times(_ number: Int, in rig: Rig) -> Int { rig.sender.sent.count { $0.contains(number) } }

  /// 200 with an empty body for whatever holds the record; nothing else is sent meanwhile.
  @Test func aRecordThatMakesSuccessesEmptyIsIsolatedAndRejected() async throws {
    for poison in [0, 5, 15] {
      let rig = Rig(options: quick) { numbers, _ in numbers.contains(poison) ? .status(204) : .status(200) }
      try await rig.run {
        rig.queue.append(lines: 0..<16, inFramesOf: 16)
        #expect(await eventually { rig.isEmpty || poison == 15 && rig.loop.counters.delivered.records == 15 })
        // What came after it is evidence; if nothing did, the next that is sent.
        if poison == 15 { rig.queue.append(lines: [100]) }
        #expect(await eventually { rig.isEmpty })
      }
      #expect(rig.rejections.numbers == [poison])
      #expect(rig.loop.counters.rejected.records == 1)
      for other in 0..<16 where other != poison { #expect(times(other, in: rig) <= 7, "\(other)") }
      let reason = rig.rejections.kept.first?.reason ?? ""
      #expect(reason.hasPrefix("not taken in ") && reason.hasSuffix("while others were: no evidence: later"))
    }
  }

  @Test func severalSuchRecordsAreAllFound() async throws {
    let rig = Rig(options: quick) { numbers, _ in
      numbers.contains { $0 % 10 == 3 && $0 < 100 } ? .status(204) : .status(200)
    }
    try await rig.run {
      rig.queue.append(lines: 0..<100, inFramesOf: 50)
      #expect(await eventually { rig.loop.counters.delivered.records == 90 })
      var next = 1000
      while !rig.isEmpty, next < 3000 {
        rig.queue.append(lines: [next])
        next += 1
        try await Task.sleep(for: .milliseconds(1))
      }
    }
    #expect(rig.rejections.numbers.sorted() == (0..<10).map { $0 * 10 + 3 })
  }

  /// A page of a proxy: nothing is proven, so nothing is rejected, and it is not asked in a hot loop.
  @Test(arguments: [204, 404]) func nothingIsRejectedWhileAllAnswersProveNothing(status: Int) async throws {
    let time = TestTime()
    let rig = Rig(time: time, options: quick) { _, call in call <= 300 ? .status(status) : .status(200) }
    try await rig.run {
      rig.queue.append(lines: 0..<64, inFramesOf: 8)
      #expect(await eventually { rig.isEmpty })
    }
    #expect(rig.rejections.kept.isEmpty && rig.loop.counters.delivered.records == 64)
    #expect(time.sleeps.filter { $0 >= .seconds(1) }.count > 100)
  }

  /// One of two endpoints answers with a page.
  @Test(arguments: [204, 404]) func nothingIsRejectedWhileHalfOfTheAnswersProveNothing(status: Int) async throws {
    // Which records were sent once: no batch is answered so again and again by chance.
    let known = Mutex(Set<Int>())
    let rig = Rig(options: quick) { numbers, _ in
      known.withLock { known in
        defer { known.formUnion(numbers) }
        return known.isSuperset(of: numbers) ? .status(200) : .status(status)
      }
    }
    try await rig.run {
      for start in stride(from: 0, to: 400, by: 4) {
        rig.queue.append(lines: start..<start + 4)
        await Task.yield()
      }
      #expect(await eventually { rig.isEmpty })
    }
    #expect(rig.rejections.kept.isEmpty && rig.loop.counters.delivered.records == 400)
  }

  /// More batches that are never taken than there are consumers do not stop the rest.
  @Test(arguments: [204, 404, 500]) func batchesThatAreNeverTakenDoNotStopTheOthers(status: Int) async throws {
    var options = quick
    options.maxBatchBytes = 5
    options.minBatchBytes = 5
    // By hand: what others have delivered between two attempts is what counts, so it must not be left to chance.
    let time = TestTime(isManual: true)
    let rig = Rig(time: time, options: options) { numbers, _ in
      numbers.contains { $0 < 4 } ? .status(status) : .status(200)
    }
    try await rig.run {
      rig.queue.append(lines: 0..<50)
      #expect(
        await eventually {
          time.advance(by: .seconds(1))
          return rig.loop.counters.delivered.records == 46
        })
      let failed: @Sendable () -> Int = { rig.sender.sent.count { $0.contains { $0 < 4 } } }
      for round in 1...20 where !rig.isEmpty {
        rig.queue.append(lines: round * 100..<round * 100 + 20)
        #expect(await eventually { rig.loop.counters.delivered.records == 46 + round * 20 })
        let (before, open) = (failed(), 4 - rig.rejections.numbers.count)
        time.advance(by: .seconds(60))
        #expect(await eventually { rig.isEmpty || failed() >= before + open })
      }
      #expect(await eventually { rig.isEmpty })
    }
    #expect(rig.rejections.numbers.sorted() == [0, 1, 2, 3])
  }

  /// Records whose index is blocked wait beside the others.
  @Test func recordsThatArePutOffForEverDoNotStopTheOthers() async throws {
    let rig = Rig(options: quick) { numbers, _ in
      .status(207, String(numbers.map { $0 % 10 == 0 ? "r" : "d" }))
    }
    try await rig.run {
      for start in stride(from: 0, to: 400, by: 10) { rig.queue.append(lines: start..<start + 10, inFramesOf: 10) }
      #expect(await eventually { rig.loop.counters.delivered.records == 360 })
      let counters = rig.loop.counters
      #expect(counters.rejected == .zero && counters.settledInQueue.records + 40 == rig.queue.queuedRecords)
      #expect(await eventually { rig.loop.counters.stuck?.error == "busy" })
      #expect(counters.failing == nil || counters.failing?.error == "busy")
    }
    #expect(rig.rejections.kept.isEmpty)
  }

  @Test func inAnOutageNothingIsStuckBesideOthers() async throws {
    let isBack = Mutex(false)
    let rig = Rig(options: quick) { _, _ in .status(isBack.withLock { $0 } ? 200 : 404) }
    try await rig.run {
      for number in 0..<8 { rig.queue.append(lines: [number]) }
      #expect(await eventually { rig.sender.sent.count > 40 && rig.loop.counters.failing != nil })
      #expect(rig.loop.counters.stuck == nil)
      isBack.withLock { $0 = true }
      #expect(await eventually { rig.isEmpty })
    }
  }

  @Test func whatFailsIsToldWithItsKindAndAttempts() async throws {
    let gate = Gate()
    let held = Rig(time: TestTime(), options: quick) { _, call in
      if call > 5 { await gate.pass() }
      return call <= 5 ? .status(404) : .status(200)
    }
    try await held.run {
      held.queue.append(lines: [1, 2])
      #expect(await eventually { held.sender.sent.count == 6 })
      let failing = try #require(held.loop.counters.failing)
      #expect(failing.error == "not the server's own" && failing.attempts == 5 && failing.records == 2)
      #expect(failing.since == held.loop.counters.failingSince)
      gate.open()
      #expect(await eventually { held.isEmpty })
      #expect(held.loop.counters.failing == nil && held.loop.counters.stuck == nil)
    }
  }

  @Test func nothingFailsSinceATimeToComeWhenTheClockIsSetBack() async throws {
    let time = TestTime(isManual: true)
    let rig = Rig(time: time, options: quick) { _, _ in .status(404) }
    try await rig.run {
      rig.queue.append(lines: [1])
      #expect(await eventually { rig.loop.counters.failing != nil && time.sleepers > 0 })
      time.setClock(backBy: .seconds(1000))
      #expect(rig.loop.counters.failing?.since == 1_700_000_000 - 1000)
      time.advance(by: .milliseconds(100))
      #expect((rig.loop.counters.failingSince ?? .max) <= 1_700_000_000 - 1000)
    }
  }

  @Test func whatTheFailureStoreTookIsDeliveredAndCountedApart() async throws {
    let rig = Rig { _, _ in .status(207, "dfdf") }
    try await rig.run {
      rig.queue.append(lines: 0..<4, inFramesOf: 4)
      #expect(await eventually { rig.isEmpty })
    }
    let counters = rig.loop.counters
    #expect(counters.delivered.records == 4 && counters.inFailureStore == FrameTotals(bytes: 10, records: 2))
    #expect(rig.log.lines.contains { $0.contains("failure store") && $0.contains("\"records\": 2") })
  }

  @Test func rejectionsOfOneAnswerAreSaidTogether() async throws {
    let rig = Rig { _, _ in .status(207, "xxdxxxxxx") }
    try await rig.run {
      rig.queue.append(lines: 0..<9, inFramesOf: 9)
      #expect(await eventually { rig.isEmpty })
    }
    let said = rig.log.lines.filter { $0.contains("records rejected by the destination") }
    #expect(
      said.count == 1 && said.first?.contains("\"records\": 8") == true && said.first?.contains("bad_line") == true)
  }
}
