/// Finds any of up to 64 short literals in one pass over a text.
///
/// Each literal has an anchor, two neighbouring bytes that are rare in ordinary text. The pass looks every two
/// neighbours up in a table of one bit each; only where the bit is set are the literals compared, all at once, with a
/// mask of literals for each byte at each offset from the anchor. Time is linear in the text whatever it holds.
final class LiteralScan: @unchecked Sendable {
  /// A short text whose places are sets of bytes.
  struct Literal {
    /// What may stand at each place.
    var places: [ByteSet]
    /// The place of the anchor's first byte.
    var anchor: Int
  }

  /// Offsets from the anchor at which a literal may have places.
  private static let offsets = -5...6

  /// A bit for each pair of bytes, the first in the low half of the index. Written only by `init`.
  private let pairs: UnsafeMutablePointer<UInt64>
  /// For each offset from the anchor and each byte, the literals that allow it. Written only by `init`.
  private let masks: UnsafeMutablePointer<UInt64>
  /// A bit for each literal.
  private let all: UInt64
  /// For each literal the distance from its anchor to its end.
  private let lengths: [Int]

  /// A scan for these literals; nil if there are too many or one is too long.
  init?(_ literals: [Literal]) {
    let reach = literals.allSatisfy { literal in
      Self.offsets.contains(-literal.anchor) && Self.offsets.contains(literal.places.count - 1 - literal.anchor)
    }
    guard literals.count <= 64, reach else { return nil }
    lengths = literals.map { $0.places.count - $0.anchor }
    all = literals.count == 64 ? .max : 1 << UInt64(literals.count) - 1
    pairs = .allocate(capacity: 1024)
    pairs.initialize(repeating: 0, count: 1024)
    masks = .allocate(capacity: Self.offsets.count * 256)
    masks.initialize(repeating: .max, count: Self.offsets.count * 256)
    for (index, literal) in literals.enumerated() { place(literal, 1 << UInt64(index)) }
  }

  deinit {
    pairs.deallocate()
    masks.deallocate()
  }

  private func place(_ literal: Literal, _ bit: UInt64) {
    for (place, bytes) in literal.places.enumerated() {
      let row = (place - literal.anchor - Self.offsets.lowerBound) * 256
      for byte in 0..<256 where !bytes.contains(UInt8(byte)) { masks[row + byte] &= ~bit }
    }
    let anchor = literal.places.dropFirst(literal.anchor).prefix(2)
    for first in 0..<256 where anchor.first?.contains(UInt8(first)) ?? false {
      for second in 0..<256 where anchor.count < 2 || anchor.last?.contains(UInt8(second)) ?? true {
        let pair = second << 8 | first
        pairs[pair / 64] |= 1 << UInt64(pair % 64)
      }
    }
  }

  /// Calls `found` with the index of each literal and the offset after it, in the order of their anchors. The text is
  /// read as if a NUL stood before and after it.
  @inline(__always)
  func scan(_ bytes: UnsafeRawBufferPointer, _ found: (Int, Int) -> Void) {
    guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
    let text = ScannedText(bytes)
    compare(text, -1, found)
    var offset = 0
    // Eight bytes hold seven pairs.
    while offset &+ 8 <= bytes.count {
      let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      var hits: UInt64 = 0
      for place in 0..<7 { hits |= anchorBit(word &>> UInt64(place &* 8)) &<< UInt64(place) }
      while hits != 0 {
        compare(text, offset &+ hits.trailingZeroBitCount, found)
        hits &= hits &- 1
      }
      offset &+= 7
    }
    while offset &+ 1 < bytes.count {
      if anchorBit(UInt64(text[offset]) | UInt64(text[offset &+ 1]) &<< 8) != 0 { compare(text, offset, found) }
      offset &+= 1
    }
    compare(text, offset, found)
  }

  /// 1 if an anchor has the pair in the low 16 bits.
  @inline(__always)
  private func anchorBit(_ pair: UInt64) -> UInt64 {
    UnsafePointer(pairs)[Int(truncatingIfNeeded: pair &>> 6 & 1023)] &>> (pair & 63) & 1
  }

  /// Reports the literals whose anchor is at an offset.
  @inline(__always)
  private func compare(_ text: ScannedText, _ anchor: Int, _ found: (Int, Int) -> Void) {
    var hits = matches(text, anchor)
    while hits != 0 {
      let index = hits.trailingZeroBitCount
      if index < lengths.count { found(index, anchor &+ lengths[index]) }
      hits &= hits &- 1
    }
  }

  @inline(never)
  private func matches(_ text: ScannedText, _ anchor: Int) -> UInt64 {
    let center = masks + -Self.offsets.lowerBound &* 256
    var hits = all & center[Int(text[anchor])] & center[256 &+ Int(text[anchor &+ 1])]
    var offset = 2
    while hits != 0 && offset <= Self.offsets.upperBound {
      hits &= center[offset &* 256 &+ Int(text[anchor &+ offset])]
      offset &+= 1
    }
    offset = -1
    while hits != 0 && offset >= Self.offsets.lowerBound {
      hits &= center[offset &* 256 &+ Int(text[anchor &+ offset])]
      offset &-= 1
    }
    return hits
  }
}

/// A set of byte values.
struct ByteSet: Sendable {
  private var words = [UInt64](repeating: 0, count: 4)

  init(_ isMember: (UInt8) -> Bool) {
    for byte in 0..<256 where isMember(UInt8(byte)) { words[byte / 64] |= 1 << UInt64(byte % 64) }
  }

  func contains(_ byte: UInt8) -> Bool { words[Int(byte) / 64] >> UInt64(byte % 64) & 1 != 0 }
}

extension LiteralScan.Literal {
  /// A literal from a pattern: `[abc]` is one of these bytes, `#` a digit, `!` what is no digit, `^` an upper-case
  /// letter, `%` a hexadecimal digit, and any other byte itself.
  init(_ pattern: String, anchor: Int, ignoringCase: Bool = false) {
    self.anchor = anchor
    places = []
    var alternatives: [UInt8]?
    for byte in pattern.utf8 {
      switch (byte, alternatives) {
      case (UInt8(ascii: "["), nil): alternatives = []
      case (UInt8(ascii: "]"), .some(let bytes)):
        places.append(ByteSet { bytes.contains(ignoringCase ? $0.lowercased : $0) })
        alternatives = nil
      case (_, .some(let bytes)): alternatives = bytes + [byte]
      case (UInt8(ascii: "#"), _): places.append(ByteSet { $0.isDigit })
      case (UInt8(ascii: "!"), _): places.append(ByteSet { !$0.isDigit })
      case (UInt8(ascii: "^"), _): places.append(ByteSet { $0.isUpper })
      case (UInt8(ascii: "%"), _): places.append(ByteSet { $0.isHexDigit })
      default: places.append(ByteSet { (ignoringCase ? $0.lowercased : $0) == byte })
      }
    }
  }
}
