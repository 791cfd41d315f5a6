import LogPipeline
import Testing

@Suite struct ProtobufDecoderValueTests {
  /// Decodes a body and hands the batch to `check`.
  private func decode(
    _ message: Message, limits: DecodeLimits = DecodeLimits(), _ check: (borrowing LogBatch) throws -> Void = { _ in }
  ) throws {
    var batch = LogBatch()
    try batch.decode(protobuf: message.bytes, limits: limits)
    try check(batch)
  }

  @Test func theLastMemberOfAValueWinsAndABodyThatComesTwiceIsMerged() throws {
    let twoMembers = Message(.text("first"), .int(3, 2))
    let array = { (n: UInt64) in Message.message(5, .message(1, .int(3, n))) }
    try decode(
      .request(
        records: Message(.message(5, twoMembers)), Message(.message(5, array(1)), .message(5, array(2))),
        Message(.message(5, .text("kept")), .message(5, Message())))
    ) { batch in
      #expect(batch.records.map { batch.readable($0.body) } == [2, .array([1, 2]), "kept"])
    }
  }

  @Test func stringIndexesReadAsEmptyAndAreCounted() throws {
    try decode(.request(records: Message(.message(5, .int(8, 3)), .message(6, Message(.int(3, 4)))))) { batch in
      #expect(batch.readable(batch.records[0].body) == .empty)
      #expect(batch.readable(batch.records[0].attributes) == [.init("", .empty)])
      #expect(batch.oddities.ignoredStringIndexes == 2)
    }
  }

  @Test func whatIsMergedCountsAgainstTheLimit() throws {
    let array = Message.message(5, Message(.message(1, .int(3, 1)), .message(1, .int(3, 2))))
    let twice = Message.request(records: Message(.message(5, array), .message(5, array)))
    var limits = DecodeLimits()
    limits.maxValues = 8
    try decode(twice, limits: limits) { batch in
      #expect(batch.readable(batch.records[0].body) == .array([1, 2, 1, 2]))
    }
    limits.maxValues = 7
    #expect {
      try decode(twice, limits: limits)
    } throws: { ($0 as? DecodeError)?.reason == .tooManyValues(limit: 7) }
  }

  @Test func aPairMayHaveItsValueBeforeItsKeyAndTheLastKeyCounts() throws {
    let pair = Message(.message(2, .int(3, 5)), .string(1, "first"), .string(1, "last"))
    let none = Message(.string(1, "none"))
    try decode(.request(records: Message(.message(6, pair), .message(6, none)))) { batch in
      #expect(batch.readable(batch.records[0].attributes) == [.init("last", 5), .init("none", .empty)])
    }
  }

  @Test func membersAreNeighboursWhateverTheyHold() throws {
    let inner = Message.message(6, Message(.message(1, .pair("x", .int(3, 1))), .message(1, .pair("y", .int(3, 2)))))
    let outer = Message.message(5, Message(.message(1, inner), .message(1, .int(3, 7)), .message(1, inner)))
    try decode(.request(records: Message(.message(5, outer)))) { batch in
      let map = Readable.map([.init("x", 1), .init("y", 2)])
      #expect(batch.readable(batch.records[0].body) == .array([map, 7, map]))
      #expect(batch.records[0].body.entries.count == 3 && batch.nested.count == 7)
    }
  }

  @Test func numbersKeepAllOfTheirBits() throws {
    let values: [(Message, Readable)] = [
      (.int(3, 1 << 63), .int(.min)), (.int(2, 2), .bool(true)), (.int(2, 0), .bool(false)),
      (.fixed64(4, 0x7FF8_0000_0000_0001), .double(0x7FF8_0000_0000_0001 as UInt64)), (.bytes(7, []), .bytes([])),
    ]
    for (value, expected) in values {
      try decode(.request(records: Message(.message(5, value)))) { batch in
        #expect(batch.readable(batch.records[0].body) == expected)
      }
    }
  }
}
