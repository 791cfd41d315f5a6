// Little-endian integers in raw memory, and runs of bytes that end in their own checksum.

extension UnsafeRawBufferPointer {
  /// The integer at `offset`, or zero if it does not lie in the buffer.
  func load<Number: FixedWidthInteger>(_: Number.Type, at offset: Int) -> Number {
    guard offset >= 0, offset &+ MemoryLayout<Number>.size <= count else { return 0 }
    return unsafe Number(littleEndian: loadUnaligned(fromByteOffset: offset, as: Number.self))
  }

  /// True if `range` lies in the buffer and ends in the checksum of what stands before.
  func isSealed(_ range: Range<Int>, salt: UInt32) -> Bool {
    guard range.lowerBound >= 0, range.upperBound <= count, range.count > 4 else { return false }
    let body = unsafe UnsafeRawBufferPointer(rebasing: self[range.dropLast(4)])
    return unsafe CRC32C.checksum(body, continuing: salt) == load(UInt32.self, at: range.upperBound - 4)
  }
}

extension UnsafeMutableRawBufferPointer {
  /// Writes an integer at `offset` if it fits.
  func store<Number: FixedWidthInteger>(_ number: Number, at offset: Int) {
    guard offset >= 0, offset &+ MemoryLayout<Number>.size <= count else { return }
    unsafe storeBytes(of: number.littleEndian, toByteOffset: offset, as: Number.self)
  }

  /// Writes the checksum of all but the last four bytes of `range` into these.
  func seal(_ range: Range<Int>, salt: UInt32) {
    guard range.lowerBound >= 0, range.upperBound <= count, range.count > 4 else { return }
    let body = unsafe UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(self)[range.dropLast(4)])
    unsafe store(CRC32C.checksum(body, continuing: salt), at: range.upperBound - 4)
  }
}
