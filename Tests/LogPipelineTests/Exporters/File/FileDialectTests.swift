import FrameQueues
import LogPipeline
import Testing

@Suite struct FileDialectTests {
  private let dialect = FileDialect()

  private func object(_ request: Message) throws -> LineJSON { try Encoded(request, as: dialect).object() }

  @Test func aLineHoldsTheScopesOfOneResource() throws {
    let scopes = Message(
      .message(2, Message(.message(1, .string(1, "one")), .message(2, .record()))),
      .message(2, Message(.message(1, .string(1, "two")), .message(2, .record()), .message(2, .record()))))
    let encoded = try Encoded(.message(1, scopes) + .request(records: .record()), as: dialect)
    let lines = try encoded.lines.map { try LineJSON(parsing: $0) }
    #expect(lines.count == 2)
    let scopeLogs = lines[0]["resourceLogs"]?[0]?["scopeLogs"]?.elements ?? []
    #expect(scopeLogs.map { $0["scope"]?["name"] } == [.string("one"), .string("two")])
    #expect(scopeLogs.map { $0["logRecords"]?.elements.count } == [1, 2])
  }

  @Test(arguments: FileDialect.Format.allCases)
  func everyFrameIsWholeLines(format: FileDialect.Format) throws {
    var scopeLogs = Message()
    for index in 0..<100 { scopeLogs = scopeLogs + .message(2, .record(body: .text("record \(index)\n"))) }
    let encoded = try Encoded(.message(1, .message(2, scopeLogs)), as: FileDialect(format: format), frameBytes: 500)
    #expect(encoded.marks.count > 5 && encoded.records == 100)
    for (frame, mark) in zip(encoded.frames, encoded.marks) {
      let lines = String(decoding: frame, as: UTF8.self).split(separator: "\n")
      #expect(frame.last == UInt8(ascii: "\n"))
      let objects = try lines.map { try LineJSON(parsing: String($0)) }
      let records = objects.map {
        format == .flat ? 1 : $0["resourceLogs"]?[0]?["scopeLogs"]?[0]?["logRecords"]?.elements.count ?? 0
      }
      #expect(records.reduce(0, +) == mark.records)
    }
  }

  @Test func entityReferencesThatAreMalformedAreLeftOut() throws {
    func line(_ refs: [UInt8]) throws -> String {
      var batch = LogBatch()
      try batch.decode(protobuf: Message.request(records: .record()).bytes, limits: DecodeLimits())
      let slice = batch.store(refs)
      batch.resources[0].entityRefs = try #require(slice)
      let encoded = try Encoded(batch, as: dialect)
      _ = try encoded.object()
      return encoded.text
    }
    let good = Message.message(3, .string(2, "good")).bytes
    let bad =
      Message.message(3, .bytes(2, [0xFF])) + .message(3, .bytes(4, [0xC3])) + .message(3, Message(raw: [0x0A, 0x7F]))
      + .message(9, .string(2, "another field"))
    #expect(try line(bad.bytes + good + [0xFF]).contains(#""resource":{"entityRefs":[{"type":"good"}]},"#))
    #expect(try line(bad.bytes).contains(#""resource":{},"#))
  }

  @Test func aFailedWriteIsTriedAgain() {
    let empty = [UInt8]()
    empty.withUnsafeBytes { body in
      #expect(dialect.judge(Answer(.local), to: body, records: 1) == .delivered(duplicates: 0))
      #expect(
        dialect.judge(Answer(.http(507), message: "disk full"), to: body, records: 1)
          == .retry(after: nil, reason: "not written: disk full"))
      #expect(dialect.middle(of: body) == nil)
    }
    #expect(dialect.route == .local)
  }
}
