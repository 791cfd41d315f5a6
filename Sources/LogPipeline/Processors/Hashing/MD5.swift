/// MD5 (RFC 1321); not for security, only to give the hashes that a Collector's `hash_function: md5` gives.
package typealias MD5 = BlockHasher<MD5Compression>

/// The compression of MD5; its digest is the first four words.
package struct MD5Compression: BlockCompression {
  private var words: InlineArray<4, UInt32> = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476]

  package init() {}

  package static var isLittleEndian: Bool { true }

  package var state: InlineArray<8, UInt32> {
    [words[0].byteSwapped, words[1].byteSwapped, words[2].byteSwapped, words[3].byteSwapped, 0, 0, 0, 0]
  }

  package mutating func compress(_ block: UnsafeRawPointer) {
    var (a, b, c, d) = (words[0], words[1], words[2], words[3])
    for round in 0..<64 {
      let (mixed, index) = Self.function(round, b, c, d)
      let word = UInt32(littleEndian: block.loadUnaligned(fromByteOffset: index &* 4, as: UInt32.self))
      let sum = a &+ mixed &+ Self.constants[round] &+ word
      let places = Self.rotations[round / 16 &* 4 &+ round & 3]
      (a, d, c, b) = (d, c, b, b &+ (sum &<< places | sum &>> (32 &- places)))
    }
    words[0] &+= a
    words[1] &+= b
    words[2] &+= c
    words[3] &+= d
  }

  /// The function of a round and the index of its word (section 3.4).
  private static func function(_ round: Int, _ b: UInt32, _ c: UInt32, _ d: UInt32) -> (UInt32, Int) {
    switch round {
    case ..<16: ((b & c) | (~b & d), round)
    case ..<32: ((d & b) | (~d & c), (round &* 5 &+ 1) & 15)
    case ..<48: (b ^ c ^ d, (round &* 3 &+ 5) & 15)
    default: (c ^ (b | ~d), (round &* 7) & 15)
    }
  }

  private static let rotations: InlineArray<16, UInt32> = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]

  /// The first 32 bits of the absolute sines of 1 to 64.
  private static let constants: InlineArray<64, UInt32> = [
    0xd76a_a478, 0xe8c7_b756, 0x2420_70db, 0xc1bd_ceee, 0xf57c_0faf, 0x4787_c62a, 0xa830_4613, 0xfd46_9501,
    0x6980_98d8, 0x8b44_f7af, 0xffff_5bb1, 0x895c_d7be, 0x6b90_1122, 0xfd98_7193, 0xa679_438e, 0x49b4_0821,
    0xf61e_2562, 0xc040_b340, 0x265e_5a51, 0xe9b6_c7aa, 0xd62f_105d, 0x0244_1453, 0xd8a1_e681, 0xe7d3_fbc8,
    0x21e1_cde6, 0xc337_07d6, 0xf4d5_0d87, 0x455a_14ed, 0xa9e3_e905, 0xfcef_a3f8, 0x676f_02d9, 0x8d2a_4c8a,
    0xfffa_3942, 0x8771_f681, 0x6d9d_6122, 0xfde5_380c, 0xa4be_ea44, 0x4bde_cfa9, 0xf6bb_4b60, 0xbebf_bc70,
    0x289b_7ec6, 0xeaa1_27fa, 0xd4ef_3085, 0x0488_1d05, 0xd9d4_d039, 0xe6db_99e5, 0x1fa2_7cf8, 0xc4ac_5665,
    0xf429_2244, 0x432a_ff97, 0xab94_23a7, 0xfc93_a039, 0x655b_59c3, 0x8f0c_cc92, 0xffef_f47d, 0x8584_5dd1,
    0x6fa8_7e4f, 0xfe2c_e6e0, 0xa301_4314, 0x4e08_11a1, 0xf753_7e82, 0xbd3a_f235, 0x2ad7_d2bb, 0xeb86_d391,
  ]
}
