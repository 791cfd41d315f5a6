import Testing

@testable import LogPipeline

@Suite struct ProtobufDecoderPlainTests {
  private func plain(_ bytes: [UInt8]) -> Attribute? {
    bytes.withUnsafeBytes { buffer in
      buffer.baseAddress.flatMap {
        ProtobufDecoder.plainAttribute(ProtobufReader(base: $0, range: 0..<buffer.count))
      }
    }
  }

  /// What `attribute` makes of the same bytes, field by field: an unknown field at the end keeps it from the plain way.
  private func general(_ message: Message) throws -> LogBatch {
    let attribute = Message(message, Message.int(15, 0))
    return try LogBatch.decoded(request: Message.message(1, Message(Message.message(1, Message.message(1, attribute)))))
  }

  @Test func readsEveryScalarAsTheGeneralWayDoes() throws {
    let keys = [0, 1, 3, 4, 7, 8, 9, 15, 16, 17, 31, 127].map { String(repeating: "k", count: $0) }
    let values =
      keys.map { Message.text($0) } + [
        .bool(true), .bool(false), .number(0), .number(127), .number(128), .number(16_383),
        Message(Message.fixed64(4, (1.5).bitPattern)),
      ]
    for key in keys {
      for value in values {
        let pair = Message.pair(key, value)
        let attribute = try #require(plain(pair.bytes) ?? Self.longAttribute(pair), "\(pair.bytes)")
        let expected = try general(pair)
        let read = try LogBatch.decoded(
          request: Message.message(1, Message(Message.message(1, Message.message(1, pair)))))
        #expect(read.resourceAttributes == expected.resourceAttributes)
        #expect(attribute.value.kind == expected.attributes[0].value.kind)
      }
    }
  }

  /// A value of more than 127 bytes, which the plain way leaves to the general one.
  private static func longAttribute(_ pair: Message) -> Attribute? {
    pair.bytes.count > 128 ? Attribute(key: .empty, value: .string(.empty)) : nil
  }

  @Test func leavesEveryOtherFormToTheGeneralWay() {
    let pair = Message.pair("key", .text("value")).bytes
    #expect(plain(pair) != nil)
    #expect(plain(Message.pair("k\u{e4}y", .text("value")).bytes) == nil)
    #expect(plain(Message.pair("key", .text("v\u{e4}lue")).bytes) == nil)
    #expect(plain(pair + [0x78, 0]) == nil)
    #expect(plain([0x78, 0] + pair) == nil)
    #expect(plain(Message(Message.message(2, .text("v")), Message.string(1, "key")).bytes) == nil)
    #expect(plain(Message.pair("key", .number(-1)).bytes) == nil)
    #expect(plain(Message.pair("key", .number(16_384)).bytes) == nil)
    #expect(plain(Message.pair("key", .array(.number(1))).bytes) == nil)
    #expect(plain(Message.pair("key", Message(raw: [0x10, 0x80, 0x01])).bytes) == nil)
    #expect(plain(Message.pair("key", Message(.text("a"), .text("b"))).bytes) == nil)
    #expect(plain(Message.pair("key", Message()).bytes) == nil)
    for end in pair.indices { #expect(plain(Array(pair[..<end])) == nil) }
  }

  @Test func noLengthLeadsOutsideTheMessage() {
    var pair = Message.pair("key", .text("value")).bytes
    for index in [1, 6, 8] {
      let right = pair[index]
      for length in UInt8.min...UInt8.max where length != right {
        pair[index] = length
        #expect(plain(pair) == nil, "\(pair)")
      }
      pair[index] = right
    }
  }
}
