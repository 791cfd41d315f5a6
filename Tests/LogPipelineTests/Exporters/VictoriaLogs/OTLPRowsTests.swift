import LogPipeline
import Testing

@Suite struct OTLPRowsTests {
  private static let now: UInt64 = 1_795_960_800_000_000_000

  private func dialect(_ change: (inout VictoriaLogsOptions) -> Void = { _ in }) -> VictoriaLogsDialect {
    var options = VictoriaLogsOptions()
    options.ingestProtocol = .otlp
    change(&options)
    return VictoriaLogsDialect(options)
  }

  private func encode(_ request: Message, as dialect: VictoriaLogsDialect) throws -> Encoded {
    try Encoded(request, as: dialect, received: Self.now)
  }

  private func decoded(_ encoded: Encoded) throws -> (
    resource: [Readable.Pair], scope: [Readable.Pair], records: [[Readable.Pair]], bodies: [Readable]
  ) {
    var batch = LogBatch()
    try batch.decode(protobuf: encoded.bytes, limits: DecodeLimits())
    return (
      batch.readable(batch.resources[0].attributes), batch.readable(batch.scopes[0].attributes),
      batch.records.map { batch.readable($0.attributes) },
      batch.records.map { batch.readable($0.body) }
    )
  }

  @Test func whatNeedsNoChangeIsSentAsItCame() throws {
    let request = Message.request(
      resource: .resource(.pair("service.name", .text("shop"))),
      scope: .string(1, "lib"),
      records: .record(
        time: Self.now, attributes: [.pair("a", .map([.pair("b", .integer(1))])), .pair("_t", .text("x"))]))
    #expect(try encode(request, as: dialect()).bytes == request.bytes)
  }

  @Test func reservedNamesAreChangedAtEveryLevel() throws {
    let names = ["_stream", "_stream_id", "_time", "_msg", "severity"]
    let forged = names.map { Message.pair($0, .text("forged")) }
    let body = Message.map([.pair("_msg", .text("m")), .pair("_stream", .text("forged"))])
    let request = Message.request(
      resource: forged.reduce(Message()) { $0 + .message(1, $1) },
      records: .record(
        time: Self.now, body: body, attributes: [.pair("_time", .text("forged")), .pair("", .text("forged"))]))
    let encoded = try encode(request, as: dialect())
    let found = try decoded(encoded)
    // Of `_time` and of `_stream` there is one each, the record's own.
    #expect(found.resource.map(\.key) == ["_stream_id.attribute", "severity.attribute"])
    #expect(Set(found.records[0].map(\.key)) == ["_time.attribute", "_msg.attribute"])
    #expect(found.bodies == [.map([.init("_msg", "m"), .init("_stream.attribute", "forged")])])
    #expect(encoded.changes.renamedFields >= 5)
  }

  @Test func ofFieldsThatGetOneNameTheLastIsSent() throws {
    let request = Message.request(
      resource: .resource(.pair("_stream", .text("first")), .pair("_stream.attribute", .text("last"))),
      records: .record(
        time: Self.now, body: .map([.pair("_time.attribute", .text("first")), .pair("_time", .text("last"))]),
        attributes: [.pair("_msg", .text("first")), .pair("", .text("last"))]))
    let found = try decoded(encode(request, as: dialect()))
    #expect(found.resource == [.init("_stream.attribute", "last")])
    #expect(found.records == [[.init("_msg.attribute", "last")]])
    #expect(found.bodies == [.map([.init("_time.attribute", "last")])])
  }

  @Test func aNewNameOfResourceAndRecordIsSentOnce() throws {
    for (shared, own) in [("_msg", ""), ("_msg.attribute", "_msg"), ("_msg", "_msg.attribute"), ("", "_msg")] {
      let request = Message.request(
        resource: .resource(.pair(shared, .text("resource"))),
        records: .record(time: Self.now, attributes: [.pair(own, .text("record"))]))
      let found = try decoded(encode(request, as: dialect()))
      #expect(found.resource == [], "\(shared) and \(own)")
      #expect(found.records == [[.init("_msg.attribute", "record")]], "\(shared) and \(own)")
    }
  }

  @Test func aNameOfResourceAndRecordIsSentOnce() throws {
    let request = Message.request(
      resource: .resource(.pair("a", .text("resource")), .pair("b", .text("resource"))),
      records: .record(time: Self.now, attributes: [.pair("a", .text("record"))]),
      .record(time: Self.now, attributes: [.pair("c", .text("record"))]),
      .record(time: Self.now, body: .map([.pair("a", .text("body"))]), attributes: [.pair("a", .text("record"))]))
    let found = try decoded(encode(request, as: dialect()))
    #expect(found.resource == [.init("b", "resource")])
    #expect(
      found.records == [[.init("a", "record")], [.init("c", "record"), .init("a", "resource")], []])
    #expect(found.bodies[2] == .map([.init("a", "body")]))
  }

  @Test func membersOfMapsAreNamesOfTheirOwn() throws {
    let request = Message.request(
      resource: .resource(
        .pair("a", .map([.pair("x", .text("resource")), .pair("y", .text("resource"))])), .pair("b", .text("resource"))),
      records: .record(time: Self.now, attributes: [.pair("a", .map([.pair("x", .text("record"))]))]),
      .record(time: Self.now, attributes: [.pair("b", .map([.pair("x", .text("record"))]))]))
    let found = try decoded(encode(request, as: dialect()))
    #expect(found.resource == [.init("a.y", "resource"), .init("b", "resource")])
    #expect(
      found.records == [[.init("a.x", "record")], [.init("b.x", "record"), .init("a.x", "resource")]])
  }

  @Test func anEmptyAttributeTakesNothingFromTheResource() throws {
    let request = Message.request(
      resource: .resource(.pair("a", .text("resource"))),
      records: .record(time: Self.now, attributes: [.pair("a", .text(""))]),
      .record(time: Self.now, attributes: [.pair("a", .text("record"))]))
    let found = try decoded(encode(request, as: dialect()))
    #expect(found.records == [[.init("a", "resource")], [.init("a", "record")]])
  }

  /// The server flattens maps, so that a name with a dot may be one that it makes itself; it would store both.
  @Test func aDottedNameAndANestedOneAreSentOnce() throws {
    let nested = Message.pair("a", .map([.pair("b", .text("nested"))]))
    let dotted = Message.pair("a.b", .text("dotted"))
    let found = try decoded(
      encode(
        .request(
          resource: .resource(dotted, .pair("c", .text("resource"))), scope: .message(3, nested) + .message(3, dotted),
          records: .record(time: Self.now, attributes: [dotted, nested]),
          .record(time: Self.now, attributes: [nested, dotted]),
          .record(time: Self.now, body: .map([nested]), attributes: [dotted]), .record(time: Self.now)),
        as: dialect()))
    #expect(found.resource == [.init("c", "resource")])
    #expect(
      found.records
        == [[.init("a.b", "nested")], [.init("a.b", "dotted")], [], [.init("a.b", "dotted")]])
    #expect(found.bodies[2] == .map([.init("a.b", "nested")]))
    #expect(found.scope == [.init("a.b", "dotted")])
  }

  @Test func theRecordsOwnFieldsWinOverItsBodyAndItsResource() throws {
    let forged = Message.pair("trace_id", .text("forged"))
    let record = Message.record(time: Self.now, body: .map([forged, .pair("k", .text("v"))]))
    let found = try decoded(
      encode(.request(resource: .resource(forged), records: record + .bytes(9, Array(1...16)), record), as: dialect()))
    #expect(found.resource == [] && found.records == [[], []])
    #expect(
      found.bodies == [.map([.init("k", "v")]), .map([.init("trace_id", "forged"), .init("k", "v")])])
  }

  @Test func prefixesKeepNamesApart() throws {
    let request = Message.request(
      resource: .resource(.pair("a", .text("resource"))),
      records: .record(time: Self.now, attributes: [.pair("a", .text("record"))]))
    let found = try decoded(encode(request, as: dialect { $0.resourcePrefix = "r." }))
    #expect(found.resource == [.init("r.a", "resource")] && found.records == [[.init("a", "record")]])
  }

  /// A resource's attribute can be a record's only if the name that the server has of it starts with their prefix.
  @Test func whatARecordIsGivenKeepsItsName() throws {
    let request = Message.request(
      resource: .resource(.pair("a", .text("resource")), .pair("b.c", .text("resource"))),
      records: .record(time: Self.now, attributes: [.pair("x.a", .text("record"))]), .record(time: Self.now))
    let found = try decoded(encode(request, as: dialect { $0.resourcePrefix = "x." }))
    #expect(found.resource == [.init("x.b.c", "resource")])
    #expect(found.records == [[.init("x.a", "record")], [.init("x.a", "resource")]])
    let body = Message.map([.pair("b", .text("body"))])
    let other = Message.request(
      resource: .resource(.pair("l.a", .text("resource")), .pair("b", .text("resource"))),
      records: .record(time: Self.now, body: body, attributes: [.pair("a", .text("record"))]),
      .record(time: Self.now))
    let prefixed = try decoded(encode(other, as: dialect { $0.attributePrefix = "l." }))
    #expect(prefixed.resource == [.init("b", "resource")])
    #expect(prefixed.records == [[.init("l.a", "record")], [.init("l.a", "resource")]])
  }

  @Test func theRecordsOwnFieldsWinOverAttributes() throws {
    let names = ["trace_id", "span_id", "severity_text", "severity_number", "event_name"]
    let forged = names.map { Message.pair($0, .text("forged")) }
    let full =
      Message.record(time: Self.now, attributes: forged) + .bytes(9, Array(1...16)) + .bytes(10, Array(1...8))
      + .string(12, "login")
    let found = try decoded(encode(.request(records: full, .record(time: Self.now, attributes: forged)), as: dialect()))
    let renamed = ["severity_text.attribute", "severity_number.attribute"]
    #expect(found.records[0].map(\.key) == renamed)
    #expect(found.records[1].map(\.key) == ["trace_id", "span_id"] + renamed + ["event_name"])
  }

  @Test func aStreamWithTooManyNamesKeepsMapsAsJSON() throws {
    let dialect = dialect { $0.maxFieldNames = 200 }
    func record(_ ids: Range<Int>) -> Message {
      .record(time: Self.now, attributes: [.pair("users", .map(ids.map { .pair("id-\($0)", .integer(1)) }))])
    }
    let first = try encode(.request(records: record(0..<180)), as: dialect)
    #expect(first.changes == FieldChanges())
    let second = try encode(.request(records: record(0..<180), record(180..<182)), as: dialect)
    #expect(second.changes.unflattenedRecords == 1)
    #expect(try decoded(second).records[1] == [.init("users", #"{"id-180":1,"id-181":1}"#)])
  }

  @Test func attributesBeyondTheLimitShareAField() throws {
    let dialect = dialect { $0.maxFieldNames = 30 }
    let attributes = (0..<30).map { Message.pair("a\($0)", .integer(Int64($0))) }
    let found = try decoded(encode(.request(records: .record(time: Self.now, attributes: attributes)), as: dialect))
    #expect(found.records[0].map(\.key) == (0..<18).map { "a\($0)" } + ["other_attributes"])
    let others = (18..<30).map { "\"a\($0)\":\($0)" }.joined(separator: ",")
    #expect(found.records[0].last == .init("other_attributes", Readable(stringLiteral: "{\(others)}")))
  }

  @Test func whatIsEmptyIsLeftOut() throws {
    let long = String(repeating: "n", count: 130)
    let empty = [Message.pair(long, .text("")), .pair(long, .bytes(7, [])), .pair(long, Message())]
    let full = ["r", "b", "a"].map { empty + [Message.pair($0, .integer(1))] }
    let map = Message.pair("m", .map(full[2]))
    let encoded = try encode(
      .request(
        resource: full[0].reduce(Message()) { $0 + .message(1, $1) },
        records: .record(time: Self.now, body: .map(full[1]), attributes: empty + [map])), as: dialect())
    let found = try decoded(encoded)
    #expect(found.resource == [.init("r", 1)] && found.bodies == [.map([.init("b", 1)])])
    #expect(found.records == [[.init("m", .map([.init("a", 1)]))]] && encoded.changes == FieldChanges())
  }

  /// The server leaves out what has an empty key.
  @Test func whatHasNoKeyIsSentUnderItsWholeName() throws {
    let nameless = Message.pair("", .integer(1))
    let nested = [Message.pair("a", .map([nameless])), .pair("b", .map([.pair("", .map([.pair("x", .integer(2))]))]))]
    let record = Message.record(time: Self.now, body: .map([nameless]), attributes: nested)
    let found = try decoded(
      encode(
        .request(
          resource: .resource(.pair("r", .map([nameless]))), scope: .message(3, nameless), records: record),
        as: dialect()))
    #expect(found.resource == [.init("r.", 1)] && found.scope == [.init(".attribute", 1)])
    #expect(found.records == [[.init("a.", 1), .init("b..x", 2)]])
    #expect(found.bodies == [.map([.init("_msg", 1)])])
  }

  /// A server that stores scopes makes `scope.name` of any it is sent, "unknown" if it has none.
  @Test func aScopeThatSaysNothingIsNotSent() throws {
    let bare = try encode(.request(records: .record(time: Self.now)), as: dialect())
    let named = try encode(.request(scope: .string(2, "1"), records: .record(time: Self.now)), as: dialect())
    // Tag, length, and a version with its own.
    #expect(bare.bytes.count + 5 == named.bytes.count)
  }

  @Test func whatTheServerNamesOfAScopeNoAttributeMayBe() throws {
    let forged = ["scope.name", "scope.version", "scope.attributes.team"].map { Message.pair($0, .text("mine")) }
    let nested = Message.pair("scope", .map([.pair("attributes", .map([.pair("x", .text("mine"))]))]))
    let found = try decoded(
      encode(
        .request(
          resource: forged.reduce(Message()) { $0 + .message(1, $1) },
          scope: .string(1, "lib") + .message(3, .pair("team", .text("its"))),
          records: .record(time: Self.now, attributes: forged), .record(time: Self.now, attributes: [nested])),
        as: dialect()))
    let renamed = ["scope.name.attribute", "scope.version.attribute", "scope.attributes.team.attribute"]
    #expect(found.scope == [.init("team", "its")] && found.resource == [])
    #expect(found.records[0] == renamed.map { .init($0, "mine") })
    #expect(found.records[1].map(\.key) == ["scope.attributes.x.attribute"] + renamed)
  }

  // MARK: What would be too long or too many

  @Test func aMapWithMembersOfTooLongNamesStaysJSON() throws {
    let key = String(repeating: "k", count: 64)
    let map = Message.pair(key, .map([.pair(key, .integer(1))]))
    let encoded = try encode(
      .request(
        resource: .resource(map), scope: .message(3, map), records: .record(time: Self.now, attributes: [map])),
      as: dialect())
    let found = try decoded(encoded)
    let text = Readable(stringLiteral: "{\"\(key)\":1}")
    // The record's own takes the place of its resource's.
    #expect(found.resource == [] && found.scope == [.init(key, text)] && found.records == [[.init(key, text)]])
  }

  @Test func namesThatFollowSuchAMapAreSentOnceToo() throws {
    let long = String(repeating: "x", count: 300)
    let request = Message.request(
      resource: .resource(
        .pair("m", .map([.pair(long, .integer(1))])), .pair("a", .text("resource")), .pair("b", .text("resource"))),
      records: .record(time: Self.now, attributes: [.pair("a", .text("record"))]))
    let found = try decoded(encode(request, as: dialect()))
    #expect(found.resource.map(\.key) == ["m", "b"] && found.records == [[.init("a", "record")]])
  }

  @Test func aMapOfTooManyMembersStaysJSON() throws {
    let map = Message.pair("m", .map((0..<1000).map { .pair("k\($0)", .integer(1)) }))
    let encoded = try encode(.request(records: .record(time: Self.now, attributes: [map])), as: dialect())
    #expect(try decoded(encoded).records[0].map(\.key) == ["m"] && encoded.changes.unflattenedRecords == 1)
  }

  /// Resources of one stream, each with a name of its own; what cannot have one shares a field.
  @Test func namesOfResourcesAndScopesAreBoundedToo() throws {
    let dialect = dialect { $0.maxFieldNames = 100 }
    var (resources, scopes): (Set<String>, Set<String>) = ([], [])
    for host in 0..<300 {
      let resource = Message.resource(.pair("own-\(host)", .text("r")), .pair("service.name", .text("a")))
      let scope = Message.message(3, .pair("own-\(host)", .integer(7)))
      let request = Message.request(resource: resource, scope: scope, records: .record(time: Self.now))
      let found = try decoded(encode(request, as: dialect))
      #expect(found.resource.count == 2 && found.scope.count == 1)
      #expect(found.resource.contains(.init("service.name", "a")))
      resources.formUnion(found.resource.map(\.key))
      scopes.formUnion(found.scope.map(\.key))
    }
    #expect(resources.count + scopes.count <= 100)
    #expect(resources.contains("other_resource_attributes") && scopes.contains("other_attributes"))
  }

  // MARK: Names that cannot be given away

  /// With a prefix, an attribute of a resource cannot be a record's; what both have gets another name.
  @Test func behindAPrefixNoNameIsThereTwiceEither() throws {
    let request = Message.request(
      resource: .resource(.pair("trace_id", .text("resource")), .pair("b", .text("resource"))),
      records: .record(time: Self.now, body: .map([.pair("b", .text("body"))])) + .bytes(9, Array(1...16)),
      .record(time: Self.now, attributes: [.pair("trace_id", .text("record"))]))
    let encoded = try encode(request, as: dialect { $0.attributePrefix = "l." })
    let found = try decoded(encoded)
    #expect(found.resource == [.init("trace_id.attribute", "resource"), .init("b", "resource")])
    #expect(found.bodies[0] == .map([.init("b.attribute", "body")]))
    #expect(found.records == [[], [.init("l.trace_id", "record")]] && encoded.changes.renamedFields == 2)
  }

  /// Each of many records has another name of a large resource: not all can be given to all.
  @Test func whatWouldMakeARequestMuchLargerGetsAnotherName() throws {
    let names = (0..<100).map { "a\($0)" }
    let resource = names.reduce(Message()) { $0 + .message(1, .pair($1, .text("resource"))) }
    let records = names.reduce(Message()) {
      $0 + .message(2, .record(time: Self.now, attributes: [.pair($1, .text("record"))]))
    }
    let request = Message.message(1, .message(1, resource) + .message(2, records))
    let found = try decoded(encode(request, as: dialect()))
    let kept = Set(found.resource.map(\.key))
    #expect(found.records.reduce(0) { $0 + $1.count } < 2000 && !kept.isEmpty)
    for (record, name) in zip(found.records, names) {
      let own = kept.contains(name) ? name + ".attribute" : name
      #expect(record.contains(.init(own, "record")))
      #expect(kept.isDisjoint(with: record.map(\.key)) && kept.count + record.count >= names.count)
    }
  }

  @Test func flattensAsDeepAsItIsTold() throws {
    let value = Message.map([.pair("x", .map([.pair("y", .integer(1))]))])
    let request = Message.request(records: .record(time: Self.now, attributes: [.pair("a", value)]))
    #expect(
      try decoded(encode(request, as: dialect { $0.flattenDepth = 0 })).records == [[.init("a", #"{"x":{"y":1}}"#)]])
    #expect(
      try decoded(encode(request, as: dialect { $0.flattenDepth = 1 })).records
        == [[.init("a", .map([.init("x", #"{"y":1}"#)]))]])
  }
}
