import FrameQueues
import LogPipeline
import Testing

/// What holds for every dialect.
@Suite struct DialectTests {
  /// A dialect that says no more than it must.
  private struct Terse: Dialect {
    func encode(_ batch: borrowing LogBatch, into frames: inout FrameWriter) throws(EncodeError) {
      for record in batch.records {
        frames.bytes.append(UInt8(truncatingIfNeeded: record.timeUnixNano))
        try frames.endRecord()
      }
      try frames.finish()
    }
    var route: DialectRoute { .discard }
    func judge(_ answer: Answer, to body: UnsafeRawBufferPointer, records: Int) -> Verdict { .delivered(duplicates: 0) }
    func middle(of body: UnsafeRawBufferPointer) -> Split? { nil }
  }

  private static let names = ["elasticsearch", "victorialogs", "otlp", "file", "file flat", "debug", "nop"]

  private func dialect(_ name: String) throws -> any Dialect {
    switch name {
    case "elasticsearch": return try ElasticsearchDialect(ElasticsearchOptions())
    case "victorialogs": return VictoriaLogsDialect(VictoriaLogsOptions())
    case "otlp": return OTLPDialect(transport: .grpc)
    case "file": return FileDialect()
    case "file flat": return FileDialect(format: .flat)
    case "debug": return DebugDialect(verbosity: .detailed)
    default: return NopDialect()
    }
  }

  private static let now: UInt64 = 1_795_960_800_000_000_000

  private func encoded(_ records: Int, as dialect: any Dialect) throws -> Encoded {
    var scopeLogs = Message.message(1, .string(1, "scope"))
    for index in 0..<records { scopeLogs = scopeLogs + .message(2, .record(time: Self.now, body: .text("r\(index)"))) }
    let request = Message.message(1, Message(.message(1, .resource(.pair("a", .text("b")))), .message(2, scopeLogs)))
    return try Encoded(request, as: dialect, received: Self.now, frameBytes: 1)
  }

  @Test(arguments: names) func everyRecordIsInAFrame(_ name: String) throws {
    let encoded = try encoded(9, as: dialect(name))
    #expect(encoded.records == 9 && encoded.dropped.total == 0)
    #expect(encoded.marks.last?.endOffset == encoded.bytes.count)
    #expect(encoded.marks.map(\.endOffset) == encoded.marks.map(\.endOffset).sorted())
    let none = try self.encoded(0, as: dialect(name))
    #expect(none.bytes.isEmpty && none.marks.isEmpty)
  }

  /// Any run of frames is a body, and is cut between two frames if it is cut.
  @Test(arguments: names) func aBodyIsCutBetweenRecords(_ name: String) throws {
    let dialect = try dialect(name)
    let encoded = try encoded(9, as: dialect)
    let ends = encoded.marks.map(\.endOffset)
    for first in ends.indices {
      for last in first..<ends.count {
        let start = first == 0 ? 0 : ends[first - 1]
        let body = Array(encoded.bytes[start..<ends[last]])
        guard let split = body.withUnsafeBytes({ dialect.middle(of: $0) }) else {
          #expect(last == first || ["file", "file flat", "debug", "nop"].contains(name))
          continue
        }
        let cut = ends.firstIndex(of: start + split.offset)
        #expect(cut.map { $0 >= first && $0 < last && split.recordsBefore == $0 - first + 1 } == true)
      }
    }
  }

  @Test(arguments: names) func aBodyThatIsNoneOfItsOwnIsNoTrap(_ name: String) throws {
    let dialect = try dialect(name)
    for body in [[], [0], [0xFF], [0x0A, 0x7F], Array("\n\n\n".utf8), [UInt8](repeating: 0xFF, count: 100)] as [[UInt8]]
    {
      body.withUnsafeBytes { body in
        if let split = dialect.middle(of: body) { #expect(split.offset > 0 && split.offset < body.count) }
        if let halves = dialect.halves(of: body) { #expect(halves.recordsInFirst > 0) }
        let pieces = dialect.bodyFormat.pieces(of: body, records: 3)
        #expect(pieces.last?.range.upperBound == body.count && pieces.reduce(0) { $0 + $1.records } == 3)
        _ = dialect.judge(Answer(.http(200)), to: body, records: 3)
        _ = dialect.judge(Answer(.http(.min), body: Array(body)), to: body, records: 3)
      }
    }
  }

  @Test func whatADialectDoesNotSayIsTheLeast() throws {
    let terse = Terse()
    #expect(!terse.needsRequestHash && terse.bodyFormat == .text)
    let body = try encoded(4, as: terse)
    #expect(body.bytes.withUnsafeBytes { terse.halves(of: $0) } == nil)
    #expect(body.marks.map(\.records) == [1, 1, 1, 1])
  }
}
