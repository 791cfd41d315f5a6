/// XXH3 with seed 0 and the default secret, of 64 and of 128 bits (xxHash's specification, version 0.2).
///
/// Texts of up to 240 bytes have formulas of their own by length; longer ones go through eight sums of 64 bits.
enum XXH3 {
  /// Numbers that everything is multiplied with.
  enum Prime {
    static let short: (UInt64, UInt64, UInt64) = (0x9E37_79B1, 0x85EB_CA77, 0xC2B2_AE3D)
    static let first: UInt64 = 0x9E37_79B1_85EB_CA87
    static let second: UInt64 = 0xC2B2_AE3D_27D4_EB4F
    static let third: UInt64 = 0x1656_67B1_9E37_79F9
    static let fourth: UInt64 = 0x85EB_CA77_C2B2_AE63
    static let fifth: UInt64 = 0x27D4_EB2F_1656_67C5
    static let mix: UInt64 = 0x9FB2_1C65_1E98_DF25
    static let last: UInt64 = 0x1656_6791_9E37_79F9
  }

  /// The first 64 bits of the sum, or of the 128, as big-endian bytes are read.
  typealias Wide = (high: UInt64, low: UInt64)

  static func hash64(of bytes: UnsafeRawBufferPointer) -> UInt64 {
    let length = UInt64(bytes.count)
    switch bytes.count {
    case 0: return finished64(secret(56) ^ secret(64))
    case 1...3: return finished64(UInt64(tiny(bytes)) ^ UInt64(secret32(0) ^ secret32(4)))
    case 4...8:
      let word = UInt64(word32(bytes, bytes.count &- 4)) &+ UInt64(word32(bytes, 0)) &<< 32
      return mixed(word ^ (secret(8) ^ secret(16)), length)
    case 9...16:
      let low = word(bytes, 0) ^ (secret(24) ^ secret(32))
      let high = word(bytes, bytes.count &- 8) ^ (secret(40) ^ secret(48))
      return finished(length &+ low.byteSwapped &+ high &+ folded(low, high))
    case 17...128: return finished(length &* Prime.first &+ middle(bytes))
    case 129...240: return finished(long(bytes))
    default: return sums(of: bytes).merged(secretOffset: 11, length &* Prime.first)
    }
  }

  private static func middle(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    let count = bytes.count
    var sum = pair(bytes, 0, 0) &+ pair(bytes, count &- 16, 16)
    if count > 32 { sum &+= pair(bytes, 16, 32) &+ pair(bytes, count &- 32, 48) }
    if count > 64 { sum &+= pair(bytes, 32, 64) &+ pair(bytes, count &- 48, 80) }
    if count > 96 { sum &+= pair(bytes, 48, 96) &+ pair(bytes, count &- 64, 112) }
    return sum
  }

  private static func long(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var sum = UInt64(bytes.count) &* Prime.first
    for round in 0..<8 { sum &+= pair(bytes, round &* 16, round &* 16) }
    sum = finished(sum)
    for round in 8..<bytes.count / 16 { sum &+= pair(bytes, round &* 16, (round &- 8) &* 16 &+ 3) }
    return sum &+ pair(bytes, bytes.count &- 16, 119)
  }

  // MARK: 128 bits

  static func hash128(of bytes: UnsafeRawBufferPointer) -> Wide {
    let length = UInt64(bytes.count)
    switch bytes.count {
    case 0: return (finished64(secret(80) ^ secret(88)), finished64(secret(64) ^ secret(72)))
    case 1...3:
      let word = tiny(bytes)
      let other = word.byteSwapped &<< 13 | word.byteSwapped &>> 19
      let low = UInt64(word) ^ UInt64(secret32(0) ^ secret32(4))
      return (finished64(UInt64(other) ^ UInt64(secret32(8) ^ secret32(12))), finished64(low))
    case 4...8: return short128(bytes)
    case 9...16: return medium128(bytes)
    case 17...128: return finished128(middle128(bytes), length)
    case 129...240: return finished128(long128(bytes), length)
    default:
      let sums = sums(of: bytes)
      return (
        sums.merged(secretOffset: 117, ~(length &* Prime.second)),
        sums.merged(secretOffset: 11, length &* Prime.first)
      )
    }
  }

  private static func short128(_ bytes: UnsafeRawBufferPointer) -> Wide {
    let word = UInt64(word32(bytes, 0)) &+ UInt64(word32(bytes, bytes.count &- 4)) &<< 32
    let keyed = word ^ (secret(16) ^ secret(24))
    var product = keyed.multipliedFullWidth(by: Prime.first &+ UInt64(bytes.count) &<< 2)
    product.high &+= product.low &<< 1
    var low = product.low ^ product.high &>> 3
    low = (low ^ low &>> 35) &* Prime.mix
    return (finished(product.high), low ^ low &>> 28)
  }

  private static func medium128(_ bytes: UnsafeRawBufferPointer) -> Wide {
    let (first, last) = (word(bytes, 0), word(bytes, bytes.count &- 8))
    let product = (first ^ last ^ (secret(32) ^ secret(40))).multipliedFullWidth(by: Prime.first)
    var low = product.low &+ UInt64(bytes.count &- 1) &<< 54
    let keyed = last ^ (secret(48) ^ secret(56))
    let high = product.high &+ keyed &+ (keyed & 0xFFFF_FFFF) &* (Prime.short.1 &- 1)
    low ^= high.byteSwapped
    let next = low.multipliedFullWidth(by: Prime.second)
    return (finished(next.high &+ high &* Prime.second), finished(next.low))
  }

  private static func middle128(_ bytes: UnsafeRawBufferPointer) -> Wide {
    let count = bytes.count
    var sum: Wide = (0, UInt64(count) &* Prime.first)
    if count > 96 { add(bytes, 48, count &- 64, secret: 96, to: &sum) }
    if count > 64 { add(bytes, 32, count &- 48, secret: 64, to: &sum) }
    if count > 32 { add(bytes, 16, count &- 32, secret: 32, to: &sum) }
    add(bytes, 0, count &- 16, secret: 0, to: &sum)
    return sum
  }

  private static func long128(_ bytes: UnsafeRawBufferPointer) -> Wide {
    var sum: Wide = (0, UInt64(bytes.count) &* Prime.first)
    for end in stride(from: 32, to: 160, by: 32) {
      add(bytes, end &- 32, end &- 16, secret: end &- 32, to: &sum)
    }
    sum = (finished(sum.high), finished(sum.low))
    for end in stride(from: 160, through: bytes.count, by: 32) {
      add(bytes, end &- 32, end &- 16, secret: end &- 157, to: &sum)
    }
    add(bytes, bytes.count &- 16, bytes.count &- 32, secret: 103, to: &sum)
    return sum
  }

  /// Mixes in two pieces of 16 bytes.
  private static func add(
    _ bytes: UnsafeRawBufferPointer, _ first: Int, _ second: Int, secret: Int, to sum: inout Wide
  ) {
    sum.low &+= pair(bytes, first, secret)
    sum.low ^= word(bytes, second) &+ word(bytes, second &+ 8)
    sum.high &+= pair(bytes, second, secret &+ 16)
    sum.high ^= word(bytes, first) &+ word(bytes, first &+ 8)
  }

  private static func finished128(_ sum: Wide, _ length: UInt64) -> Wide {
    let high = sum.low &* Prime.first &+ sum.high &* Prime.fourth &+ length &* Prime.second
    return (0 &- finished(high), finished(sum.low &+ sum.high))
  }

  // MARK: Words

  static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  private static func word32(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt32 {
    UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  /// Eight bytes of the secret from an offset of up to 184.
  @inline(__always)
  static func secret(_ offset: Int) -> UInt64 {
    let (index, shift) = (offset &>> 3, UInt64(offset & 7) &* 8)
    if shift == 0 { return secretWords[index] }
    return secretWords[index] &>> shift | secretWords[index &+ 1] &<< (64 &- shift)
  }

  private static func secret32(_ offset: Int) -> UInt32 { UInt32(truncatingIfNeeded: secret(offset)) }

  /// The 192 bytes of the default secret as little-endian words.
  private static let secretWords: InlineArray<24, UInt64> = [
    0xBE4B_A423_396C_FEB8, 0x1CAD_21F7_2C81_017C, 0xDB97_9083_E96D_D4DE, 0x1F67_B3B7_A4A4_4072,
    0x78E5_C0CC_4EE6_79CB, 0x2172_FFCC_7DD0_5A82, 0x8E24_43F7_7446_08B8, 0x4C26_3A81_E690_35E0,
    0xCB00_C391_BB52_283C, 0xA32E_531B_8B65_D088, 0x4EF9_0DA2_9748_6471, 0xD8AC_DEA9_46EF_1938,
    0x3F34_9CE3_3F76_FAA8, 0x1D4F_0BC7_C7BB_DCF9, 0x3159_B4CD_4BE0_518A, 0x6473_78D9_C97E_9FC8,
    0xC3EB_D334_83AC_C5EA, 0xEB63_13FA_FFA0_81C5, 0x49DA_F0B7_51DD_0D17, 0x9E68_D429_2655_16D3,
    0xFCA1_477D_58BE_162B, 0xCE31_D07A_D1B8_F88F, 0x2804_1695_8F3A_CB45, 0x7E40_4BBB_CAFB_D7AF,
  ]

  /// One to three bytes and their number in a word.
  private static func tiny(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    let middle = UInt32(bytes[bytes.count / 2]) &<< 24
    return UInt32(bytes[0]) &<< 16 | middle | UInt32(bytes[bytes.count &- 1]) | UInt32(bytes.count) &<< 8
  }

  /// Sixteen bytes with sixteen of the secret.
  private static func pair(_ bytes: UnsafeRawBufferPointer, _ offset: Int, _ secretOffset: Int) -> UInt64 {
    folded(word(bytes, offset) ^ secret(secretOffset), word(bytes, offset &+ 8) ^ secret(secretOffset &+ 8))
  }

  static func folded(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    return product.high ^ product.low
  }

  static func finished(_ word: UInt64) -> UInt64 {
    let word = (word ^ word &>> 37) &* Prime.last
    return word ^ word &>> 32
  }

  /// The end of XXH64.
  private static func finished64(_ word: UInt64) -> UInt64 {
    var word = (word ^ word &>> 33) &* Prime.second
    word = (word ^ word &>> 29) &* Prime.third
    return word ^ word &>> 32
  }

  private static func mixed(_ word: UInt64, _ length: UInt64) -> UInt64 {
    var word = word ^ (word &<< 49 | word &>> 15) ^ (word &<< 24 | word &>> 40)
    word = word &* Prime.mix
    word ^= word &>> 35 &+ length
    word = word &* Prime.mix
    return word ^ word &>> 28
  }

  // MARK: Long texts

  private static func sums(of bytes: UnsafeRawBufferPointer) -> XXH3Sums {
    var sums = XXH3Sums()
    let blocks = (bytes.count &- 1) / 1024
    for block in 0..<blocks {
      for stripe in 0..<16 { sums.add(bytes, block &* 1024 &+ stripe &* 64, secretOffset: stripe &* 8) }
      sums.scramble()
    }
    let stripes = (bytes.count &- 1 &- blocks &* 1024) / 64
    for stripe in 0..<stripes { sums.add(bytes, blocks &* 1024 &+ stripe &* 64, secretOffset: stripe &* 8) }
    sums.add(bytes, bytes.count &- 64, secretOffset: 121)
    return sums
  }
}

/// Eight sums of 64 bits that a long text goes through, 64 bytes at a time.
struct XXH3Sums {
  private var words: InlineArray<8, UInt64> = [
    XXH3.Prime.short.2, XXH3.Prime.first, XXH3.Prime.second, XXH3.Prime.third, XXH3.Prime.fourth, XXH3.Prime.short.1,
    XXH3.Prime.fifth, XXH3.Prime.short.0,
  ]

  mutating func add(_ bytes: UnsafeRawBufferPointer, _ offset: Int, secretOffset: Int) {
    for index in 0..<8 {
      let word = XXH3.word(bytes, offset &+ index &* 8)
      let keyed = word ^ XXH3.secret(secretOffset &+ index &* 8)
      words[index ^ 1] &+= word
      words[index] &+= (keyed & 0xFFFF_FFFF) &* (keyed &>> 32)
    }
  }

  mutating func scramble() {
    for index in 0..<8 {
      let word = words[index]
      words[index] = (word ^ word &>> 47 ^ XXH3.secret(128 &+ index &* 8)) &* XXH3.Prime.short.0
    }
  }

  func merged(secretOffset: Int, _ start: UInt64) -> UInt64 {
    var sum = start
    for index in 0..<4 {
      let (first, second) = (index &* 2, index &* 2 &+ 1)
      sum &+= XXH3.folded(
        words[first] ^ XXH3.secret(secretOffset &+ index &* 16),
        words[second] ^ XXH3.secret(secretOffset &+ index &* 16 &+ 8))
    }
    return XXH3.finished(sum)
  }
}
