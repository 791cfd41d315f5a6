import Testing

@testable import LogPipeline

@Suite struct ProtobufReaderTests {
  /// Reads bytes behind which others lie, which must have no say.
  private func reading<R>(_ bytes: [UInt8], _ read: (inout ProtobufReader) throws -> R) rethrows -> R? {
    try (bytes + [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]).withUnsafeBytes { raw in
      guard let base = raw.baseAddress else { return nil }
      var reader = ProtobufReader(base: base, range: 0..<bytes.count)
      return try read(&reader)
    }
  }

  /// The error of a read; nil if there is none.
  private func error(_ bytes: [UInt8], _ read: (inout ProtobufReader) throws -> Void) -> DecodeError? {
    do { _ = try reading(bytes, read) } catch { return error as? DecodeError }
    return nil
  }

  @Test(arguments: [0, 1, 127, 128, 16_383, 16_384, 1 << 32, 1 << 63, .max] as [UInt64])
  func varintsAreReadToTheirEndAndNoFurther(value: UInt64) throws {
    let bytes = Message.varint(value)
    let read = try reading(bytes) { (try $0.varint(), $0.position) }
    #expect(read?.0 == value && read?.1 == bytes.count)
    for count in 0..<bytes.count {
      #expect(
        error(Array(bytes[..<count])) { _ = try $0.varint() }
          == DecodeError(.malformed("protobuf ends inside a varint"), at: 0))
    }
  }

  @Test func aVarintHasTenBytesAtMost() throws {
    let ten = [UInt8](repeating: 0x80, count: 9) + [0]
    #expect(try reading(ten) { try $0.varint() } == 0)
    #expect(
      error([0x80] + ten) { _ = try $0.varint() }
        == DecodeError(.malformed("protobuf varint is longer than 10 bytes"), at: 0))
  }

  @Test func fieldNumbersAreThoseOfProtobuf() throws {
    for tag in [0x08, 0x0A, 0x7F, 0x80, 0xFFFF_FFFD] as [UInt32] {
      let read = try reading(Message.varint(UInt64(tag))) { (try $0.tag(), $0.isAtEnd) }
      #expect(read?.0 == tag && read?.1 == true)
    }
    let outOfRange = DecodeError(.malformed("protobuf field number is out of range"), at: 0)
    for bytes in [[0x00], [0x07], Message.varint(1 << 32), [0x88, 0x80, 0x80, 0x80, 0x80, 0x00]] as [[UInt8]] {
      #expect(error(bytes) { _ = try $0.tag() } == outOfRange)
    }
  }

  @Test func fixedFieldsNeedAllOfTheirBytes() throws {
    #expect(try reading([1, 2, 3, 4, 5, 6, 7, 0x88]) { try $0.fixed64() } == 0x8807_0605_0403_0201)
    #expect(try reading([1, 2, 3, 0x84]) { try $0.fixed32() } == 0x8403_0201)
    let truncated = DecodeError(.malformed("protobuf ends inside a field"), at: 0)
    #expect(error([1, 2, 3, 4, 5, 6, 7]) { _ = try $0.fixed64() } == truncated)
    #expect(error([1, 2, 3]) { _ = try $0.fixed32() } == truncated)
  }

  @Test(arguments: [0, 1, 127, 128, 300, 16_383, 16_384])
  func aLengthMayReachTheEndAndNotPassIt(count: Int) throws {
    let prefix = Message.varint(UInt64(count))
    let whole = prefix + [UInt8](repeating: 9, count: count)
    let read = try reading(whole) { (try $0.lengthDelimited(), $0.position) }
    #expect(read?.0 == prefix.count..<whole.count && read?.1 == whole.count)
    if count == 0 { return }
    #expect(
      error(whole.dropLast()) { _ = try $0.lengthDelimited() }
        == DecodeError(.malformed("protobuf length runs past the end of its message"), at: 0))
  }

  @Test(arguments: [1 << 31, 1 << 32, 1 << 62, 1 << 63, .max] as [UInt64])
  func aLengthThatNoMemoryHoldsIsNoTrap(length: UInt64) {
    let bytes = [0x0A] + Message.varint(length)
    let fault = error(bytes) {
      _ = try $0.tag()
      _ = try $0.lengthDelimited()
    }
    #expect(fault == DecodeError(.malformed("protobuf length runs past the end of its message"), at: 1))
  }

  @Test func fieldsOfAnyKindAreSteppedOver() throws {
    let next = Message.int(1, 7)
    for field in [
      Message.int(9, .max), .fixed64(9, 1), .fixed32(9, 1), .string(9, "text"),
      Message(raw: Message.tag(9, 3) + Message.int(2, 1).bytes + Message.tag(9, 4)),
    ] {
      let tag = try reading((field + next).bytes) { reader in
        try reader.skip(try reader.tag())
        return try reader.tag()
      }
      #expect(tag == 0x08)
    }
    for wireType in [6, 7] as [UInt64] {
      let fault = error(Message.tag(9, wireType) + [0]) { try $0.skip(try $0.tag()) }
      #expect(fault?.reason == .malformed("protobuf wire type is not supported"))
    }
  }

  @Test func aMessageInsideEndsWhereItsLengthSays() throws {
    let bytes = Message(.message(1, .int(2, 3)), .int(4, 5)).bytes
    let rests = try reading(bytes) { reader in
      _ = try reader.tag()
      let inner = reader.inside(try reader.lengthDelimited())
      return [Array(inner.rest), Array(reader.rest)]
    }
    #expect(rests == [[0x10, 3], [0x20, 5]])
  }
}
