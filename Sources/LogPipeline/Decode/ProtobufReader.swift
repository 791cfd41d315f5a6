/// A cursor over protobuf bytes (protobuf encoding specification, "Message Structure").
///
/// Every read is checked against `end` before a byte is loaded; `end` never passes the bytes that `base` points to.
/// Invariant: `0 <= position <= end`.
struct ProtobufReader {
  private let base: UnsafeRawPointer
  private(set) var position: Int
  private(set) var end: Int

  /// The wire types of the protobuf encoding that OTLP uses; groups (3 and 4) are refused.
  enum WireType {
    static let varint: UInt32 = 0
    static let fixed64: UInt32 = 1
    static let length: UInt32 = 2
    static let fixed32: UInt32 = 5
  }

  /// A reader of `bytes`, which must outlive it and not be empty.
  init(base: UnsafeRawPointer, range: Range<Int>) {
    self.base = base
    position = range.lowerBound
    end = range.upperBound
  }

  @inline(__always)
  var isAtEnd: Bool { position >= end }

  /// Reads a field's tag: `field << 3 | wire type`.
  @inline(__always)
  mutating func tag() throws(DecodeError) -> UInt32 {
    let byte = base.load(fromByteOffset: position, as: UInt8.self)
    if byte < 0x80 && byte >= 0x08 {
      position &+= 1
      return UInt32(byte)
    }
    return try longTag()
  }

  /// A tag of more than one byte, or one whose field number is 0.
  @inline(never)
  private mutating func longTag() throws(DecodeError) -> UInt32 {
    let start = position
    let value = try varint()
    guard position &- start <= 5, value <= UInt64(UInt32.max), value >= 8 else {
      throw DecodeError(.malformed("protobuf field number is out of range"), at: start)
    }
    return UInt32(truncatingIfNeeded: value)
  }

  @inline(__always)
  mutating func varint() throws(DecodeError) -> UInt64 {
    if position < end {
      let byte = base.load(fromByteOffset: position, as: UInt8.self)
      if byte < 0x80 {
        position &+= 1
        return UInt64(byte)
      }
    }
    return try longVarint()
  }

  @inline(never)
  private mutating func longVarint() throws(DecodeError) -> UInt64 {
    if end &- position >= 2 {
      let pair = UInt16(littleEndian: base.loadUnaligned(fromByteOffset: position, as: UInt16.self))
      if pair & 0x8080 == 0x0080 {
        position &+= 2
        return UInt64(pair & 0x7F) | UInt64(pair &>> 8) &<< 7
      }
    }
    var value: UInt64 = 0
    var shift: UInt64 = 0
    let start = position
    while position < end && shift < 70 {
      let byte = base.load(fromByteOffset: position, as: UInt8.self)
      position &+= 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift &+= 7
    }
    throw DecodeError(
      .malformed(shift >= 70 ? "protobuf varint is longer than 10 bytes" : "protobuf ends inside a varint"), at: start)
  }

  @inline(__always)
  mutating func fixed64() throws(DecodeError) -> UInt64 {
    guard end &- position >= 8 else { throw truncated() }
    let value = base.loadUnaligned(fromByteOffset: position, as: UInt64.self)
    position &+= 8
    return UInt64(littleEndian: value)
  }

  @inline(__always)
  mutating func fixed32() throws(DecodeError) -> UInt32 {
    guard end &- position >= 4 else { throw truncated() }
    let value = base.loadUnaligned(fromByteOffset: position, as: UInt32.self)
    position &+= 4
    return UInt32(littleEndian: value)
  }

  /// Reads a length prefix and steps over what it announces: the range of a string, bytes or message.
  @inline(__always)
  mutating func lengthDelimited() throws(DecodeError) -> Range<Int> {
    let start = position
    let length = try varint()
    guard length <= UInt64(truncatingIfNeeded: end &- position) else {
      throw DecodeError(.malformed("protobuf length runs past the end of its message"), at: start)
    }
    let first = position
    position &+= Int(truncatingIfNeeded: length)
    return Range(uncheckedBounds: (first, position))
  }

  /// A reader of a range that `lengthDelimited` returned.
  @inline(__always)
  func inside(_ range: Range<Int>) -> ProtobufReader { ProtobufReader(base: base, range: range) }

  /// What has not been read yet.
  @inline(__always)
  var rest: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base + position, count: end &- position) }

  @inline(__always)
  func bytes(_ range: Range<Int>) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count)
  }

  /// Steps over a field that is not known, whatever its size.
  @inline(never)
  mutating func skip(_ tag: UInt32) throws(DecodeError) {
    switch tag & 7 {
    case WireType.varint: _ = try varint()
    case WireType.fixed64: _ = try fixed64()
    case WireType.length: _ = try lengthDelimited()
    case WireType.fixed32: _ = try fixed32()
    default: throw DecodeError(.malformed("protobuf wire type is not supported"), at: position)
    }
  }

  /// What to throw for a known field that comes in another wire type than the schema's.
  func wrongWireType() -> DecodeError {
    DecodeError(.malformed("protobuf field has another wire type than OTLP defines"), at: position)
  }

  private func truncated() -> DecodeError {
    DecodeError(.malformed("protobuf ends inside a field"), at: position)
  }
}
