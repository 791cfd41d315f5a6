/// A 128-bit hash of a request's bytes, the same in every replica and every version: it names documents, so its
/// definition is as fixed as a file format. Not cryptographic: whoever knows a request can make another of its hash.
///
/// The input is taken as little-endian 64-bit words, the end filled with zeros to a whole block of four. The state is
/// two pairs of words, which start at the first fraction bits of pi. `mix` feeds a pair two words and is a bijection
/// of the pair for given words and of the words for a given pair. Each block feeds its first half to one pair and its
/// second half to the other; at the end the first pair is fed the second, then the length in bytes, and stirred.
package struct RequestHash: Sendable, Equatable {
  package var high: UInt64
  package var low: UInt64

  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Hashes a whole request body, after decompression.
  package init(of bytes: UnsafeRawBufferPointer) {
    high = 0x243F_6A88_85A3_08D3
    low = 0x1319_8A2E_0370_7344
    var other = RequestHash(high: 0xA409_3822_299F_31D0, low: 0x082E_FA98_EC4E_6C89)
    if let base = bytes.baseAddress {
      var offset = 0
      while offset &+ Self.blockBytes <= bytes.count {
        mix(base.word(at: offset), base.word(at: offset &+ 8))
        other.mix(base.word(at: offset &+ 16), base.word(at: offset &+ 24))
        offset &+= Self.blockBytes
      }
      if offset < bytes.count {
        let rest = UnsafeRawBufferPointer(rebasing: bytes[offset...])
        mix(rest.word(0), rest.word(1))
        other.mix(rest.word(2), rest.word(3))
      }
    }
    mix(other.high, other.low)
    mix(UInt64(truncatingIfNeeded: bytes.count), 0x4528_21E6_38D0_1377)
    stir()
    stir()
  }

  private static let blockBytes = 32
  /// Odd, so that multiplying by them loses nothing; further fraction bits of pi.
  private static let factors: (UInt64, UInt64) = (0x9216_D5D9_8979_FB1B, 0xC0AC_29B7_C97C_50DD)

  /// Feeds the pair two words.
  @inline(__always)
  private mutating func mix(_ first: UInt64, _ second: UInt64) {
    high = (high &+ first &* Self.factors.0).rotated(left: 29) &* Self.factors.1 &+ low
    low = ((low &+ second &* Self.factors.1).rotated(left: 33) &* Self.factors.0) ^ high
  }

  /// Spreads every bit over the whole pair.
  private mutating func stir() {
    high = (high ^ high &>> 32) &* Self.factors.0
    high ^= high &>> 29
    low = low &+ high
    low = (low ^ low &>> 32) &* Self.factors.1
    low ^= low &>> 29
    high = high &+ low
  }
}

extension UInt64 {
  @inline(__always)
  fileprivate func rotated(left places: UInt64) -> UInt64 { self &<< places | self &>> (64 &- places) }
}

extension UnsafeRawPointer {
  @inline(__always)
  fileprivate func word(at offset: Int) -> UInt64 {
    UInt64(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }
}

extension UnsafeRawBufferPointer {
  /// The word of this index, zeros standing for what lies past the end.
  fileprivate func word(_ index: Int) -> UInt64 {
    let start = index &* 8
    var word: UInt64 = 0
    for offset in start..<Swift.max(Swift.min(start &+ 8, count), start) {
      word |= UInt64(self[offset]) &<< UInt64(8 &* (offset &- start))
    }
    return word
  }
}
