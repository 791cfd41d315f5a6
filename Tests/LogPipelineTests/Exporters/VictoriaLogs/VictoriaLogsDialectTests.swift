import FrameQueues
import LogPipeline
import Testing

@Suite struct VictoriaLogsDialectTests {
  typealias IngestProtocol = VictoriaLogsOptions.IngestProtocol

  private static let now: UInt64 = 1_700_000_000_123_456_789

  private func dialect(
    _ ingestProtocol: IngestProtocol, _ change: (inout VictoriaLogsOptions) -> Void = { _ in }
  ) -> VictoriaLogsDialect {
    var options = VictoriaLogsOptions()
    options.ingestProtocol = ingestProtocol
    change(&options)
    return VictoriaLogsDialect(options)
  }

  private func encode(
    _ request: Message, _ ingestProtocol: IngestProtocol, keepsDropped: Bool = false,
    _ change: (inout VictoriaLogsOptions) -> Void = { _ in }
  ) throws -> Encoded {
    try Encoded(request, as: dialect(ingestProtocol, change), received: Self.now, keepsDropped: keepsDropped)
  }

  // MARK: Layouts

  @Test func jsonlineIsOneLineARecord() throws {
    let encoded = try encode(.request(records: .record(), .record(body: .text("two"))), .jsonline)
    #expect(
      encoded.text == """
        {"_time":"2023-11-14T22:13:20.123456789Z","_msg":"hello"}
        {"_time":"2023-11-14T22:13:20.123456789Z","_msg":"two"}

        """)
  }

  @Test func elasticsearchHasAnActionBeforeEachLine() throws {
    let encoded = try encode(.request(records: .record(), .record()), .elasticsearch)
    #expect(encoded.lines.count == 4)
    #expect(encoded.lines[0] == #"{"create":{}}"# && encoded.lines[2] == #"{"create":{}}"#)
    for line in encoded.lines { _ = try LineJSON(parsing: line) }
  }

  @Test func fieldNamesAndPrefixesAreThoseOfTheOptions() throws {
    let request = Message.request(
      resource: .resource(.pair("a", .text("r"))), records: .record(attributes: [.pair("a", .text("l"))]))
    let encoded = try encode(request, .jsonline) {
      $0.timeField = "ts\""
      $0.messageFields = ["message", "msg"]
      $0.resourcePrefix = "resource."
      $0.attributePrefix = "log."
    }
    #expect(
      try encoded.object()
        == .object([
          "ts\"": .string("2023-11-14T22:13:20.123456789Z"), "message": .string("hello"),
          "resource.a": .string("r"), "log.a": .string("l"),
        ]))
  }

  @Test(arguments: [IngestProtocol.jsonline, .elasticsearch])
  func everyFrameStandsAloneAndHalvesLoseNothing(ingestProtocol: IngestProtocol) throws {
    let dialect = dialect(ingestProtocol)
    let linesPerRecord = ingestProtocol == .jsonline ? 1 : 2
    var scopeLogs = Message()
    for index in 0..<101 {
      scopeLogs = scopeLogs + .message(2, .record(body: .text(String(repeating: "x\n", count: index))))
    }
    let encoded = try Encoded(.message(1, .message(2, scopeLogs)), as: dialect, received: Self.now, frameBytes: 1000)
    #expect(encoded.marks.count > 5)
    for (frame, mark) in zip(encoded.frames, encoded.marks) {
      #expect(frame.last == UInt8(ascii: "\n"))
      #expect(frame.count { $0 == UInt8(ascii: "\n") } == mark.records * linesPerRecord)
    }
    var parts = [encoded.bytes]
    var single = 0
    while let part = parts.popLast() {
      let records = part.count { $0 == UInt8(ascii: "\n") } / linesPerRecord
      guard let split = part.withUnsafeBytes({ dialect.middle(of: $0) }) else {
        #expect(records == 1)
        single += 1
        continue
      }
      let head = part[..<split.offset]
      #expect(head.count { $0 == UInt8(ascii: "\n") } == split.recordsBefore * linesPerRecord)
      #expect(split.recordsBefore > 0 && split.recordsBefore < records)
      parts += [Array(head), Array(part[split.offset...])]
    }
    #expect(single == 101)
  }

  // MARK: Limits, at them and one past

  @Test(arguments: IngestProtocol.allCases)
  func namesMayHave128Bytes(ingestProtocol: IngestProtocol) throws {
    for (count, kept) in [(128, 1), (129, 0)] {
      let name = String(repeating: "n", count: count)
      let attribute = Message.pair(name, .text("v"))
      let encoded = try encode(.request(records: .record(attributes: [attribute]), .record()), ingestProtocol)
      #expect(encoded.records == 1 + kept)
      #expect(encoded.dropped[.fieldNameTooLong] == 1 - kept)
      let resource = try encode(
        .request(resource: .resource(.pair(name, .text("v"))), records: .record()), ingestProtocol)
      #expect(resource.records == kept)
      let prefixed = try encode(
        .request(records: .record(attributes: [.pair(String(repeating: "n", count: count - 4), .text("v"))])),
        ingestProtocol
      ) { $0.attributePrefix = "log." }
      #expect(prefixed.records == kept)
    }
  }

  /// As the server itself does with a map whose names would be too long or too many.
  @Test(arguments: [IngestProtocol.jsonline, .elasticsearch])
  func aMapWithNamesTooLongOrTooManyStaysJSON(ingestProtocol: IngestProtocol) throws {
    let long = String(repeating: "n", count: 127)
    let many = (0..<1001).map { Message.pair("k\($0)", .integer(1)) }
    for members in [[.pair(long, .integer(1))], many] {
      let record = Message.record(attributes: [.pair("a", .map(members)), .pair("b", .map([.pair("c", .integer(2))]))])
      let encoded = try encode(.request(records: record), ingestProtocol)
      #expect(encoded.records == 1 && encoded.dropped.total == 0 && encoded.changes.unflattenedRecords == 1)
      let line = try LineJSON(parsing: encoded.lines.last ?? "")
      #expect(line.names == ["_time", "_msg", "a", "b"])
      #expect(line["b"] == .string(#"{"c":2}"#))
    }
    let short = Message.record(attributes: [.pair("a", .map([.pair(String(long.dropLast()), .integer(1))]))])
    #expect(try encode(.request(records: short), ingestProtocol).changes == FieldChanges())
  }

  @Test(arguments: [IngestProtocol.jsonline, .elasticsearch])
  func aLineMayHave1000Fields(ingestProtocol: IngestProtocol) throws {
    let nested = Message.pair("a", .map([.pair("b", .text("1")), .pair("c", .text("2"))]))
    let resource = Message.resource(.pair("r0", .text("r")), .pair("k0", .text("repeated")))
    for (count, kept) in [(995, 1), (996, 0)] {
      // With `_time`, `_msg`, `a.b`, `a.c` and `r0`: 5 more; `k0` of the resource gives way.
      let attributes = [nested] + (0..<count).map { Message.pair("k\($0)", .integer(Int64($0))) }
      let request = Message.request(resource: resource, records: .record(attributes: attributes))
      let encoded = try encode(request, ingestProtocol) { $0.maxFieldNames = 2000 }
      #expect(encoded.records == 1 && encoded.changes.unflattenedRecords == 1 - kept)
      if kept == 1 { #expect(try LineJSON(parsing: encoded.lines.last ?? "").names.count == 1000) }
    }
  }

  @Test func anOTLPRowMayHave1000Fields() throws {
    for (count, kept) in [(995, 1), (996, 0)] {
      // With `_msg`, both severities, `scope.name` and `scope.version`: 5 more.
      let attributes = (0..<count).map { Message.pair("k\($0)", .integer(Int64($0))) }
      let request = Message.request(scope: .string(1, "lib"), records: .record(attributes: attributes))
      let encoded = try encode(request, .otlp) { $0.maxFieldNames = 2000 }
      #expect(encoded.records == kept && encoded.dropped[.tooManyFields] == 1 - kept)
    }
  }

  @Test(arguments: [IngestProtocol.jsonline, .elasticsearch])
  func aLineIsShorterThan256KiB(ingestProtocol: IngestProtocol) throws {
    let shared = #"{"_time":"2023-11-14T22:13:20.123456789Z","_msg":"","service.name":"shop"}"#.utf8.count
    let resource = Message.resource(.pair("service.name", .text("shop")))
    for (extra, kept) in [(0, 1), (1, 0)] {
      let body = String(repeating: "x", count: 262_143 - shared + extra)
      let request = Message.request(resource: resource, records: .record(body: .text(body)), .record())
      let encoded = try encode(request, ingestProtocol)
      #expect(encoded.records == 1 + kept && encoded.dropped[.lineTooLong] == 1 - kept)
      if kept == 1 { #expect(encoded.lines.contains { $0.utf8.count == 262_143 }) }
    }
  }

  @Test func anOTLPRowMayHave2MiB() throws {
    // 48 for the row, `_msg` 4, severity number 15+2, scope name and version 10+13+7+7, and 6 for each of 4 fields.
    let rest = 48 + 4 + 17 + 37 + 24
    for (extra, kept) in [(0, 1), (1, 0)] {
      let body = String(repeating: "x", count: (2 << 20) - rest + extra)
      let encoded = try encode(.request(scope: .string(2, "1"), records: .record(body: .text(body))), .otlp)
      #expect(encoded.records == kept && encoded.dropped[.lineTooLong] == 1 - kept)
    }
  }

  @Test(arguments: IngestProtocol.allCases)
  func timesMayBeTwoDaysAhead(ingestProtocol: IngestProtocol) throws {
    let limit = Self.now + 172_800_000_000_000
    let encoded = try encode(.request(records: .record(time: limit), .record(time: limit + 1)), ingestProtocol)
    #expect(encoded.records == 1 && encoded.dropped[.tooNew] == 1)
  }

  @Test(arguments: IngestProtocol.allCases)
  func timesMayBeAsOldAsTheRetention(ingestProtocol: IngestProtocol) throws {
    let old = Message.request(records: .record(time: 1))
    for (seconds, age) in [(3600, Duration.seconds(3600)), (604_800, nil)] {
      let limit = Self.now - UInt64(seconds) * 1_000_000_000
      let request = Message.request(records: .record(time: limit), .record(time: limit - 1))
      let encoded = try encode(request, ingestProtocol) { $0.maxAge = age ?? $0.maxAge }
      #expect(encoded.records == 1 && encoded.dropped[.tooOld] == 1)
      #expect(try encode(old, ingestProtocol) { $0.maxAge = age ?? $0.maxAge }.dropped[.tooOld] == 1)
    }
    #expect(try encode(old, ingestProtocol) { $0.maxAge = .zero }.records == 1)
  }

  @Test(arguments: IngestProtocol.allCases)
  func limitsCanBeSet(ingestProtocol: IngestProtocol) throws {
    let request = Message.request(records: .record(attributes: [.pair("abcdef", .text("v"))]))
    #expect(try encode(request, ingestProtocol) { $0.maxFieldNameBytes = 5 }.dropped[.fieldNameTooLong] == 1)
    #expect(try encode(request, ingestProtocol) { $0.maxFields = 2 }.dropped[.tooManyFields] == 1)
    let lines = ingestProtocol != .otlp
    #expect(try encode(request, ingestProtocol) { $0.maxLineBytes = 60 }.dropped[.lineTooLong] == (lines ? 1 : 0))
  }

  @Test(arguments: [IngestProtocol.jsonline, .elasticsearch])
  func aLineIsShorterThanARowWhateverTheServersFlag(ingestProtocol: IngestProtocol) throws {
    for (count, kept) in [((2 << 20) - (8 << 10) - 60, 1), (2 << 20, 0)] {
      let body = String(repeating: "x", count: count)
      let encoded = try encode(.request(records: .record(body: .text(body))), ingestProtocol) {
        $0.maxLineBytes = 2 << 20
      }
      #expect(encoded.records == kept)
    }
  }

  @Test(arguments: IngestProtocol.allCases)
  func whatIsNotSentIsKeptAsItWouldHaveBeen(ingestProtocol: IngestProtocol) throws {
    let name = String(repeating: "n", count: 129)
    let resource = Message.resource(.pair("service.name", .text("shop")))
    let (scope, long) = (Message.string(1, "lib"), Message.record(attributes: [.pair(name, .text("v"))]))
    let request = Message.request(
      resource: resource, scope: scope, records: long, .record(), .record(time: 1))
    let encoded = try encode(request, ingestProtocol, keepsDropped: true)
    #expect(encoded.records == 1 && encoded.kept.map(\.reason) == [.fieldNameTooLong, .tooOld])
    if ingestProtocol == .otlp {
      #expect(
        encoded.kept.map(\.bytes) == [
          Message.request(resource: resource, scope: scope, records: long).bytes,
          Message.request(resource: resource, scope: scope, records: .record(time: 1)).bytes,
        ])
    } else {
      let lines = encoded.kept.map { String(decoding: $0.bytes, as: UTF8.self).split(separator: "\n") }
      #expect(lines.allSatisfy { $0.count == (ingestProtocol == .elasticsearch ? 2 : 1) })
      let objects = try lines.map { try LineJSON(parsing: String($0.last ?? "")) }
      #expect(objects.map { $0["service.name"] } == [.string("shop"), .string("shop")])
      #expect(objects[0][name] == .string("v") && objects[1]["_time"] == .string("1970-01-01T00:00:00.000000001Z"))
    }
    #expect(try encode(request, ingestProtocol).kept.isEmpty)
  }

  @Test(arguments: IngestProtocol.allCases)
  func aResourcePastALimitDropsItsRecordsOnly(ingestProtocol: IngestProtocol) throws {
    let large = Message.resource(.pair("large", .text(String(repeating: "x", count: 3_000_000))))
    let request =
      Message.request(resource: large, records: .record(), .record())
      + .request(resource: .resource(.pair("small", .text("x"))), records: .record())
    let encoded = try encode(request, ingestProtocol)
    #expect(encoded.records == 1 && encoded.dropped[.lineTooLong] == 2)
  }

  // MARK: Hostile requests

  /// Every record is dropped, so that nothing is written that the limit on encoded bytes could stop.
  @Test(arguments: IngestProtocol.allCases)
  func recordsThatAreDroppedDoNotCostTheirResourceEachTime(ingestProtocol: IngestProtocol) throws {
    let resource = (0..<999).reduce(Message()) {
      $0 + .message(1, .pair("r\($1)", .text(String(repeating: "x", count: 200))))
    }
    let attributes = (0..<20).map { Message.pair("k\($0)", .bool(true)) } + [.pair("r7", .text("own"))]
    let scope = Message.message(2, .message(2, .record(attributes: attributes)))
    var scopes: [UInt8] = []
    for _ in 0..<5000 { scopes += scope.bytes }
    let request = Message.message(1, .message(1, resource) + Message(raw: scopes))
    let start = ContinuousClock.now
    let encoded = try encode(request, ingestProtocol) { $0.maxFieldNames = 2000 }
    #expect(encoded.dropped[.tooManyFields] == 5000 && encoded.bytes.isEmpty)
    #expect(ContinuousClock.now - start < .seconds(20))
  }

  // MARK: OTLP

  private func decoded(_ bytes: [UInt8]) throws -> [Readable.Pair] {
    var batch = LogBatch()
    try batch.decode(protobuf: bytes, limits: DecodeLimits())
    return batch.records.flatMap { batch.readable($0.attributes) + [.init("body", batch.readable($0.body))] }
  }

  @Test func valuesThatAreUnsetAreNeverForwarded() throws {
    let request = Message.request(
      resource: .resource(.pair("gone", Message())), scope: .message(3, .pair("gone", Message())),
      records: .record(
        body: Message(),
        attributes: [
          .pair("gone", Message()), .pair("kept", .text("")),
          .pair("list", .list([Message(), .integer(1), .map([.pair("gone", Message())])])),
          .pair("map", .map([.pair("gone", Message()), .pair("kept", .bool(false))])),
        ]))
    let encoded = try encode(request, .otlp)
    #expect(
      try decoded(encoded.bytes) == [
        .init("list", #"[null,1,{"gone":null}]"#), .init("map", .map([.init("kept", .bool(false))])),
        .init("body", .empty),
      ])
  }

  @Test func nestingBelowSixteenLevelsBecomesJSONText() throws {
    let request = Message.request(
      records: .record(attributes: [
        .pair("a", .nested(16)), .pair("b", .nested(17)), .pair("c", .list([.nested(15), .nested(40)])),
        .pair("d", .text("after")),
      ]))
    func wrapped(_ levels: Int, _ value: Readable) -> Readable {
      (0..<levels).reduce(value) { value, _ in .map([.init("m", value)]) }
    }
    func text(_ levels: Int) -> String {
      String(repeating: #"{"m":"#, count: levels) + "\"deep\"" + String(repeating: "}", count: levels)
    }
    func json(_ levels: Int) -> Readable { .string(text(levels)) }
    #expect(
      try decoded(encode(request, .otlp).bytes) == [
        .init("a", wrapped(16, "deep")), .init("b", wrapped(16, json(1))),
        .init("c", .string("[\(text(15)),\(text(40))]")), .init("d", "after"),
        .init("body", "hello"),
      ])
  }

  /// The server has no text for them: it stores an error message.
  @Test func whatIsNoNumberIsTextOverOTLP() throws {
    let doubles: [(Double, Readable)] = [
      (.nan, "NaN"), (.infinity, "Infinity"), (-.infinity, "-Infinity"), (1.5, .double(1.5)),
    ]
    for (double, expected) in doubles {
      let value = Message.double(double)
      let request = Message.request(
        records: .record(body: value, attributes: [.pair("k", value), .pair("m", .map([.pair("k", value)]))]))
      #expect(
        try decoded(encode(request, .otlp).bytes)
          == [.init("k", expected), .init("m", .map([.init("k", expected)])), .init("body", expected)])
    }
  }

  @Test func prefixesStandInOTLPKeysToo() throws {
    let request = Message.request(
      resource: .resource(.pair("a", .text("r"))), scope: .string(1, "lib"),
      records: .record(attributes: [.pair("a", .text("l"))]))
    let encoded = try encode(request, .otlp) {
      $0.resourcePrefix = "resource."
      $0.attributePrefix = "log."
    }
    #expect(
      encoded.bytes
        == Message.request(
          resource: .resource(.pair("resource.a", .text("r"))), scope: .string(1, "lib"),
          records: .record(attributes: [.pair("log.a", .text("l"))])
        ).bytes)
  }
}
