import FrameQueues
import LogPipeline
import Testing

@Suite struct OTLPEncoderTests {
  private let dialect = OTLPDialect(transport: .grpc)

  /// Every field of every message, in the order of their numbers.
  private var everything: Message {
    let values: [Message] = [
      .text("text"), .text(""), .bool(true), .bool(false), .integer(-1), .integer(.min), .integer(300),
      .double(1.5), .blob([0, 255]), .blob([]), Message(),
      .list([.text("a"), .integer(7), .list([]), Message(), .map([.pair("k", .text("v"))])]),
      .map([.pair("x", .map([.pair("y", .list([.bool(true)]))])), .message(2, .text("no key"))]),
    ]
    let attributes = values.enumerated().map { Message.pair("key\($0)", $1) }
    var record = Message.fixed64(1, 1_700_000_000_000_000_001) + .int(2, 9) + .string(3, "INFO")
    record = record + .message(5, .map([.pair("event", .text("login"))]))
    for attribute in attributes { record = record + .message(6, attribute) }
    record =
      record + .int(7, 3) + .fixed32(8, 0x101) + .bytes(9, Array(1...16)) + .bytes(10, Array(1...8))
      + .fixed64(11, 1_700_000_000_000_000_002) + .string(12, "user.login")
    let entity = Message(.string(1, "https://entity"), .string(2, "service"), .string(3, "service.name"))
    let resource = Message.resource(attributes[0], attributes[11]) + .int(2, 4) + .message(3, entity)
    let scope =
      Message(.string(1, "scope"), .string(2, "1.2")) + .message(3, attributes[12]) + .int(4, 5)
    let scopeLogs = Message(.message(1, scope), .message(2, record), .message(2, record), .string(3, "https://scope"))
    return .message(1, Message(.message(1, resource), .message(2, scopeLogs), .string(3, "https://resource")))
  }

  @Test func everyFieldComesOutAsItCameIn() throws {
    #expect(try Encoded(everything, as: dialect).bytes == everything.bytes)
  }

  @Test func negativeSeverityTakesTenBytes() throws {
    let request = Message.request(records: .int(2, UInt64(bitPattern: -5)))
    #expect(try Encoded(request, as: dialect).bytes == request.bytes)
  }

  @Test func scopesOfOneResourceShareIt() throws {
    let one = Message(.message(1, .string(1, "one")), .message(2, .record()))
    let two = Message(.message(1, .string(1, "two")), .message(2, .record()), .string(3, "https://two"))
    let request = Message.message(
      1, Message(.message(1, .resource(.pair("a", .text("b")))), .message(2, one), .message(2, two)))
    #expect(try Encoded(request, as: dialect).bytes == request.bytes)
  }

  @Test func resourcesFollowEachOther() throws {
    let request =
      Message.request(resource: .resource(.pair("a", .text("1"))), records: .record())
      + .request(resource: .resource(.pair("a", .text("2"))), records: .record(), .record())
    let encoded = try Encoded(request, as: dialect)
    #expect(encoded.bytes == request.bytes)
    #expect(encoded.records == 3)
  }

  @Test func emptyEnvelopesAreLeftOut() throws {
    let request = Message.request(resource: .resource(.pair("a", .text("1"))))
    let encoded = try Encoded(request, as: dialect)
    #expect(encoded.bytes.isEmpty && encoded.marks.isEmpty)
  }

  @Test func eachFrameIsAWholeRequestWithItsResource() throws {
    let records = (0..<200).map { Message.record(body: .text("record \($0)")) }
    var scopeLogs = Message.message(1, .string(1, "scope"))
    for record in records { scopeLogs = scopeLogs + .message(2, record) }
    let resource = Message.resource(.pair("service.name", .text("shop")))
    let request = Message.message(1, Message(.message(1, resource), .message(2, scopeLogs)))
    let encoded = try Encoded(request, as: dialect, frameBytes: 1000)
    #expect(encoded.marks.count > 5)
    var bodies: [Readable] = []
    for (frame, mark) in zip(encoded.frames, encoded.marks) {
      var batch = LogBatch()
      try batch.decode(protobuf: frame, limits: DecodeLimits())
      #expect(batch.records.count == mark.records)
      #expect(batch.readable(batch.resources[0].attributes) == [.init("service.name", "shop")])
      bodies += batch.records.map { batch.readable($0.body) }
    }
    #expect(bodies == (0..<200).map { .string("record \($0)") })
  }

  @Test func aLargeRecordStandsInAGroupOfItsOwn() throws {
    let large = String(repeating: "L", count: 100_000)
    let request = Message.request(records: .record(), .record(), .record(body: .text(large)), .record())
    let encoded = try Encoded(request, as: dialect)
    var splits: [Int] = []
    var rest = encoded.bytes
    while let split = rest.withUnsafeBytes({ dialect.middle(of: $0) }) {
      splits.append(split.recordsBefore)
      rest = Array(rest[split.offset...])
    }
    #expect(splits == [2, 1])
    #expect(encoded.records == 4)
  }

  @Test func aResourceThatIsRepeatedForEachRecordIsStoppedByTheLimit() throws {
    let large = String(repeating: "r", count: 200_000)
    var scopeLogs = Message()
    for _ in 0..<100 { scopeLogs = scopeLogs + .message(2, .int(2, 1)) }
    let request = Message.message(
      1, Message(.message(1, .resource(.pair("r", .text(large)))), .message(2, scopeLogs)))
    #expect(throws: EncodeError.self) { try Encoded(request, as: dialect, maxBytes: 4 << 20) }
  }
}
