import LogPipeline
import Testing

/// Reserved names, and streams with too many, as lines to VictoriaLogs have them.
@Suite struct LineFieldsNamesTests {
  private static let now: UInt64 = 1_795_960_800_000_000_000

  private func dialect(_ change: (inout VictoriaLogsOptions) -> Void = { _ in }) -> VictoriaLogsDialect {
    var options = VictoriaLogsOptions()
    options.ingestProtocol = .jsonline
    change(&options)
    return VictoriaLogsDialect(options)
  }

  private func encode(_ request: Message, as dialect: VictoriaLogsDialect) throws -> Encoded {
    try Encoded(request, as: dialect, received: Self.now)
  }

  // MARK: Reserved names

  @Test func reservedNamesOfAttributesAreChangedAtEveryLevel() throws {
    let names = ["_stream", "_stream_id", "_time", "_msg"]
    let forged = names.map { Message.pair($0, .text("forged")) }
    let resource = forged.reduce(Message()) { $0 + .message(1, $1) }
    let encoded = try encode(
      .request(resource: resource, records: .record(time: Self.now, attributes: forged)), as: dialect())
    let line = try encoded.object()
    #expect(line.names == Set(names.map { $0 + ".attribute" } + ["_time", "_msg"]))
    #expect(line["_msg"] == .string("hello") && line["_stream.attribute"] == .string("forged"))
    #expect(encoded.changes.renamedFields == 8)
  }

  @Test func membersOfABodyAreChangedButForTheMessage() throws {
    let body = Message.map([
      .pair("_msg", .text("m")), .pair("_stream", .text("{a=\"b\"}")), .pair("_time", .text("x")),
      .pair("n", .map([.pair("_time", .integer(1))])),
    ])
    let encoded = try encode(.request(records: .record(time: Self.now, body: body)), as: dialect())
    let line = try encoded.object()
    #expect(line.names == ["_time", "_msg", "_stream.attribute", "_time.attribute", "n._time"])
    #expect(line["_msg"] == .string("m") && encoded.changes.renamedFields == 2)
  }

  @Test func theNameOfTheTimeIsReservedToo() throws {
    let request = Message.request(records: .record(time: Self.now, attributes: [.pair("@timestamp", .text("x"))]))
    let line = try encode(request, as: dialect { $0.timeField = "@timestamp" }).object()
    #expect(line.names == ["@timestamp", "_msg", "@timestamp.attribute"])
  }

  @Test func attributesWithoutANameAreMessagesThatTheRecordHasAlready() throws {
    let request = Message.request(records: .record(time: Self.now, attributes: [.pair("", .text("x"))]))
    #expect(try encode(request, as: dialect()).object()["_msg.attribute"] == .string("x"))
  }

  @Test func eachOfManyAlikeRecordsIsCounted() throws {
    let record = Message.record(time: Self.now, attributes: [.pair("k", .text("v")), .pair("_stream", .text("x"))])
    let encoded = try encode(.request(records: record, record, record, record, record, record), as: dialect())
    #expect(encoded.changes.renamedFields == 6)
    for line in encoded.lines { #expect(try LineJSON(parsing: line)["_stream.attribute"] == .string("x")) }
  }

  // MARK: Too many names

  /// A record with a map whose keys are ids, and one plain attribute.
  private func record(ids: Range<Int>) -> Message {
    .record(
      time: Self.now,
      attributes: [.pair("plain", .text("p")), .pair("users", .map(ids.map { .pair("id-\($0)", .integer(1)) }))])
  }

  private func names(_ encoded: Encoded) throws -> Set<String> {
    try encoded.lines.reduce(into: []) { $0.formUnion(try LineJSON(parsing: $1).names) }
  }

  @Test func aStreamWithTooManyNamesKeepsMapsAsJSON() throws {
    let dialect = dialect { $0.maxFieldNames = 200 }
    // `_time`, `_msg`, `plain` and 177 ids are the 180 that maps may take part in.
    let first = try encode(.request(records: record(ids: 0..<177)), as: dialect)
    #expect(try names(first).count == 180 && first.changes == FieldChanges())
    let second = try encode(.request(records: record(ids: 0..<177), record(ids: 170..<178)), as: dialect)
    #expect(try names(second).count == 181 && second.changes.unflattenedRecords == 1)
    #expect(try LineJSON(parsing: second.lines[1])["plain"] == .string("p"))
    #expect(
      try LineJSON(parsing: second.lines[1])["users"]
        == .string(
          "{" + (170..<178).map { "\"id-\($0)\":1" }.joined(separator: ",") + "}"))
  }

  @Test func attributesBeyondTheLimitShareAField() throws {
    let dialect = dialect { $0.maxFieldNames = 30 }
    let attributes = (0..<30).map {
      Message.pair("a\($0)", $0 == 29 ? .map([.pair("x", .bool(true))]) : .integer(Int64($0)))
    }
    let encoded = try encode(.request(records: .record(time: Self.now, attributes: attributes)), as: dialect)
    let line = try encoded.object()
    // `_time` and `_msg` are counted with the line, the 18 attributes as they come.
    #expect(line.names == Set((0..<18).map { "a\($0)" } + ["_time", "_msg", "other_attributes"]))
    #expect(
      line["other_attributes"]
        == .string(
          "{" + (18..<29).map { "\"a\($0)\":\($0)," }.joined() + #""a29":{"x":true}}"#))
    #expect(encoded.changes.unflattenedRecords == 1)
  }

  @Test func otherStreamsHaveNamesOfTheirOwn() throws {
    let dialect = dialect { $0.maxFieldNames = 100 }
    for service in ["a", "b", "c"] {
      let resource = Message.resource(.pair("service.name", .text(service)), .pair("host.name", .text("h")))
      let encoded = try encode(.request(resource: resource, records: record(ids: 0..<80)), as: dialect)
      #expect(encoded.changes == FieldChanges())
    }
  }

  @Test func hostsThatShareAStreamShareItsNames() throws {
    let dialect = dialect { $0.maxFieldNames = 100 }
    var changed = 0
    for host in 0..<3 {
      let resource = Message.resource(.pair("service.name", .text("a")), .pair("host.name", .text("h\(host)")))
      let ids = host * 40..<host * 40 + 40
      changed += try encode(.request(resource: resource, records: record(ids: ids)), as: dialect).changes
        .unflattenedRecords
    }
    #expect(changed == 1)
  }

  @Test func namesAreForgottenAfterTwoWindows() throws {
    let dialect = dialect { $0.maxFieldNames = 100 }
    for window in 0..<6 {
      var batch = LogBatch()
      batch.receivedUnixNano = Self.now + UInt64(window) * 3_700_000_000_000
      let ids = window * 80..<window * 80 + 80
      try batch.decode(protobuf: Message.request(records: record(ids: ids)).bytes, limits: DecodeLimits())
      let encoded = try Encoded(batch, as: dialect)
      #expect(encoded.changes.unflattenedRecords == window % 2)
    }
  }

  @Test func aResourcesMapsStayJSONToo() throws {
    let dialect = dialect { $0.maxFieldNames = 20 }
    let ids = (0..<30).map { Message.pair("id-\($0)", .integer(1)) }
    let resource = Message.resource(.pair("labels", .map(ids)), .pair("service.name", .text("a")))
    let encoded = try encode(
      .request(resource: resource, records: .record(time: Self.now), .record(time: Self.now)), as: dialect)
    #expect(try names(encoded) == ["_time", "_msg", "labels", "service.name"])
  }

  /// Resources of one stream, each with a name of its own; what cannot have one shares a field.
  @Test func namesOfResourcesAndScopesAreBoundedToo() throws {
    let dialect = dialect { $0.maxFieldNames = 100 }
    var all: Set<String> = []
    for host in 0..<300 {
      let resource = Message.resource(.pair("own-\(host)", .text("r")), .pair("service.name", .text("a")))
      let scope = Message.message(3, .pair("own-\(host)", .integer(7)))
      let record = Message.record(time: Self.now, attributes: [.pair("k", .text("v"))])
      let line = try encode(.request(resource: resource, scope: scope, records: record), as: dialect).object()
      all.formUnion(line.names)
      #expect(line["service.name"] == .string("a") && line["k"] == .string("v"))
      let texts = [line["own-\(host)"] ?? line["other_resource_attributes"]]
      #expect(texts == [.string("r")] || texts == [.string("{\"own-\(host)\":\"r\"}")])
      let scoped = line["scope.attributes.own-\(host)"] ?? line["scope.attributes.other_attributes"]
      #expect(scoped == .number("7") || scoped == .string("{\"own-\(host)\":7}"))
    }
    #expect(all.count <= 100 && all.contains("other_resource_attributes"))
    #expect(all.contains("scope.attributes.other_attributes"))
  }

  @Test func whatTellsStreamsApartKeepsItsName() throws {
    let dialect = dialect { $0.maxFieldNames = 20 }
    let pairs = (0..<30).map { Message.pair("a\($0)", .integer(1)) } + [.pair("service.name", .text("a"))]
    let resource = pairs.reduce(Message()) { $0 + .message(1, $1) }
    let line = try encode(.request(resource: resource, records: .record(time: Self.now)), as: dialect).object()
    #expect(line["service.name"] == .string("a") && line["a29"] == nil)
  }

  @Test func whatSharesAFieldOfRecordsStandsBehindTheirPrefix() throws {
    let dialect = dialect {
      $0.maxFieldNames = 20
      $0.attributePrefix = "l."
    }
    let pairs = (0..<30).map { Message.pair("a\($0)", .integer(1)) }
    let line = try encode(.request(records: .record(time: Self.now, attributes: pairs)), as: dialect).object()
    #expect(line["l.other_attributes"] != nil && line["other_attributes"] == nil)
  }

  @Test(arguments: [(0, ["a", "b"]), (1, ["a.x", "a.y", "b.z"]), (2, ["a.x", "a.y.w", "b.z"])])
  func flattensAsDeepAsItIsTold(depth: Int, names: [String]) throws {
    let attributes = [
      Message.pair("a", .map([.pair("x", .integer(1)), .pair("y", .map([.pair("w", .integer(2))]))])),
      .pair("b", .map([.pair("z", .integer(3))])),
    ]
    let encoded = try encode(
      .request(records: .record(time: Self.now, attributes: attributes)), as: dialect { $0.flattenDepth = depth })
    #expect(try encoded.object().names == Set(names + ["_time", "_msg"]))
    #expect(encoded.changes == FieldChanges())
  }
}
