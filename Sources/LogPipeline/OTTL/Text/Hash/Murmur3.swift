/// MurmurHash3 with seed 0: of 32 bits, and of 128 bits in the form for 64-bit machines.
enum Murmur3 {
  static func hash32(of bytes: UnsafeRawBufferPointer) -> UInt32 {
    var hash: UInt32 = 0
    let blocks = bytes.count / 4
    for block in 0..<blocks {
      hash ^= mixed32(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: block &* 4, as: UInt32.self)))
      hash = (hash &<< 13 | hash &>> 19) &* 5 &+ 0xE654_6B64
    }
    var tail: UInt32 = 0
    for place in (blocks &* 4..<bytes.count).reversed() { tail = tail &<< 8 | UInt32(bytes[place]) }
    if tail != 0 { hash ^= mixed32(tail) }
    hash ^= UInt32(truncatingIfNeeded: bytes.count)
    hash = (hash ^ hash &>> 16) &* 0x85EB_CA6B
    hash = (hash ^ hash &>> 13) &* 0xC2B2_AE35
    return hash ^ hash &>> 16
  }

  private static func mixed32(_ word: UInt32) -> UInt32 {
    let product = word &* 0xCC9E_2D51
    return (product &<< 15 | product &>> 17) &* 0x1B87_3593
  }

  static func hash128(of bytes: UnsafeRawBufferPointer) -> (first: UInt64, second: UInt64) {
    var (first, second): (UInt64, UInt64) = (0, 0)
    let blocks = bytes.count / 16
    for block in 0..<blocks {
      first ^= mixedFirst(word(bytes, block &* 16))
      first = (rotated(first, 27) &+ second) &* 5 &+ 0x52DC_E729
      second ^= mixedSecond(word(bytes, block &* 16 &+ 8))
      second = (rotated(second, 31) &+ first) &* 5 &+ 0x3849_5AB5
    }
    var (low, high): (UInt64, UInt64) = (0, 0)
    for place in (blocks &* 16..<bytes.count).reversed() {
      let byte = UInt64(bytes[place])
      if place &- blocks &* 16 < 8 { low = low &<< 8 | byte } else { high = high &<< 8 | byte }
    }
    second ^= mixedSecond(high)
    first ^= mixedFirst(low)
    first ^= UInt64(bytes.count)
    second ^= UInt64(bytes.count)
    first &+= second
    second &+= first
    first = finished(first)
    second = finished(second)
    first &+= second
    return (first, second &+ first)
  }

  private static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  private static func rotated(_ word: UInt64, _ count: UInt64) -> UInt64 { word &<< count | word &>> (64 &- count) }

  private static func mixedFirst(_ word: UInt64) -> UInt64 {
    rotated(word &* 0x87C3_7B91_1142_53D5, 31) &* 0x4CF5_AD43_2745_937F
  }

  private static func mixedSecond(_ word: UInt64) -> UInt64 {
    rotated(word &* 0x4CF5_AD43_2745_937F, 33) &* 0x87C3_7B91_1142_53D5
  }

  private static func finished(_ word: UInt64) -> UInt64 {
    var word = (word ^ word &>> 33) &* 0xFF51_AFD7_ED55_8CCD
    word = (word ^ word &>> 33) &* 0xC4CE_B9FE_1A85_EC53
    return word ^ word &>> 33
  }
}
