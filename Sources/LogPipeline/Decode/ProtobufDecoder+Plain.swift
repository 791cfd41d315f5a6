extension ProtobufDecoder {
  /// A `KeyValue` in the form that nearly every one has: the key, then a scalar, of ASCII text shorter than 128 bytes.
  /// Nil for any other form, which `attribute` reads field by field; both give the same for this one.
  @inline(__always)
  static func plainAttribute(_ message: ProtobufReader) -> Attribute? {
    let bytes = message.rest
    guard let base = bytes.baseAddress, bytes.count >= 4, base.byte(0) == 0x0A else { return nil }
    let keyCount = Int(base.byte(1))
    let valueStart = keyCount &+ 4
    guard keyCount < 0x80, valueStart <= bytes.count, base.byte(keyCount &+ 2) == 0x12 else { return nil }
    let valueCount = Int(base.byte(keyCount &+ 3))
    guard valueCount < 0x80, valueStart &+ valueCount == bytes.count, UTF8Text.isASCII(base + 2, keyCount) else {
      return nil
    }
    let key = ByteSlice(message.position &+ 2..<message.position &+ 2 &+ keyCount)
    guard valueCount >= 2 else { return nil }
    let value = plainValue(base + valueStart, valueCount, at: message.position &+ valueStart)
    return value.map { Attribute(key: key, value: $0) }
  }

  /// An `AnyValue` of `count` bytes, two or more, that is one scalar member.
  @inline(__always)
  private static func plainValue(_ base: UnsafeRawPointer, _ count: Int, at offset: Int) -> Value? {
    let second = base.byte(1)
    switch base.byte(0) {
    case 0x0A:
      guard Int(second) == count &- 2, UTF8Text.isASCII(base + 2, count &- 2) else { return nil }
      return .string(ByteSlice(offset &+ 2..<offset &+ count))
    case 0x10: return count == 2 && second < 0x80 ? .bool(second != 0) : nil
    case 0x18:
      if count == 2 && second < 0x80 { return .int(Int64(second)) }
      guard count == 3, second >= 0x80, base.byte(2) < 0x80 else { return nil }
      return .int(Int64(second & 0x7F) | Int64(base.byte(2)) &<< 7)
    case 0x21:
      guard count == 9 else { return nil }
      let bits = base.loadUnaligned(fromByteOffset: 1, as: UInt64.self)
      return .double(Double(bitPattern: UInt64(littleEndian: bits)))
    default: return nil
    }
  }
}

extension UnsafeRawPointer {
  @inline(__always)
  fileprivate func byte(_ offset: Int) -> UInt8 { load(fromByteOffset: offset, as: UInt8.self) }
}
