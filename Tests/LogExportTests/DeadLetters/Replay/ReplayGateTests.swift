import LogPipeline
import Testing

@testable import LogExport

@Suite struct ReplayGateTests {
  /// 2026-06-15T12:00:00Z.
  private let now: UInt64 = 1_781_524_800_000_000_000

  private func letter(
    _ time: String, of exporter: String = "vl", reason: String = "bad: thing", format: String = "jsonline",
    path: String = "/insert/jsonline?_time_field=t&_msg_field=m"
  ) throws -> (DeadLetter, [UInt8]) {
    let document = "{\"x\":{\"t\":1},\"t\":\"\(time)\"}"
    let record = format == "bulk" ? "{\"action\":{\"create\":{}},\"document\":\(document)}" : document
    let line =
      "{\"time\":\"2026-06-15T11:00:00Z\",\"exporter\":\"\(exporter)\",\"reason\":\"\(reason)\","
      + "\"format\":\"\(format)\",\"path\":\"\(path)\",\"record\":\(record)}"
    let letter = try #require(DeadLetter(line: Array(line.utf8)))
    return (letter, try #require(letter.body))
  }

  private func problem(_ letter: (DeadLetter, [UInt8]), _ gate: ReplayGate = ReplayGate()) throws -> DropReason? {
    gate.problem(with: letter.0, letter.1, speaking: try #require(ReplayDialect(letter.0)), unixNano: now)
  }

  @Test(
    arguments: [
      ("2026-06-15T11:59:59.5Z", nil), ("2026-06-08T12:00:00.000000001Z", nil), ("2026-06-08T11:59:59.999Z", .tooOld),
      ("1970-01-01T00:00:00Z", .tooOld), ("2026-06-17T12:00:00Z", nil), ("2026-06-17T12:00:00.1Z", .tooNew),
      ("not a time", nil),
    ] as [(String, DropReason?)])
  func aRecordOutsideOfWhatVictoriaLogsKeepsStays(_ time: String, _ expected: DropReason?) throws {
    #expect(try problem(letter(time)) == expected)
    let path = "/insert/elasticsearch/_bulk?_time_field=t"
    #expect(try problem(letter(time, format: "bulk", path: path)) == expected)
  }

  @Test func itIsTheTimeThatCountsAndNotWhatWasOldOrNewOnce() throws {
    var gate = ReplayGate()
    gate.maxAge = .seconds(30 * 86_400)
    let old = try letter("2026-06-01T00:00:00Z", reason: "too_old: not sent")
    #expect(try problem(old) == .tooOld)
    #expect(try problem(old, gate) == nil)
    gate.maxAge = .zero
    #expect(try problem(old, gate) == nil)
    #expect(try problem(letter("2026-06-15T00:00:00Z", reason: "too_new: not sent")) == nil)
    #expect(try problem(letter("soon", reason: "too_new: not sent")) == .tooNew)
    #expect(try problem(letter("then", reason: "too_old: not sent"), gate) == .tooOld)
  }

  @Test(
    arguments: [
      ("line_too_long: x", .lineTooLong), ("too_many_fields: x", .tooManyFields),
      ("field_name_too_long: x", .fieldNameTooLong), ("queue_full: x", nil), ("HTTP 400: too_old", nil),
    ] as [(String, DropReason?)])
  func whatIsTooLargeStaysUntilItIsForced(_ reason: String, _ expected: DropReason?) throws {
    let letter = try letter("2026-06-15T00:00:00Z", reason: reason)
    #expect(try problem(letter) == expected)
    var gate = ReplayGate()
    gate.isOpen = true
    #expect(try problem(letter, gate) == nil)
  }

  @Test func otherDestinationsAnswerForEachRecord() throws {
    #expect(try problem(letter("1999-01-01T00:00:00Z", of: "elasticsearch", format: "bulk", path: "/_bulk")) == nil)
  }

  @Test(arguments: [(0, nil), (6, nil), (8, .tooOld)] as [(UInt64, DropReason?)])
  func timesOfOTLPAreRead(_ days: UInt64, _ expected: DropReason?) throws {
    let time = now - days * 86_400_000_000_000
    let record = [0x09] + (0..<8).map { UInt8(truncatingIfNeeded: time >> ($0 * 8)) }
    let scope = [0x12, UInt8(record.count)] + record
    let logs = [0x12, UInt8(scope.count)] + scope
    let body = [0x0A, UInt8(logs.count)] + logs
    let line =
      "{\"time\":\"2026-06-15T11:00:00Z\",\"exporter\":\"vl\",\"reason\":\"r\",\"format\":\"otlp\","
      + "\"path\":\"/insert/opentelemetry/v1/logs\",\"record\":\"\"}"
    let letter = try #require(DeadLetter(line: Array(line.utf8)))
    #expect(try problem((letter, body)) == expected)
  }
}
