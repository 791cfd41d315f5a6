import FrameQueues
import LogPipeline
import Testing

@Suite struct FileDialectTests {
  private let dialect = FileDialect()

  private func object(_ request: Message) throws -> LineJSON { try Encoded(request, as: dialect).object() }

  @Test func aLineIsARequestInJSON() throws {
    let entity = Message(
      .string(1, "https://entity"), .string(2, "service"), .string(3, "service.name"), .string(3, "id"),
      .string(4, "about"))
    let record =
      Message.fixed64(1, 1_700_000_000_000_000_001) + .int(2, 9) + .string(3, "INFO") + .message(5, .text("hi"))
      + .message(6, .pair("k", .integer(-7))) + .int(7, 3) + .fixed32(8, 257) + .bytes(9, Array(1...16))
      + .bytes(10, Array(1...8)) + .fixed64(11, 2) + .string(12, "event")
    let resource = Message.resource(.pair("service.name", .text("shop"))) + .int(2, 4) + .message(3, entity)
    let scope = Message(.string(1, "lib"), .string(2, "1"), .message(3, .pair("s", .bool(true))), .int(4, 5))
    let scopeLogs = Message(.message(1, scope), .message(2, record), .message(2, Message()), .string(3, "https://s"))
    let request = Message.message(1, Message(.message(1, resource), .message(2, scopeLogs), .string(3, "https://r")))
    let expected =
      #"{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}],"#
      + #""droppedAttributesCount":4,"entityRefs":[{"schemaUrl":"https://entity","type":"service","#
      + #""idKeys":["service.name","id"],"descriptionKeys":["about"]}]},"scopeLogs":[{"scope":{"name":"lib","#
      + #""version":"1","attributes":[{"key":"s","value":{"boolValue":true}}],"droppedAttributesCount":5},"#
      + #""logRecords":[{"timeUnixNano":"1700000000000000001","observedTimeUnixNano":"2","severityNumber":9,"#
      + #""severityText":"INFO","body":{"stringValue":"hi"},"attributes":[{"key":"k","value":{"intValue":"-7"}}],"#
      + #""droppedAttributesCount":3,"flags":257,"traceId":"0102030405060708090a0b0c0d0e0f10","#
      + #""spanId":"0102030405060708","eventName":"event"},{}],"schemaUrl":"https://s"}],"schemaUrl":"https://r"}]}"#
    let encoded = try Encoded(request, as: dialect)
    #expect(encoded.text == expected + "\n")
    #expect(encoded.records == 2)
    _ = try encoded.object()
  }

  @Test func everyKindOfValueHasItsMember() throws {
    let values: [(Message, String)] = [
      (.text("q\"\n"), #"{"stringValue":"q\"\n"}"#), (.text(""), #"{"stringValue":""}"#),
      (.bool(false), #"{"boolValue":false}"#), (.integer(.min), #"{"intValue":"-9223372036854775808"}"#),
      (.double(1.5), #"{"doubleValue":1.5}"#), (.double(.nan), #"{"doubleValue":"NaN"}"#),
      (.blob([255, 0]), #"{"bytesValue":"/wA="}"#), (Message(), "{}"),
      (.list([]), #"{"arrayValue":{"values":[]}}"#),
      (.list([.bool(true), Message()]), #"{"arrayValue":{"values":[{"boolValue":true},{}]}}"#),
      (
        .map([.pair("k", .text("v")), .pair("", .map([]))]),
        #"{"kvlistValue":{"values":[{"key":"k","value":{"stringValue":"v"}},"#
          + #"{"key":"","value":{"kvlistValue":{"values":[]}}}]}}"#
      ),
    ]
    for (value, text) in values {
      let encoded = try Encoded(.request(records: .record(body: nil, attributes: [.pair("a", value)])), as: dialect)
      #expect(encoded.text.contains(#""attributes":[{"key":"a","value":\#(text)}]"#), "\(text)")
      _ = try encoded.object()
    }
  }

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
      #expect(dialect.judge(Answer(status: 0), to: body, records: 1) == .delivered(duplicates: 0))
      #expect(
        dialect.judge(Answer(status: 507, message: "disk full"), to: body, records: 1)
          == .retry(after: nil, reason: "not written: disk full"))
      #expect(dialect.middle(of: body) == nil)
    }
    #expect(dialect.route == .local)
  }
}
