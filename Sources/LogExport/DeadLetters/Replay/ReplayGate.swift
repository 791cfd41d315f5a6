import LogPipeline

/// Tells which letters their destination would take and lose: VictoriaLogs answers 200 to records that its limits
/// exclude, so that a letter of them would count as delivered.
package struct ReplayGate: Sendable, Equatable {
  /// The server's retention: letters with older records are not sent; 0 sends them. Default 7 days.
  package var maxAge = VictoriaLogsOptions().maxAge
  /// Sends whatever is asked for. Default false.
  package var isOpen = false

  package init() {}

  /// Why the letter with this body would be lost now; nil if it would not, as far as that can be told.
  func problem(
    with letter: DeadLetter, _ body: [UInt8], speaking dialect: ReplayDialect, unixNano now: UInt64
  ) -> DropReason? {
    guard !isOpen, dialect.losesRecords else { return nil }
    let told = DropReason.allCases.first { $0.label == letter.reasonKind }
    let times = Self.times(of: letter, body)
    if let problem = times.lazy.compactMap({ timeProblem(with: $0, now) }).first { return problem }
    switch told {
    case .tooOld, .tooNew: return times.isEmpty ? told : nil
    case .lineTooLong, .tooManyFields, .fieldNameTooLong: return told
    case .bodyNotMap, .notIndexed, .queueFull, nil: return nil
    }
  }

  /// In this notation, times sort as texts.
  private func timeProblem(with time: String, _ now: UInt64) -> DropReason? {
    let time = DeadLetterFilter.sortable(time)
    let newest = now.addingReportingOverflow(Self.nanos(VictoriaLogsOptions().maxFuture))
    if !newest.overflow, time > DeadLetterFilter.sortable(Self.text(newest.partialValue)) { return .tooNew }
    let age = Self.nanos(maxAge)
    return age > 0 && now > age && time < DeadLetterFilter.sortable(Self.text(now &- age)) ? .tooOld : nil
  }

  /// The times of a letter's records; nothing if they cannot be read.
  private static func times(of letter: DeadLetter, _ body: [UInt8]) -> [String] {
    switch letter.format {
    case .jsonline: times(inLines: body, field: timeField(of: letter.path), every: 1)
    case .bulk: times(inLines: body, field: timeField(of: letter.path), every: 2)
    case .otlp: times(inProtobuf: body)
    case .otlpTraces, .otlpMetrics, .text, nil: []
    }
  }

  /// The server's `_time_field`, as the letter's own query has it.
  private static func timeField(of path: String) -> String {
    let query = path.split(separator: "?", maxSplits: 1).dropFirst().first ?? ""
    let argument = query.split(separator: "&").first { $0.hasPrefix("_time_field=") }
    return argument.map { String($0.dropFirst("_time_field=".count)) } ?? "_time"
  }

  private static func times(inLines body: [UInt8], field: String, every lines: Int) -> [String] {
    let all = body.split(separator: UInt8(ascii: "\n"))
    return stride(from: lines - 1, to: all.count, by: lines).compactMap { index in
      var scanner = JSONScanner(Array(all[index]))
      var time: String?
      _ = scanner.object { scanner, key in
        guard time == nil, scanner.text(of: key, limitBytes: field.utf8.count + 1) == field else {
          return scanner.skipValue()
        }
        guard let value = scanner.string() else { return false }
        time = scanner.text(of: value, limitBytes: 64)
        return true
      }
      return time.flatMap { DeadLetterFilter.isTime($0) ? $0 : nil }
    }
  }

  private static func times(inProtobuf body: [UInt8]) -> [String] {
    var batch = LogBatch()
    do throws(DecodeError) {
      try batch.decode(protobuf: body, limits: DecodeLimits())
    } catch {
      return []
    }
    // A record without a time gets that of its arrival.
    let times = batch.records.map { batch.effectiveTimeUnixNano($0) }.filter { $0 > 0 }
    guard let oldest = times.min(), let newest = times.max() else { return [] }
    return [text(oldest), text(newest)]
  }

  private static func text(_ unixNano: UInt64) -> String {
    var bytes = ByteWriter(capacityBytes: 64)
    var times = TimestampWriter()
    times.appendRFC3339(unixNano, to: &bytes)
    return String(decoding: bytes.array, as: UTF8.self)
  }

  private static func nanos(_ duration: Duration) -> UInt64 {
    let seconds = UInt64(clamping: duration.components.seconds)
    let (nanos, overflowed) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    return overflowed ? .max : nanos
  }
}
