import Glibc

/// Loads from any address, for readers that have checked what lies there.
extension UnsafeRawPointer {
  @inline(__always)
  func byte(_ offset: Int) -> UInt8 { load(fromByteOffset: offset, as: UInt8.self) }

  /// A little-endian number.
  @inline(__always)
  func uint16(_ offset: Int) -> UInt16 {
    UInt16(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt16.self))
  }

  /// A little-endian number.
  @inline(__always)
  func uint32(_ offset: Int) -> UInt32 {
    UInt32(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  /// A little-endian number.
  @inline(__always)
  func uint64(_ offset: Int) -> UInt64 {
    UInt64(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  /// How many of the first `count` bytes at two places are the same.
  @inline(__always)
  static func sharedBytes(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, _ count: Int) -> Int {
    var offset = 0
    while offset &+ 8 <= count {
      let difference =
        left.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        ^ right.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      if difference != 0 { return offset &+ difference.trailingZeroBitCount / 8 }
      offset &+= 8
    }
    while offset < count, left.byte(offset) == right.byte(offset) { offset &+= 1 }
    return offset
  }
}

extension StaticString {
  /// The text's UTF-8.
  @inline(__always)
  var rawBytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: utf8Start, count: utf8CodeUnitCount) }
}

extension UnsafeRawBufferPointer {
  /// No bytes.
  static var empty: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: nil, count: 0) }
}

extension RawSpan {
  /// Whether these are the same bytes; the counts must be equal.
  @inline(__always)
  func isEqual(to bytes: UnsafeRawBufferPointer) -> Bool {
    withUnsafeBytes { own in
      let count = own.count
      guard count == bytes.count else { return false }
      guard let a = own.baseAddress, let b = bytes.baseAddress else { return true }
      if count > 16 { return memcmp(a, b, count) == 0 }
      // The first and the last bytes, which overlap if there are fewer than twice as many.
      if count >= 8 { return Self.areEqual(UInt64.self, a, b, at: 0, and: count &- 8) }
      if count >= 4 { return Self.areEqual(UInt32.self, a, b, at: 0, and: count &- 4) }
      return own.elementsEqual(bytes)
    }
  }

  /// Whether two words are the same at both of two offsets.
  @inline(__always)
  private static func areEqual<Word: FixedWidthInteger & BitwiseCopyable>(
    _: Word.Type, _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, at first: Int, and last: Int
  ) -> Bool {
    a.loadUnaligned(fromByteOffset: first, as: Word.self) == b.loadUnaligned(fromByteOffset: first, as: Word.self)
      && a.loadUnaligned(fromByteOffset: last, as: Word.self) == b.loadUnaligned(fromByteOffset: last, as: Word.self)
  }
}
