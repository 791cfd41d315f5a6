import LogPipeline
import Synchronization
import Testing

@testable import LogExport

@Suite struct DroppedLettersTests {
  private let folder = LetterFolder()

  private func dropped(_ text: String, _ reason: DropReason = .tooOld) -> DroppedRecord {
    DroppedRecord(bytes: Array(text.utf8), reason: reason)
  }

  private func letters(_ sink: any RefusalSink, time: ExportTime = .system) -> DroppedLetters {
    DroppedLetters(sink, of: "victorialogs", speaking: VictoriaLogsDialect(VictoriaLogsOptions()), time: time)
  }

  @Test func eachRecordBecomesALetterWithItsReason() async {
    let letters = letters(folder.file())
    let action = "{\"create\":{}}\n"
    letters.take([
      dropped(action + "{\"a\":1}\n"), dropped(action + "{\"a\":2}\n", .lineTooLong), dropped(action + "{\"a\":3}\n"),
    ])
    await letters.finish(within: .seconds(10))
    let found = folder.letters
    #expect(found.map(\.reasonKind) == ["line_too_long", "too_old", "too_old"])
    #expect(
      found.map { String(decoding: $0.record, as: UTF8.self) }.map { $0.contains("\"a\":") } == [true, true, true])
    #expect(found.allSatisfy { $0.exporter == "victorialogs" && $0.attempts == 0 && $0.format == .bulk })
    #expect(found.allSatisfy { $0.path.hasPrefix("/insert/elasticsearch/_bulk") })
    #expect(letters.unkept == 0)
  }

  @Test func whatAFileDoesNotTakeIsTriedAgain() async {
    let sink = FailingSink(failures: 3)
    let letters = letters(sink, time: TestTime().time)
    letters.take([dropped("a"), dropped("b")])
    await letters.finish(within: .seconds(1000))
    #expect(sink.taken == 2)
  }

  @Test func whatWaitsIsBounded() async {
    let sink = FailingSink(failures: .max)
    let time = TestTime(isManual: true)
    let letters = letters(sink, time: time.time)
    let half = String(repeating: "x", count: DroppedLetters.maxWaitingBytes / 2)
    letters.take([dropped(half)])
    letters.take([dropped(half)])
    #expect(letters.unkept == 0)
    letters.take([dropped("x")])
    #expect(letters.unkept == 1)
  }
}

/// Fails so many times, then counts what it takes.
private final class FailingSink: RefusalSink {
  private struct Full: Error {}
  private let state: Mutex<(failures: Int, taken: Int)>

  init(failures: Int) { state = Mutex((failures, 0)) }

  var taken: Int { state.withLock { $0.taken } }

  func take(_ refused: [RefusedRecords]) async throws {
    try state.withLock { state in
      if state.failures > 0 {
        state.failures -= 1
        throw Full()
      }
      state.taken += refused.reduce(0) { $0 + $1.body.records }
    }
  }
}
