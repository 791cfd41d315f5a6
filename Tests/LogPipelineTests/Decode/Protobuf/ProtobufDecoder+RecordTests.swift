import LogPipeline
import Testing

@Suite struct ProtobufDecoderRecordTests {
  /// Decodes a body and hands the batch to `check`.
  private func decode(
    _ message: Message, limits: DecodeLimits = DecodeLimits(), _ check: (borrowing LogBatch) throws -> Void = { _ in }
  ) throws {
    var batch = LogBatch()
    try batch.decode(protobuf: message.bytes, limits: limits)
    try check(batch)
  }

  @Test(arguments: [1, 7, 9, 15, 17, 32]) func idsOfAWrongLengthAreDroppedAndCounted(count: Int) throws {
    let id = [UInt8](repeating: 7, count: count)
    try decode(.request(records: Message(.bytes(9, id), .bytes(10, id), .message(5, .text("kept"))))) { batch in
      #expect(batch.records[0].traceID.isNone && batch.records[0].spanID == 0)
      #expect(batch.oddities.droppedTraceIDs == 1 && batch.oddities.droppedSpanIDs == 1)
      #expect(batch.readable(batch.records[0].body) == "kept")
    }
  }

  @Test func impossibleTimesAreIgnoredAndCounted() throws {
    try decode(.request(records: Message(.fixed64(1, 1 << 63), .fixed64(11, UInt64(Int64.max))))) { batch in
      #expect(batch.records[0].timeUnixNano == 0)
      #expect(batch.records[0].observedTimeUnixNano == UInt64(Int64.max))
      #expect(batch.oddities.ignoredTimes == 1)
      #expect(batch.effectiveTimeUnixNano(batch.records[0]) == UInt64(Int64.max))
    }
  }

  @Test func entityReferencesAreKept() throws {
    let reference = Message(.string(1, "u"), .string(2, "service"), .string(3, "service.name"), .string(4, "d"))
    let resource = Message(.message(3, reference), .message(3, .bytes(2, [0xFF])))
    try decode(.request(resource: resource, records: Message())) { batch in
      let repaired = Message.string(2, "\u{FFFD}")
      let expected = Message(.message(3, reference), .message(3, repaired))
      #expect(Array(batch.store[batch.resources[0].entityRefs.range]) == expected.bytes)
    }
  }

  @Test func fieldsOfARecordMayComeInAnyOrderAndTheLastCounts() throws {
    let record = Message(
      .string(12, "event"), .fixed64(11, 2), .bytes(10, Array(1...8)), .bytes(9, Array(1...16)), .fixed32(8, 1),
      .int(7, 3), .message(6, .pair("a", .int(3, 1))), .message(5, .text("x")), .string(3, "WARN"), .int(2, 13),
      .fixed64(1, 1), .int(2, 9), .string(3, "INFO"))
    try decode(.request(records: record)) { batch in
      let found = batch.records[0]
      #expect(found.timeUnixNano == 1 && found.observedTimeUnixNano == 2 && found.severityNumber == 9)
      #expect(batch.text(found.severityText) == "INFO" && batch.text(found.eventName) == "event")
      #expect(found.flags == 1 && found.droppedAttributesCount == 3 && found.spanID == 0x0102_0304_0506_0708)
      #expect(batch.readable(found.attributes) == [.init("a", 1)] && batch.readable(found.body) == "x")
    }
  }

  @Test func numbersTakeTheirBitsOfALongerOne() throws {
    let record = Message(.int(2, 1 << 32 | 5), .int(7, .max))
    try decode(.request(records: record)) { batch in
      #expect(batch.records[0].severityNumber == 5 && batch.records[0].droppedAttributesCount == .max)
    }
  }

  /// Each known field in a wire type that the schema does not give it.
  @Test(arguments: [
    Message.int(1, 1), .string(1, "x"), .fixed64(2, 1), .int(3, 1), .fixed32(5, 1), .int(6, 1), .string(7, "x"),
    .int(8, 1), .fixed64(9, 1), .int(10, 1), .fixed32(11, 1), .int(12, 1),
  ])
  func aKnownFieldOfAnotherKindIsRefused(field: Message) {
    #expect {
      try decode(.request(records: field))
    } throws: { error in
      (error as? DecodeError)?.reason == .malformed("protobuf field has another wire type than OTLP defines")
    }
  }
}
