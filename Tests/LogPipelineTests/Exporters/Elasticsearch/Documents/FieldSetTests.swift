import Testing

@testable import LogPipeline

/// What becomes of fields whose names meet, seen in documents.
@Suite struct FieldSetTests {
  @Test func mapsAreFlattenedAndEmptyThingsLeftOut() throws {
    let value: TestValue = .map([
      ("b", .map([("c", 1), ("d.e", "x")])), ("none", .empty), ("m", .map([])), ("l", .array([])),
      ("n", .double(.nan)),
    ])
    let batch = BulkTestBatch().record(value, [("a", value), ("e", .empty)])
    #expect(try batch.document(.ecs).contains(#""a":{"b":{"c":1,"d":{"e":"x"}},"n":null},"agent""#))
    let none = try batch.document(.none)
    #expect(none.contains(#""Attributes.a.b.c":1,"Attributes.a.b.d.e":"x","Attributes.a.n":null,"Attributes.data"#))
    #expect(none.contains(#""Body.b.c":1,"Body.b.d.e":"x","Body.n":null,"Sev"#))
    #expect(!none.contains("Attributes.e"))
  }

  @Test func arraysKeepTheirElementsAndTidyTheirMaps() throws {
    let list: TestValue = .array([
      1, .empty, .array([]), .map([]), .bytes([10]), .map([("b.c", 1), ("b", .map([("d", 2)])), ("b.c", 3)]),
    ])
    let batch = BulkTestBatch().resource([("r", list)]).record(list, [("a", list)])
    #expect(try batch.document(.ecs).contains(#""a":[1,null,[],{},"0a",{"b":{"c":3,"d":2}}],"#))
    #expect(try batch.document(.none).contains(#""Body":[1,null,[],{},"0a",{"b.c":3,"b.d":2}],"Resource.r":[1,"#))
  }

  @Test func ofARepeatedKeyTheInnermostLevelWinsAndThereTheLast() throws {
    let batch = BulkTestBatch().resource([("k", "resource"), ("r", 1), ("r", 2)]).scope([("k", "scope"), ("s", 1)])
      .record(.empty, [("k", "first"), ("s", 2), ("k", "last")])
    let document = try batch.document(.ecs)
    #expect(document.contains(#""k":"last","r":2,"s":2"#))
  }

  @Test func aValueThatIsAlsoAnObjectMovesIntoIt() throws {
    let batch = BulkTestBatch().resource([("m", "resource")]).record(
      .empty, [("a", 1), ("a-b", 2), ("a.b", 3), ("m.x", 4), ("v", 5), ("v.value", 6), ("w", 7), ("w.value.x", 8)])
    let document = try batch.document(.ecs)
    #expect(document.contains(#""a":{"b":3,"value":1},"a-b":2,"#))
    #expect(document.contains(#""m":{"value":"resource","x":4},"v":{"value":6},"w":{"value":{"x":8}}}"#))
    let flat = try batch.document(.none)
    #expect(flat.contains(#""Attributes.a.b":3,"Attributes.a.value":1,"Attributes.a-b":2"#))
  }

  @Test func aReservedFieldWinsOverAttributesOfItsNameAndInsideIt() throws {
    let batch = BulkTestBatch().resource([("agent.name", "mine"), ("message", "resource")]).record(
      "body",
      [
        ("message", "attribute"), ("message.x", 1), ("@timestamp", "now"), ("trace.id", "t"), ("trace", "scalar"),
        ("agent.name", "other"), ("log.level", .map([("a", 1)])), ("host", "h"),
      ]
    ) { record, batch in
      record.traceID = TraceID(high: 1, low: 2)
      record.severityText = batch.slice("WARN")
    }
    #expect(
      try batch.document(.ecs) == #"{"@timestamp":"2024-01-15T10:30:00.000000000Z","agent":{"name":"otlp"},"#
        + #""data_stream":{"dataset":"generic","namespace":"default","type":"logs"},"host":"h","#
        + #""log":{"level":"WARN","level_a":1},"message":"body","message_x":1,"#
        + #""trace":{"id":"00000000000000010000000000000002","value":"scalar"}}"#)
    let raw = try BulkTestBatch().resource([("x", 1)]).record(
      "b", [("Body", "no"), ("Body.x", 1), ("@timestamp", 1), ("Resource.x", 2), ("SeverityNumber", 3)]
    ).document(.raw)
    #expect(
      raw.hasPrefix(
        #"{"@timestamp":"2024-01-15T10:30:00.000000000Z","Body":"b","Body_x":1,"Resource.x":2,"SeverityNumber":0,"TraceF"#
      ))
  }

  @Test func attributesInsideAReservedFieldStandBesideIt() throws {
    let members: TestAttributes = [("message", .map([("foo", 1), ("bar.x", 2)])), ("@timestamp.zone", "UTC")]
    let expected = [#""message":"b","message_bar":{"x":2},"message_foo":1"#, #""@timestamp_zone":"UTC""#]
    let record = BulkTestBatch()
    let resource = BulkTestBatch().resource(members)
    let scope = BulkTestBatch().scope(members)
    for _ in 0..<6 {
      record.record("b", members)
      resource.record("b")
      scope.record("b")
    }
    for document in try [record, resource, scope].flatMap({ try $0.encoded(.ecs).documents }) {
      #expect(expected.allSatisfy(document.contains), "\(document)")
    }
    // What has that name already stays, and so does a record's object where there is no body.
    let own = try BulkTestBatch().resource([("message_a", 1)]).scope([("message.b", 2), ("message_b", 3)])
      .record("b", [("message.a", 4), ("message.c", 5), ("message_c", 6)]).document(.ecs)
    #expect(own.contains(#""message":"b","message_a":1,"message_b":3,"message_c":6"#), "\(own)")
    #expect(try BulkTestBatch().record(.empty, [("message.a", 4)]).document(.ecs).contains(#""message":{"a":4}"#))
    let agent = try BulkTestBatch().resource([("agent.name.x", 1)]).scope([("agent.name", .map([("y", 2)]))])
      .record(.empty, [("agent.name.z", 3)]).document(.ecs)
    #expect(agent.contains(#""agent":{"name":"otlp","name_x":1,"name_y":2,"name_z":3}"#), "\(agent)")
  }

  @Test func attributesNamedLikeAReservedFieldGiveWay() throws {
    let own: TestAttributes = [("message", "own"), ("message_own", "own")]
    for mode in [BulkTestBatch().record("b", own), BulkTestBatch().resource(own).record("b")] {
      let document = try mode.document(.ecs)
      #expect(document.contains(#""message":"b","message_own":"own""#), "\(document)")
    }
    #expect(try BulkTestBatch().record(.empty, own).document(.ecs).contains(#""message":"own""#))
    #expect(try BulkTestBatch().record("b", [("Body", "own")]).document(.raw).contains(#""Body":"b""#))
  }

  @Test func segmentsWithoutACharacterBecomeUnderscores() throws {
    let batch = BulkTestBatch().record(
      .empty, [("", 1), (".", 2), ("a..b", 3), ("c.", 4), (".d", 5), ("m", .map([("", 6)]))])
    let document = try batch.document(.ecs)
    #expect(
      document.hasPrefix(
        #"{"@timestamp":"2024-01-15T10:30:00.000000000Z","_":{"_":2,"d":5,"value":1},"a":{"_":{"b":3}}"#))
    #expect(document.contains(#""c":{"_":4}"#))
    #expect(document.contains(#""m":{"_":6}"#))
  }

  @Test func nestingStopsAtThirtyTwoObjects() throws {
    let key = Array(repeating: "k", count: 40).joined(separator: ".")
    let document = try BulkTestBatch().record(.empty, [(key, 1)]).document(.ecs)
    let opened = String(repeating: #""k":{"#, count: 32) + #""k.k.k.k.k.k.k.k":1"#
    #expect(document.contains(opened + String(repeating: "}", count: 32)))
  }

  @Test func fieldsOfRecordAndResourceShareTheirObject() throws {
    let batch = BulkTestBatch().resource([("a.r", 1), ("z", 1)]).scope([("a.b.s", 2)])
      .record(.empty, [("a.b.q", 3), ("m", 4)]).record(.empty, [("a.c", 5)]).record()
    var options = ElasticsearchOptions()
    options.mappingMode = .ecs
    let documents = try batch.encoded(options).documents
    #expect(documents[0].contains(#""a":{"b":{"q":3,"s":2},"r":1},"agent""#))
    #expect(documents[1].contains(#""a":{"b":{"s":2},"c":5,"r":1},"agent""#))
    #expect(documents[2].contains(#""a":{"b":{"s":2},"r":1},"agent""#))
  }

  @Test func aFieldNameAtTheLimitStaysAndOnePastItCostsTheRecord() throws {
    var options = ElasticsearchOptions()
    options.mappingMode = .raw
    options.maxFieldNameBytes = 30
    let lines = try BulkTestBatch()
      .record(.empty, [("123456789.123456789", .map([("123456789.", 1)]))])
      .record(.empty, [("123456789.123456789", .map([("123456789..", 1)]))]).record().encoded(options)
    #expect(lines.documents.count == 2)
    #expect(lines.dropped[.fieldNameTooLong] == 1)
  }

  @Test func namesThatFlatteningMultipliesAreBoundedBeforeTheyAreWritten() throws {
    var options = ElasticsearchOptions()
    options.mappingMode = .none
    let name = String(repeating: "n", count: 30_000)
    let members: TestAttributes = (0..<1000).map { ("\($0)", .int(1)) }
    let lines = try BulkTestBatch().record(.empty, [(name, .map(members))])
      .record(.empty, [("list", .array([.map([(name, .map(members))])]))]).record().encoded(options)
    #expect(lines.documents.count == 1)
    #expect(lines.dropped[.tooManyFields] == 2)
    let shared = try BulkTestBatch().resource([(name, .map(members))]).record().record().resource().record()
      .encoded(options)
    #expect(shared.documents.count == 1)
    #expect(shared.dropped[.tooManyFields] == 2)
  }
}
