import FrameQueues
import LogPipeline
import Testing

/// Flat lines as the `file` exporter writes them; the limits are tested with VictoriaLogs, which sets them.
@Suite struct FlatLineWriterTests {
  private let dialect = FileDialect(format: .flat)

  private func line(_ request: Message, received: UInt64 = 0) throws -> LineJSON {
    try Encoded(request, as: dialect, received: received).object()
  }

  private func line(attributes: [Message], body: Message? = .text("m"), resource: Message = Message()) throws
    -> LineJSON
  {
    try line(.request(resource: resource, records: .record(body: body, attributes: attributes)))
  }

  @Test func aFullRecordHasTheseFields() throws {
    let record =
      Message.record(attributes: [.pair("http.method", .text("GET")), .pair("n", .integer(.max))])
      + .int(2, 17) + .string(3, "ERROR") + .bytes(9, Array(1...16)) + .bytes(10, Array(1...8)) + .string(12, "login")
    let scope = Message(.string(1, "lib"), .string(2, "2.0")) + .message(3, .pair("team", .text("red")))
    let request = Message.request(
      resource: .resource(.pair("service.name", .text("shop")), .pair("ok", .bool(true))), scope: scope,
      records: record)
    #expect(
      try line(request)
        == .object([
          "_time": .string("2023-11-14T22:13:20.123456789Z"), "_msg": .string("hello"),
          "severity_text": .string("ERROR"), "severity_number": .number("17"),
          "trace_id": .string("0102030405060708090a0b0c0d0e0f10"), "span_id": .string("0102030405060708"),
          "event_name": .string("login"), "scope.name": .string("lib"), "scope.version": .string("2.0"),
          "scope.attributes.team": .string("red"), "service.name": .string("shop"), "ok": .bool(true),
          "http.method": .string("GET"), "n": .number("9223372036854775807"),
        ]))
  }

  @Test func anEmptyRecordHasOnlyATime() throws {
    #expect(
      try line(.request(records: Message()), received: 1_000_000_007)
        == .object(["_time": .string("1970-01-01T00:00:01.000000007Z")]))
  }

  @Test func theTimeIsTheRecordsElseTheObservedElseTheReceived() throws {
    let observed = Message.request(records: .fixed64(11, 2_000_000_000))
    #expect(try line(observed, received: 9)["_time"] == .string("1970-01-01T00:00:02.000000000Z"))
    let both = Message.request(records: .fixed64(1, 1_000_000_000) + .fixed64(11, 2_000_000_000))
    #expect(try line(both, received: 9)["_time"] == .string("1970-01-01T00:00:01.000000000Z"))
  }

  @Test func nestedMapsAreFlattenedWithDots() throws {
    let value = Message.map([.pair("b", .map([.pair("c", .integer(1))])), .pair("d", .text("x"))])
    let object = try line(attributes: [.pair("a", value)])
    #expect(object.names == ["_time", "_msg", "a.b.c", "a.d"])
    #expect(object["a.b.c"] == .number("1"))
  }

  @Test func arraysAreJSONTextAndBytesAreBase64() throws {
    let list = Message.list([.text("q\"\n"), .integer(1), .double(0.5), .map([.pair("k", Message())]), .blob([1])])
    let object = try line(attributes: [.pair("a", list), .pair("b", .blob([0, 1, 2, 3])), .pair("e", .list([]))])
    #expect(object["a"] == .string(#"["q\"\n",1,0.5,{"k":null},"AQ=="]"#))
    #expect(object["b"] == .string("AAECAw=="))
    #expect(object["e"] == .string("[]"))
  }

  @Test func valuesThatAreNoNumbersAreStrings() throws {
    let object = try line(attributes: [
      .pair("n", .double(.nan)), .pair("i", .double(.infinity)), .pair("m", .double(-.infinity)),
      .pair("z", .double(-0.0)),
    ])
    #expect(object["n"] == .string("NaN"))
    #expect(object["i"] == .string("Infinity"))
    #expect(object["m"] == .string("-Infinity"))
    #expect(object["z"] == .number("-0"))
  }

  @Test func emptyValuesAreLeftOut() throws {
    let object = try line(
      attributes: [.pair("a", Message()), .pair("b", .text("")), .pair("c", .map([])), .pair("d", .bool(false))],
      body: .text(""))
    #expect(object.names == ["_time", "d"])
  }

  @Test(arguments: [
    (Message.integer(5), LineJSON.number("5")), (.bool(true), .bool(true)), (.double(2), .number("2")),
    (.blob([255]), .string("/w==")), (.list([.integer(1)]), .string("[1]")),
  ])
  func bodiesThatAreNoTextAreMessagesToo(body: Message, expected: LineJSON) throws {
    #expect(try line(attributes: [], body: body)["_msg"] == expected)
  }

  @Test func aMapBodyBecomesFieldsOfItsOwn() throws {
    let body = Message.map([
      .pair("event", .text("login")), .pair("_msg", .text("text")), .pair("user", .map([.pair("id", .integer(1))])),
    ])
    let object = try line(attributes: [.pair("event", .text("attribute")), .pair("x", .text("y"))], body: body)
    #expect(object.names == ["_time", "_msg", "event", "user.id", "x"])
    #expect(object["event"] == .string("login"))
    #expect(object["_msg"] == .string("text"))
  }

  // MARK: Names that occur twice

  @Test func ofRepeatedAttributesTheLastIsKept() throws {
    let object = try line(attributes: [
      .pair("k", .text("first")), .pair("other", .text("o")), .pair("k", .text("second")), .pair("k", .text("last")),
      .pair("a", .map([.pair("b", .text("nested"))])), .pair("a.b", .text("dotted")),
    ])
    #expect(object.names == ["_time", "_msg", "k", "other", "a.b"])
    #expect(object["k"] == .string("last"))
    #expect(object["a.b"] == .string("dotted"))
  }

  @Test func theRecordWinsOverResourceAndTheResourceOverScope() throws {
    let resource = Message.resource(
      .pair("a", .text("resource")), .pair("b", .text("resource")), .pair("scope.name", .text("resource")),
      .pair("b", .text("resource again")), .pair("c", .text("resource")))
    let record = Message.record(attributes: [.pair("a", .text("record")), .pair("scope.version", .text("record"))])
    let scope = Message(.string(1, "scope"), .string(2, "scope"))
    let object = try line(.request(resource: resource, scope: scope, records: record))
    #expect(
      object
        == .object([
          "_time": .string("2023-11-14T22:13:20.123456789Z"), "_msg": .string("hello"), "a": .string("record"),
          "b": .string("resource again"), "c": .string("resource"), "scope.name": .string("resource"),
          "scope.version": .string("record"),
        ]))
  }

  @Test func theRecordsOwnFieldsWinOverAttributes() throws {
    let names = ["_time", "_msg", "trace_id", "span_id", "severity_text", "severity_number", "event_name"]
    let attributes = names.map { Message.pair($0, .text("forged")) }
    let record =
      Message.record(attributes: attributes) + .int(2, 9) + .string(3, "INFO") + .bytes(9, Array(1...16))
      + .bytes(10, Array(1...8)) + .string(12, "login")
    let resource = attributes.reduce(Message()) { $0 + .message(1, $1) }
    let object = try line(.request(resource: resource, records: record))
    #expect(object.names == Set(names))
    for name in names { #expect(object[name] != .string("forged"), "\(name)") }
  }

  @Test func attributesStandInForFieldsThatTheRecordLacks() throws {
    let object = try line(attributes: [.pair("trace_id", .text("mine")), .pair("", .text("no name"))], body: nil)
    #expect(object["trace_id"] == .string("mine"))
    #expect(object["_msg"] == .string("no name"))
  }

  @Test func allRecordsOfAScopeGetItsFieldsWhateverOneOfThemHas() throws {
    let resource = Message.resource(.pair("a", .text("ra")), .pair("b", .text("rb")), .pair("c", .text("rc")))
    let request = Message.request(
      resource: resource, records: .record(attributes: [.pair("b", .text("own"))]), .record(),
      .record(attributes: [.pair("c", .text("own")), .pair("a", .text("own"))]))
    let objects = try Encoded(request, as: dialect).lines.map { try LineJSON(parsing: $0) }
    #expect(objects.map { $0["a"] } == [.string("ra"), .string("ra"), .string("own")])
    #expect(objects.map { $0["b"] } == [.string("own"), .string("rb"), .string("rb")])
    #expect(objects.map { $0["c"] } == [.string("rc"), .string("rc"), .string("own")])
  }

  /// Draws names from a few that collide, nest and need escapes, and compares with a dictionary.
  @Test(arguments: 0..<40 as Range<UInt64>)
  func linesHoldWhatADictionaryWouldHold(seed: UInt64) throws {
    var random = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    func draw(_ bound: Int) -> Int {
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(random >> 33) % bound
    }
    func pairs(_ prefix: String) -> [(String, String)] {
      (0..<draw(40)).map { ("k\"\(draw(25))\n", "\(prefix)\($0)") }
    }
    let resource = pairs("r")
    let records = (0..<5).map { _ in pairs("a") }
    var scopeLogs = Message(.message(1, .string(1, "s")))
    for record in records {
      scopeLogs =
        scopeLogs + .message(2, .record(body: nil, attributes: record.map { .pair($0.0, .text($0.1)) }))
    }
    let resourceMessage = resource.reduce(Message()) { $0 + .message(1, .pair($1.0, .text($1.1))) }
    let request = Message.message(1, Message(.message(1, resourceMessage), .message(2, scopeLogs)))
    let objects = try Encoded(request, as: dialect).lines.map { try LineJSON(parsing: $0) }
    let expected = records.map { record in
      var members: [String: LineJSON] = ["scope.name": .string("s")]
      for (name, value) in resource + record { members[name] = .string(value) }
      members["_time"] = .string("2023-11-14T22:13:20.123456789Z")
      return LineJSON.object(members)
    }
    #expect(objects == expected)
  }

  // MARK: Hostile records

  @Test func textThatNeedsEscapesStaysInItsLine() throws {
    let text = "a\n\r\t\u{0}\u{1F}\"\\\u{7F}é\u{2028}🦊"
    let object = try line(
      attributes: [.pair(text, .text(text))], body: .text(text), resource: .resource(.pair("r" + text, .text(text))))
    #expect(object[text] == .string(text))
    #expect(object["_msg"] == .string(text))
    #expect(object["r" + text] == .string(text))
  }

  @Test func mapsBelowSixteenLevelsStayJSONText() throws {
    let object = try line(attributes: [.pair("a", .nested(16)), .pair("b", .nested(17))])
    let sixteen = Array(repeating: "m", count: 16).joined(separator: ".")
    #expect(object["a.\(sixteen)"] == .string("deep"))
    #expect(object["b.\(sixteen)"] == .string(#"{"m":"deep"}"#))
  }

  @Test func mapsUnderLongNamesStayJSONText() throws {
    let limit = String(repeating: "n", count: 128)
    let map = Message.map([.pair("k", .text("v"))])
    let object = try line(attributes: [.pair(limit, map), .pair(limit + "n", map)])
    #expect(object[limit + ".k"] == .string("v"))
    #expect(object[limit + "n"] == .string(#"{"k":"v"}"#))
  }

  @Test func aHundredThousandRepeatedNamesAreQuick() throws {
    let attributes = (0..<100_000).map { Message.pair("k\($0 % 50_000)", .integer(Int64($0))) }
    let start = ContinuousClock.now
    let object = try line(attributes: attributes)
    #expect(object.names.count == 50_002)
    #expect(object["k7"] == .number("50007"))
    #expect(ContinuousClock.now - start < .seconds(20))
  }

  @Test func aLineAtTheLimitIsWrittenAndALongerOneCounted() throws {
    #expect(dialect.maxLineBytes == 16 << 20)
    let small = FileDialect(format: .flat, maxLineBytes: 1000)
    let frame = #"{"_time":"2023-11-14T22:13:20.123456789Z","_msg":""}"#.utf8.count
    let fits = String(repeating: "x", count: 1000 - frame)
    let written = try Encoded(.request(records: .record(body: .text(fits))), as: small)
    #expect(written.records == 1 && written.bytes.count == 1001)
    let tooLong = try Encoded(.request(records: .record(body: .text(fits + "x")), .record()), as: small)
    #expect(tooLong.dropped[.lineTooLong] == 1 && tooLong.records == 1)
  }

  /// The resource's value is overridden by a short one, so that the line fits although both together do not.
  @Test func repeatedNamesAreRemovedBeforeALineIsMeasured() throws {
    let small = FileDialect(format: .flat, maxLineBytes: 1000)
    let long = String(repeating: "x", count: 800)
    let request = Message.request(
      resource: .resource(.pair("a", .text(long))),
      records: .record(attributes: [.pair("b", .text(long)), .pair("b", .text("b")), .pair("a", .text("a"))]))
    #expect(try Encoded(request, as: small).object()["a"] == .string("a"))
  }
}
