import Testing

@testable import LogPipeline

@Suite struct ProtobufWritingTests {
  private static let numbers: [UInt64] = (0..<64).flatMap { [1 << $0, (1 << $0) - 1] } + [.max, 300]

  @Test func varintsTakeAsManyBytesAsTheyNeed() {
    for number in Self.numbers {
      let expected = Message.varint(number)
      var writer = ByteWriter(capacityBytes: 0)
      writer.appendVarint(number)
      var penned = ByteWriter(capacityBytes: 0)
      penned.write(atMost: 10) { $0.put(varint: number) }
      #expect(writer.array == expected && penned.array == expected, "\(number)")
      #expect(ByteWriter.varintBytes(number) == expected.count, "\(number)")
    }
  }

  @Test func fieldsAreThoseOfTheFormat() {
    let content = Array("content".utf8)
    var writer = ByteWriter(capacityBytes: 0)
    writer.appendField(0x0A, content.span.bytes)
    writer.appendField(0x10, varint: 300)
    writer.appendField(0x19, fixed64: 0x0102_0304_0506_0708)
    writer.appendField(0x25, fixed32: 0x0102_0304)
    writer.write(atMost: 32) { pen in
      pen.put(tag: 0x0A, ByteSlice(2..<5), in: content.span.bytes)
      pen.put(tag: 0x19, fixed64: 7)
    }
    let expected = Message(
      .string(1, "content"), .int(2, 300), .fixed64(3, 0x0102_0304_0506_0708), .fixed32(4, 0x0102_0304),
      .string(1, "nte"), .fixed64(3, 7))
    #expect(writer.array == expected.bytes)
    #expect(ByteWriter.fieldBytes(content.count) == 9 && ByteWriter.fieldBytes(128) == 131)
  }

  /// The length is written into room that was kept for it, which fits, is too small or too large.
  @Test(arguments: [0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152], 1...4)
  func aFieldGetsItsLengthWhenItIsComplete(count: Int, room: Int) {
    let content = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    var writer = ByteWriter(capacityBytes: 0)
    writer.append([9, 9])
    let field = writer.openField(0x0A, room: room)
    writer.append(content)
    writer.close(field)
    writer.append(8)
    #expect(writer.array == [9, 9] + Message.bytes(1, content).bytes + [8])
  }

  @Test func fieldsMayStandInEachOther() {
    var writer = ByteWriter(capacityBytes: 0)
    let fields = (0..<40).map { _ in writer.openField(0x0A, room: 1) }
    writer.append([UInt8](repeating: 1, count: 100))
    for field in fields.reversed() { writer.close(field) }
    let expected = (0..<40).reduce([UInt8](repeating: 1, count: 100)) { content, _ in Message.bytes(1, content).bytes }
    #expect(writer.array == expected)
  }

  /// At the end of a store bytes are copied one way, before it another.
  @Test func slicesAreCopiedWhereverTheyLie() {
    let store = (0..<100).map { UInt8($0) }
    for start in 0...100 {
      for end in start...100 where (end - start) % 7 == 0 {
        var writer = ByteWriter(capacityBytes: 0)
        writer.write(atMost: end - start) { $0.put(ByteSlice(start..<end), in: store.span.bytes) }
        #expect(writer.array == Array(store[start..<end]))
      }
    }
  }
}
