/// The part of a hash function that mixes one block of 64 bytes into its state (FIPS 180-4, section 6).
package protocol BlockCompression: Sendable {
  init()
  /// The state as 32-bit words, the first words of the digest first.
  var state: InlineArray<8, UInt32> { get }
  /// Whether the length that pads the last block has its lowest byte first, as in MD5.
  static var isLittleEndian: Bool { get }
  /// Mixes in the 64 bytes at `block`.
  mutating func compress(_ block: UnsafeRawPointer)
}

extension BlockCompression {
  package static var isLittleEndian: Bool { false }
}

/// A hash function of the SHA family, or MD5, over any number of pieces; allocates nothing.
package struct BlockHasher<Compression: BlockCompression>: Sendable {
  private var compression = Compression()
  private var pending = InlineArray<64, UInt8>(repeating: 0)
  private var pendingCount = 0
  private var totalBytes: UInt64 = 0

  package init() {}

  /// Takes the next bytes.
  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    totalBytes &+= UInt64(bytes.count)
    var rest = bytes
    if pendingCount > 0 {
      let taken = min(64 - pendingCount, rest.count)
      for index in 0..<taken { pending[pendingCount &+ index] = rest[index] }
      pendingCount += taken
      rest = UnsafeRawBufferPointer(rebasing: rest[taken...])
      guard pendingCount == 64 else { return }
      compressPending()
    }
    while rest.count >= 64, let block = rest.baseAddress {
      compression.compress(block)
      rest = UnsafeRawBufferPointer(rebasing: rest[64...])
    }
    for index in 0..<rest.count { pending[index] = rest[index] }
    pendingCount = rest.count
  }

  /// The digest of all bytes taken, in words of 32 bits (FIPS 180-4, section 5.1.1 for the padding).
  package consuming func finish() -> InlineArray<8, UInt32> {
    let bitCount = Compression.isLittleEndian ? (totalBytes &* 8).byteSwapped : totalBytes &* 8
    pending[pendingCount] = 0x80
    for index in pendingCount &+ 1..<64 { pending[index] = 0 }
    if pendingCount >= 56 {
      compressPending()
      for index in 0..<56 { pending[index] = 0 }
    }
    for index in 0..<8 { pending[56 &+ index] = UInt8(truncatingIfNeeded: bitCount &>> UInt64(56 &- 8 &* index)) }
    compressPending()
    return compression.state
  }

  private mutating func compressPending() {
    let block = pending
    block.span.withUnsafeBytes { if let base = $0.baseAddress { compression.compress(base) } }
    pendingCount = 0
  }
}
