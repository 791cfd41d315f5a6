import FrameQueues
import LogPipeline
import Testing

@testable import LogExport

/// Records that are not sent, on their way by the desk of an export loop.
@Suite struct DropsTests {
  private let kept = KeptRejections()
  private let log = KeptLog()

  private func dropped(_ text: String, _ reason: DropReason = .tooOld) -> DroppedRecord {
    DroppedRecord(bytes: Array(text.utf8), reason: reason)
  }

  private func counts(_ records: [DroppedRecord]) -> DroppedCounts {
    records.reduce(into: DroppedCounts()) { $0.add(1, for: $1.reason) }
  }

  /// A loop without records of its own beside the drops that go by its desk.
  private struct Parts {
    let desk: RejectionDesk
    let drops: Drops
    let loop: ExportLoop
  }

  private func parts(
    _ time: ExportTime = .system, _ sink: (any RejectionSink)? = nil,
    _ edit: (inout ExportLoopOptions) -> Void = { _ in }
  ) -> Parts {
    var options = ExportLoopOptions()
    edit(&options)
    let desk = RejectionDesk(sink ?? kept, options: options, time: time)
    let drops = Drops(of: "lines", speaking: LineDialect(), desk: desk, logger: log.logger, time: time)
    let destination = Destination(
      id: "lines", dialect: LineDialect(), queue: MemoryQueue(segmentBytes: 4096), dropSink: drops)
    let loop = ExportLoop(
      destination: destination, sender: ScriptedSender { _, _ in .status(200) }, options: options, desk: desk,
      drops: drops, logger: log.logger, time: time)
    return Parts(desk: desk, drops: drops, loop: loop)
  }

  private func run(_ loop: ExportLoop, _ body: () async throws -> Void) async throws {
    loop.announceRun()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await loop.run() }
      try await body()
      group.cancelAll()
    }
  }

  @Test func recordsOfTenantsBecomeTheirLetters() async throws {
    let parts = parts()
    try await run(parts.loop) {
      let records = ["A: 1", "", "A: 1", "A: 2"].map {
        DroppedRecord(bytes: Array("\($0)\n".utf8), reason: .tooOld, fields: Array($0.utf8))
      }
      parts.drops.take(counts(records), records)
      #expect(await parts.loop.drain(within: .seconds(60)) == .zero)
    }
    let found = kept.kept.map { ($0.route, String(decoding: $0.body.bytes, as: UTF8.self)) }
    #expect(found.map(\.1) == ["\n", "A: 1\nA: 1\n", "A: 2\n"])
    #expect(
      found.map(\.0) == ["", "A: 1", "A: 2"].map { LineDialect().route.carrying(Array($0.utf8)) })
  }

  @Test func eachRecordBecomesALetterWithItsReason() async throws {
    let folder = LetterFolder()
    let parts = parts(.system, folder.file())
    try await run(parts.loop) {
      let records = [dropped("a\n"), dropped("b\n", .lineTooLong), dropped("c\n")]
      parts.drops.take(counts(records), records)
      #expect(await parts.loop.drain(within: .seconds(60)) == .zero)
    }
    let found = folder.letters
    #expect(found.map(\.reasonKind).sorted() == ["line_too_long", "too_old"])
    #expect(found.allSatisfy { $0.exporter == "lines" && $0.attempts == 0 })
    #expect(parts.loop.counters.rejected == .zero && parts.loop.counters.settledInQueue == .zero)
    #expect(parts.desk.status == RejectionDesk.Status())
  }

  @Test func whatTheFileDoesNotTakeIsTriedAgainAndSaid() async throws {
    kept.isBroken = true
    let time = TestTime(isManual: true)
    let parts = parts(time.time)
    try await run(parts.loop) {
      parts.drops.take(DroppedCounts(1, for: .tooOld), [dropped("1000\n")])
      #expect(await eventually { parts.desk.status.failingSince != nil && time.sleepers > 0 })
      #expect(parts.desk.status.waiting == FrameTotals(bytes: 5, records: 1))
      #expect(log.lines.contains { $0.contains("dead letters cannot be written") })
      kept.isBroken = false
      #expect(
        await eventually {
          time.advance(by: .seconds(1))
          return parts.desk.status == RejectionDesk.Status()
        })
      #expect(kept.numbers == [1000])
    }
  }

  /// Nothing but the desk holds these, also where a queue on disk would leave what it holds for the next start.
  @Test(arguments: [true, false])
  func theEndWaitsForThemUntilItsDeadlineAndSaysWhatIsLost(leavingFailed: Bool) async throws {
    kept.isBroken = true
    let time = TestTime(isManual: true)
    let parts = parts(time.time)
    try await run(parts.loop) {
      parts.drops.take(DroppedCounts(2, for: .tooOld), [dropped("1\n"), dropped("2\n")])
      #expect(await eventually { parts.desk.status.failingSince != nil && time.sleepers > 0 })
      async let left = parts.loop.drain(within: .seconds(30), leavingFailed: leavingFailed)
      let calls = kept.calls
      #expect(
        await eventually {
          time.advance(by: .milliseconds(500))
          return kept.calls > calls + 2
        })
      #expect(parts.desk.status.waiting.records == 2 && parts.desk.status.lostAtEnd == 0)
      time.advance(by: .seconds(30))
      #expect(await left == .zero)
    }
    let status = parts.desk.status
    #expect(status.lostAtEnd == 2 && status.gaveUp == 2 && status.waiting == .zero)
    #expect(log.lines.contains { $0.contains("by the end") && $0.contains("\"records\": 2") })
  }

  @Test func whatWaitsIsBoundedInBytesAndLettersOfRejectedRecordsCount() async throws {
    let parts = parts(TestTime(isManual: true).time) { $0.maxAsideBytes = 10 }
    #expect(parts.desk.maxWaitingBytes == 10)
    parts.drops.take(DroppedCounts(1, for: .tooOld), [dropped("12345\n")])
    #expect(parts.desk.status.gaveUp == 0)
    parts.drops.take(DroppedCounts(1, for: .tooOld), [dropped("1234\n")])
    #expect(parts.desk.status.gaveUp == 1 && parts.desk.status.waiting == FrameTotals(bytes: 6, records: 1))
    parts.drops.log.say(at: .seconds(1))
    #expect(log.lines.contains { $0.contains("10 bytes or 65536 requests") })
  }

  @Test func whatWaitsIsBoundedInNumber() async throws {
    let parts = parts(TestTime(isManual: true).time)
    let record = [dropped("1\n")]
    for _ in 0..<RejectionDesk.maxDroppedRequests { parts.drops.take(DroppedCounts(1, for: .tooOld), record) }
    #expect(parts.desk.status.gaveUp == 0)
    parts.drops.take(DroppedCounts(1, for: .tooOld), record)
    #expect(parts.desk.status.gaveUp == 1)
  }

  @Test func areSaidOnceAMinuteForEachReasonAndInTotalAtTheEnd() async throws {
    let time = TestTime(isManual: true)
    let parts = parts(time.time)
    let destination = parts.loop.destination
    parts.drops.take(DroppedCounts(3, for: .tooOld), [])
    #expect(log.lines.count == 1 && log.lines[0].contains("\"records\": 3") && log.lines[0].contains("too_old"))
    for _ in 0..<100 {
      parts.drops.take(DroppedCounts(1, for: .tooOld), [])
      parts.drops.take(DroppedCounts(2, for: .queueFull), [])
      parts.drops.takeEvicted(5)
    }
    #expect(log.lines.count == 1)
    time.advance(by: .seconds(60))
    parts.drops.take(DroppedCounts(1, for: .tooOld), [])
    let said = log.lines.dropFirst()
    #expect(said.count == 3)
    for (text, records) in [("would reject or lose", 101), ("are dropped: the queue is full", 200), ("for newer", 500)]
    {
      #expect(said.contains { $0.contains(text) && $0.contains("\"records\": \(records)") })
    }
    #expect(destination.droppedRecords == 0)
    parts.drops.sayTotals(of: destination)
    #expect(log.lines.count == 4)
  }
}
