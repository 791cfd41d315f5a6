/// SHA-1 (FIPS 180-4, section 6.1); not for security, only to give the hashes that older gateways gave.
package typealias SHA1 = BlockHasher<SHA1Compression>

/// The compression of SHA-1; its digest is the first five words.
package struct SHA1Compression: BlockCompression {
  package private(set) var state: InlineArray<8, UInt32> = [
    0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0, 0, 0, 0,
  ]

  package init() {}

  package mutating func compress(_ block: UnsafeRawPointer) {
    var words = InlineArray<16, UInt32>(repeating: 0)
    for index in 0..<16 {
      words[index] = UInt32(bigEndian: block.loadUnaligned(fromByteOffset: index &* 4, as: UInt32.self))
    }
    var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
    for round in 0..<80 {
      if round >= 16 { words[round & 15] = Self.next(words, round) }
      let mixed = Self.rotate(a, 5) &+ Self.function(round, b, c, d) &+ e &+ words[round & 15]
      (e, d, c, b, a) = (d, c, Self.rotate(b, 30), a, mixed)
    }
    state[0] &+= a
    state[1] &+= b
    state[2] &+= c
    state[3] &+= d
    state[4] &+= e
  }

  private static func next(_ words: InlineArray<16, UInt32>, _ round: Int) -> UInt32 {
    let (a, b) = (words[(round &+ 13) & 15], words[(round &+ 8) & 15])
    return rotate(a ^ b ^ words[(round &+ 2) & 15] ^ words[round & 15], 1)
  }

  /// The function of a round with its constant (sections 4.1.1 and 4.2.1).
  private static func function(_ round: Int, _ b: UInt32, _ c: UInt32, _ d: UInt32) -> UInt32 {
    switch round {
    case ..<20: ((b & c) ^ (~b & d)) &+ 0x5a82_7999
    case ..<40: (b ^ c ^ d) &+ 0x6ed9_eba1
    case ..<60: ((b & c) ^ (b & d) ^ (c & d)) &+ 0x8f1b_bcdc
    default: (b ^ c ^ d) &+ 0xca62_c1d6
    }
  }

  private static func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 {
    word &<< count | word &>> (32 &- count)
  }
}
