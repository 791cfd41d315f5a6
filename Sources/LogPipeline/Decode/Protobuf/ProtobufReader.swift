// decision: docs/decisions/0201-plain-forms.md

/// A cursor over protobuf bytes (protobuf encoding specification, "Message Structure").
///
/// Every read is checked against `end` before a byte is loaded; `end` never passes the bytes that `base` points to.
/// Invariant: `0 <= position <= end`.
struct ProtobufReader {
  let base: UnsafeRawPointer
  var position: Int
  let end: Int

  /// The wire types of the protobuf encoding. OTLP has no groups; those of fields that are not known are stepped over.
  enum WireType {
    static let varint: UInt32 = 0
    static let fixed64: UInt32 = 1
    static let length: UInt32 = 2
    static let groupStart: UInt32 = 3
    static let groupEnd: UInt32 = 4
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
    let long = try longTag()
    position = long.end
    return long.tag
  }

  /// A tag of more than one byte, or one whose field number is 0, and where it ends.
  @inline(never)
  private func longTag() throws(DecodeError) -> (tag: UInt32, end: Int) {
    let long = try longVarint()
    guard long.end &- position <= 5, long.value <= UInt64(UInt32.max), long.value >= 8 else {
      throw DecodeError(.malformed("protobuf field number is out of range"), at: position)
    }
    return (UInt32(truncatingIfNeeded: long.value), long.end)
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
    let long = try longVarint()
    position = long.end
    return long.value
  }

  /// A varint of any length, and where it ends. This reader stays where it is, so that callers keep it in registers.
  @inline(never)
  private func longVarint() throws(DecodeError) -> (value: UInt64, end: Int) {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    var next = position
    while next < end && shift < 70 {
      let byte = base.load(fromByteOffset: next, as: UInt8.self)
      next &+= 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return (value, next) }
      shift &+= 7
    }
    throw DecodeError(
      .malformed(shift >= 70 ? "protobuf varint is longer than 10 bytes" : "protobuf ends inside a varint"),
      at: position)
  }

  /// The prefix of a string, bytes or message, which has one or two bytes nearly always.
  @inline(__always)
  private mutating func length() throws(DecodeError) -> UInt64 {
    if end &- position >= 2 {
      let pair = UInt16(littleEndian: base.loadUnaligned(fromByteOffset: position, as: UInt16.self))
      if pair & 0x80 == 0 {
        position &+= 1
        return UInt64(pair & 0x7F)
      }
      if pair & 0x8000 == 0 {
        position &+= 2
        return UInt64(pair & 0x7F) | UInt64(pair &>> 8) &<< 7
      }
    }
    return try varint()
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
    let length = try length()
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
  mutating func skip(_ tag: UInt32) throws(DecodeError) { position = try afterSkipping(tag, groups: 0) }

  /// Where a field ends that stands in so many groups.
  @inline(never)
  private func afterSkipping(_ tag: UInt32, groups: Int) throws(DecodeError) -> Int {
    var reader = self
    switch tag & 7 {
    case WireType.varint: _ = try reader.varint()
    case WireType.fixed64: _ = try reader.fixed64()
    case WireType.length: _ = try reader.lengthDelimited()
    case WireType.groupStart: try reader.skipGroup(tag, groups: groups &+ 1)
    case WireType.groupEnd: throw DecodeError(.malformed("protobuf group ends that was not begun"), at: position)
    case WireType.fixed32: _ = try reader.fixed32()
    default: throw DecodeError(.malformed("protobuf wire type is not supported"), at: position)
    }
    return reader.position
  }

  /// Steps over the rest of a group up to and with its end, which has the field number of its start; as many groups
  /// may stand in each other as protobuf's own libraries allow.
  private mutating func skipGroup(_ start: UInt32, groups: Int) throws(DecodeError) {
    guard groups <= 100 else {
      throw DecodeError(.malformed("protobuf groups are nested more than 100 levels deep"), at: position)
    }
    while !isAtEnd {
      let tag = try tag()
      if tag == start &- WireType.groupStart &+ WireType.groupEnd { return }
      position = try afterSkipping(tag, groups: groups)
    }
    throw DecodeError(.malformed("protobuf ends inside a group"), at: position)
  }

  /// What to throw for a known field that comes in another wire type than the schema's.
  func wrongWireType() -> DecodeError {
    DecodeError(.malformed("protobuf field has another wire type than OTLP defines"), at: position)
  }

  private func truncated() -> DecodeError {
    DecodeError(.malformed("protobuf ends inside a field"), at: position)
  }
}
