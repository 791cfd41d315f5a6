/// SHA-256 (FIPS 180-4, section 6.2) over any number of pieces; allocates nothing.
package struct SHA256: Sendable {
  private var compression = SHA256Compression()
  private var pending = InlineArray<64, UInt8>(repeating: 0)
  private var pendingCount = 0
  private var totalBytes: UInt64 = 0

  package init() {}

  /// The digest of some bytes.
  package static func digest(of bytes: UnsafeRawBufferPointer) -> InlineArray<8, UInt32> {
    guard bytes.count < 56 else {
      var hasher = SHA256()
      hasher.update(bytes)
      return hasher.finish()
    }
    // A single block, padding included.
    var compression = SHA256Compression()
    withUnsafeTemporaryAllocation(byteCount: 64, alignment: 16) { block in
      block.initializeMemory(as: UInt8.self, repeating: 0)
      block.copyMemory(from: bytes)
      block[bytes.count] = 0x80
      putLength(ofBytes: UInt64(bytes.count), into: block)
      if let base = block.baseAddress { compression.compress(base) }
    }
    return compression.state
  }

  /// Takes the next bytes.
  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    totalBytes &+= UInt64(bytes.count)
    var rest = bytes
    if pendingCount > 0 {
      let taken = min(64 - pendingCount, rest.count)
      keep(UnsafeRawBufferPointer(rebasing: rest[..<taken]))
      rest = UnsafeRawBufferPointer(rebasing: rest[taken...])
      guard pendingCount == 64 else { return }
      compressPending()
    }
    while rest.count >= 64, let block = rest.baseAddress {
      compression.compress(block)
      rest = UnsafeRawBufferPointer(rebasing: rest[64...])
    }
    keep(rest)
  }

  /// The digest of all bytes taken, in words of 32 bits (FIPS 180-4, section 5.1.1 for the padding).
  package consuming func finish() -> InlineArray<8, UInt32> {
    let (bytes, end) = (totalBytes, pendingCount)
    withPending { block in
      block[end] = 0x80
      UnsafeMutableRawBufferPointer(rebasing: block[(end &+ 1)...]).initializeMemory(as: UInt8.self, repeating: 0)
    }
    if end >= 56 {
      compressPending()
      withPending { _ = $0.initializeMemory(as: UInt8.self, repeating: 0) }
    }
    withPending { Self.putLength(ofBytes: bytes, into: $0) }
    compressPending()
    return compression.state
  }

  /// Ends the last block with the length of all bytes, in bits.
  private static func putLength(ofBytes count: UInt64, into block: UnsafeMutableRawBufferPointer) {
    block.storeBytes(of: (count &* 8).bigEndian, toByteOffset: 56, as: UInt64.self)
  }

  private mutating func withPending(_ body: (UnsafeMutableRawBufferPointer) -> Void) {
    var span = pending.mutableSpan
    span.withUnsafeMutableBytes(body)
  }

  /// Puts bytes behind those that are pending, for which there is room.
  private mutating func keep(_ bytes: UnsafeRawBufferPointer) {
    let start = pendingCount
    withPending { UnsafeMutableRawBufferPointer(rebasing: $0[start...]).copyMemory(from: bytes) }
    pendingCount = start + bytes.count
  }

  private mutating func compressPending() {
    let block = pending
    block.span.withUnsafeBytes { if let base = $0.baseAddress { compression.compress(base) } }
    pendingCount = 0
  }
}
