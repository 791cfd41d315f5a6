import LogPipeline
import Testing

@Suite struct DecodeProtobufTests {
  /// Decodes a body and hands the batch to `check`.
  private func decode(
    _ message: Message, limits: DecodeLimits = DecodeLimits(), _ check: (borrowing LogBatch) throws -> Void = { _ in }
  ) throws {
    var batch = LogBatch()
    try batch.decode(protobuf: message.bytes, limits: limits)
    try check(batch)
  }

  private func error(_ message: Message, limits: DecodeLimits = DecodeLimits()) -> DecodeError? {
    do { try decode(message, limits: limits) } catch { return error as? DecodeError }
    return nil
  }

  /// A record that has every field.
  private static let fullRecord = Message(
    .fixed64(1, 1_700_000_000_000_000_001), .int(2, 9), .string(3, "INFO"), .message(5, .text("hello")),
    .message(6, .pair("s", .text("v"))), .message(6, .pair("b", .int(2, 1))),
    .message(6, .pair("i", .int(3, UInt64(bitPattern: -5)))), .message(6, .pair("d", .fixed64(4, (1.5).bitPattern))),
    .message(
      6, .pair("a", .message(5, Message(.message(1, .text("x")), .message(1, .message(5, .message(1, .int(3, 7)))))))),
    .message(6, .pair("m", .message(6, .message(1, .pair("k", .message(6, .message(1, .pair("deep", .text("z"))))))))),
    .message(6, .pair("y", .bytes(7, [0, 255]))), .message(6, .pair("e", Message())),
    .int(7, 3), .fixed32(8, 0x101), .bytes(9, Array(1...16)), .bytes(10, Array(1...8)),
    .fixed64(11, 1_700_000_000_000_000_002), .string(12, "user.login"))

  @Test func everyFieldOfARecordIsDecoded() throws {
    let resource = Message(.message(1, .pair("service.name", .text("shop"))), .int(2, 4))
    let scope = Message(.string(1, "lib"), .string(2, "1.2"), .message(3, .pair("k", .text("v"))), .int(4, 5))
    try decode(.request(resource: resource, scope: scope, records: Self.fullRecord)) { batch in
      #expect(batch.records.count == 1)
      let record = try #require(batch.records.first)
      #expect(record.timeUnixNano == 1_700_000_000_000_000_001)
      #expect(record.observedTimeUnixNano == 1_700_000_000_000_000_002)
      #expect(record.severityNumber == 9)
      #expect(batch.text(record.severityText) == "INFO")
      #expect(batch.text(record.eventName) == "user.login")
      #expect(batch.readable(record.body) == "hello")
      #expect(record.droppedAttributesCount == 3)
      #expect(record.flags == 0x101)
      #expect(record.traceID == TraceID(high: 0x0102_0304_0506_0708, low: 0x090A_0B0C_0D0E_0F10))
      #expect(record.spanID == 0x0102_0304_0506_0708)
      #expect(
        batch.readable(record.attributes) == [
          .init("s", "v"), .init("b", .bool(true)), .init("i", -5), .init("d", .double(1.5)),
          .init("a", .array(["x", .array([7])])), .init("m", .map([.init("k", .map([.init("deep", "z")]))])),
          .init("y", .bytes([0, 255])), .init("e", .empty),
        ])
      let decodedScope = batch.scopes[0]
      #expect(batch.text(decodedScope.name) == "lib")
      #expect(batch.text(decodedScope.version) == "1.2")
      #expect(batch.readable(decodedScope.attributes) == [.init("k", "v")])
      #expect(decodedScope.droppedAttributesCount == 5)
      #expect(batch.readable(batch.resources[0].attributes) == [.init("service.name", "shop")])
      #expect(batch.resources[0].droppedAttributesCount == 4)
      #expect(batch.oddities.isEmpty)
    }
  }

  @Test func emptyBodyIsAnEmptyRequest() throws {
    try decode(Message()) { #expect($0.records.isEmpty) }
  }

  @Test func unknownFieldsAreSkippedAtEveryLevel() throws {
    let unknown = Message(.int(99, 1), .fixed64(98, 1), .fixed32(97, 1), .string(96, "x"))
    let value = Message.text("v") + unknown
    let record = Message(.message(5, value), .message(6, .pair("k", value) + unknown)) + unknown
    try decode(.request(resource: unknown, scope: unknown, records: record) + unknown) { batch in
      #expect(batch.readable(batch.records[0].body) == "v")
      #expect(batch.readable(batch.records[0].attributes) == [.init("k", "v")])
    }
  }

  @Test func recordsBeforeTheirScopeAndScopesBeforeTheirResourceAreFound() throws {
    let scopeLogs = Message(.message(2, .message(5, .text("a"))), .message(1, .string(1, "late")))
    let resourceLogs = Message(
      .message(2, scopeLogs), .message(1, .message(1, .pair("r", .int(3, 1)))), .string(3, "schema"))
    try decode(.message(1, resourceLogs)) { batch in
      let scope = batch.scopes[Int(batch.records[0].scope)]
      #expect(batch.text(scope.name) == "late")
      let resource = batch.resources[Int(scope.resource)]
      #expect(batch.readable(resource.attributes) == [.init("r", 1)])
      #expect(batch.text(resource.schemaURL) == "schema")
    }
  }

  @Test func aResourceThatComesTwiceIsMerged() throws {
    let record = Message(.message(6, .pair("between", .int(3, 1))))
    let resourceLogs = Message(
      .message(1, .message(1, .pair("a", .int(3, 1)))), .message(2, .message(2, record)),
      .message(1, Message(.message(1, .pair("b", .int(3, 2))), .int(2, 7))))
    try decode(.message(1, resourceLogs)) { batch in
      #expect(batch.readable(batch.resources[0].attributes) == [.init("a", 1), .init("b", 2)])
      #expect(batch.resources[0].droppedAttributesCount == 7)
      #expect(batch.readable(batch.records[0].attributes) == [.init("between", 1)])
    }
  }

  @Test func invalidUTF8BecomesReplacementCharactersAndIsCounted() throws {
    let record = Message(.message(5, .bytes(1, [0x61, 0xFF, 0x62])), .message(6, .pair("ok", .bytes(1, [0xC3]))))
    try decode(.request(records: record)) { batch in
      #expect(batch.readable(batch.records[0].body) == "a\u{FFFD}b")
      #expect(batch.readable(batch.records[0].attributes) == [.init("ok", "\u{FFFD}")])
      #expect(batch.oddities.repairedStrings == 2)
    }
    var limits = DecodeLimits()
    limits.invalidUTF8 = .refuse
    #expect(error(.request(records: record), limits: limits)?.reason == .invalidUTF8)
  }

  @Test func embeddedNULBytesSurvive() throws {
    try decode(.request(records: Message(.message(5, .text("a\0b"))))) { batch in
      #expect(batch.readable(batch.records[0].body) == "a\0b")
    }
  }

  /// A body of `levels` nested arrays around an integer.
  private static func nested(_ levels: Int) -> Message {
    var value = Message.int(3, 1)
    for _ in 1..<levels { value = .message(5, .message(1, value)) }
    return .request(records: Message(.message(5, value)))
  }

  @Test func nestingIsTakenUpToTheLimit() throws {
    var limits = DecodeLimits()
    limits.maxDepth = 5
    try decode(Self.nested(5), limits: limits)
    #expect(error(Self.nested(6), limits: limits)?.reason == .tooDeep(limit: 5))
  }

  @Test func recordsAreTakenUpToTheLimit() throws {
    var limits = DecodeLimits()
    limits.maxRecords = 2
    try decode(.request(records: Message(), Message()), limits: limits)
    #expect(
      error(.request(records: Message(), Message(), Message()), limits: limits)?.reason == .tooManyRecords(limit: 2))
    let resources = Message(.message(1, Message()), .message(1, Message()), .message(1, Message()))
    #expect(error(resources, limits: limits)?.reason == .tooManyRecords(limit: 2))
  }

  @Test func valuesAreTakenUpToTheLimit() throws {
    var limits = DecodeLimits()
    limits.maxValues = 4
    let array = Message.message(5, Message(.message(1, .int(3, 1)), .message(1, .int(3, 2))))
    let pair = Message.message(6, .pair("k", .int(3, 1)))
    try decode(.request(records: Message(.message(5, array), pair, pair)), limits: limits)
    #expect(
      error(.request(records: Message(.message(5, array), pair, pair, pair)), limits: limits)?.reason
        == .tooManyValues(limit: 4))
    #expect(
      error(.request(records: Message(pair, pair, pair, .message(5, array))), limits: limits)?.reason
        == .tooManyValues(limit: 4))
  }

  @Test func aResourceThatComesOftenCannotMultiplyItsAttributes() {
    var limits = DecodeLimits()
    limits.maxValues = 1000
    var resourceLogs = Message.message(1, .message(1, .pair("a", .int(3, 1))))
    for _ in 0..<2000 {
      resourceLogs =
        resourceLogs + .message(2, .message(1, .message(3, .pair("s", .int(3, 1))))) + .message(1, Message())
    }
    #expect(error(.message(1, resourceLogs), limits: limits)?.reason == .tooManyValues(limit: 1000))
  }

  @Test(
    arguments: [
      [0x0A], [0x0A, 0x05, 0x00], [0x0B], [0x0C], [0x13], [0x14], [0x07], [0x00, 0x00],
      [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], [0x0A, 0x80], [0x08, 0x01],
    ] as [[UInt8]])
  func malformedBytesAreAnErrorThatNamesTheirPlace(bytes: [UInt8]) throws {
    let fault = try #require(error(Message(raw: bytes)))
    guard case .malformed = fault.reason else {
      Issue.record("expected malformed, got \(fault)")
      return
    }
    #expect(fault.offset <= bytes.count)
    #expect(fault.message.hasPrefix("byte \(fault.offset): "))
  }

  /// Where groups may stand, from the request down to a member of a map.
  private static let paths: [[UInt64]] = [
    [], [1], [1, 1], [1, 1, 1], [1, 1, 1, 2], [1, 1, 3], [1, 2], [1, 2, 1], [1, 2, 1, 3], [1, 2, 2], [1, 2, 2, 6],
    [1, 2, 2, 5], [1, 2, 2, 5, 5], [1, 2, 2, 5, 6], [1, 2, 2, 5, 6, 1],
  ]

  private func error(at path: [UInt64], _ bytes: [UInt8]) -> DecodeError? {
    error(path.reversed().reduce(Message(raw: bytes)) { .message($1, $0) })
  }

  private func group(_ field: UInt64, _ content: [UInt8]) -> [UInt8] {
    Message.tag(field, 3) + content + Message.tag(field, 4)
  }

  private func nested(_ depth: Int) -> [UInt8] {
    (1...UInt64(depth)).reversed().reduce([]) { group($1 + 100, $0) }
  }

  @Test(arguments: paths) func unknownGroupsAreSkippedAtEveryLevel(path: [UInt64]) {
    let fields = Message(.int(1, 7), .fixed64(2, 7), .fixed32(3, 7), .string(4, "\u{B}\u{C}"), .bytes(5, [0xFF]))
    let content = group(1, fields.bytes) + fields.bytes + group(2, group(3, []))
    for field: UInt64 in [99, 1 << 29 - 1] {
      let bytes = group(field, content) + group(field, [])
      #expect(error(at: path, bytes) == nil)
    }
  }

  @Test func whatStandsAroundAGroupIsRead() throws {
    let skipped = Message(raw: group(99, Message(.text("no"), .message(5, .text("no"))).bytes))
    let value = skipped + .message(5, Message(.message(1, .text("a")), skipped, .message(1, .text("b")))) + skipped
    let record = Message(skipped, .string(3, "INFO"), skipped, .message(5, value), skipped)
    try decode(.request(resource: skipped, scope: skipped, records: record) + skipped) { batch in
      #expect(batch.records.count == 1)
      #expect(batch.readable(.string(batch.records[0].severityText)) == "INFO")
      #expect(batch.readable(batch.records[0].body) == .array(["a", "b"]))
    }
  }

  @Test(arguments: paths) func brokenGroupsAreRefusedAtEveryLevel(path: [UInt64]) {
    let start = Message.tag(99, 3)
    for (bytes, what): ([UInt8], StaticText) in [
      (start, "protobuf ends inside a group"), (start + [0x08, 0x01], "protobuf ends inside a group"),
      (start + group(98, []), "protobuf ends inside a group"), (start + [0x08], "protobuf ends inside a varint"),
      (start + Message.tag(98, 4), "protobuf group ends that was not begun"),
      (start + Message.tag(98, 3) + Message.tag(99, 4), "protobuf group ends that was not begun"),
      (Message.tag(99, 4), "protobuf group ends that was not begun"),
      (start + [0x0E] + Message.tag(99, 4), "protobuf wire type is not supported"),
      (start + [0x12, 0x7F, 0x00] + Message.tag(99, 4), "protobuf length runs past the end of its message"),
      (Message.tag(99, 6), "protobuf wire type is not supported"),
    ] {
      #expect(error(at: path, bytes)?.reason == .malformed(what), "\(bytes)")
    }
  }

  @Test func groupsMayNestUpToTheLimit() {
    #expect(error(at: [1, 2, 2], nested(100)) == nil)
    let tooDeep = DecodeError.Reason.malformed("protobuf groups are nested more than 100 levels deep")
    #expect(error(at: [1, 2, 2], nested(101))?.reason == tooDeep)
    let bomb = [[UInt8]](repeating: Message.tag(99, 3), count: 1_000_000).flatMap { $0 }
    #expect(error(at: [], bomb)?.reason == tooDeep)
    #expect(error(at: [], [[UInt8]](repeating: group(99, []), count: 100_000).flatMap { $0 }) == nil)
  }

  @Test func everyTruncationIsAnErrorOrAShorterRequest() {
    let whole = Message.request(records: Self.fullRecord).bytes
    for count in 1..<whole.count {
      #expect(error(Message(raw: Array(whole[..<count]))) != nil)
    }
  }
}
