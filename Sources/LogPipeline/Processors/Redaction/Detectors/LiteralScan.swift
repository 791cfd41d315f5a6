/// Finds any of a few dozen short literals in one pass over a text, two machine words of state, no branch but for hits.
///
/// Shift-And (R. Baeza-Yates, G. Gonnet, "A new approach to text searching", 1992): each place of each literal is a bit
/// of the state, and a literal's bytes are sets of bytes, so that letter case and alternatives cost nothing.
/// Time is linear in the text whatever it holds.
final class LiteralScan: @unchecked Sendable {
  /// A set of bytes for each place of the literal; at most 64.
  typealias Literal = [ByteSet]

  /// The state of both words after a byte.
  struct State {
    var low: UInt64
    var high: UInt64
  }

  /// Bits that a byte lets pass, for every byte: low words, then high words. Written only by `init`.
  private let masks: UnsafeMutablePointer<State>
  private(set) var starts = State(low: 0, high: 0)
  private(set) var ends = State(low: 0, high: 0)
  /// The literal that ends at a bit of the state; -1 for none.
  private var literalAtBit = [Int](repeating: -1, count: 128)

  /// A scan for these literals; nil if their lengths add up to more than two words of 64.
  init?(_ literals: [Literal]) {
    masks = .allocate(capacity: 256)
    masks.initialize(repeating: State(low: 0, high: 0), count: 256)
    var used = [0, 0]
    for (index, literal) in literals.enumerated() where !literal.isEmpty {
      guard let word = used.firstIndex(where: { $0 + literal.count <= 64 }) else { return nil }
      place(literal, at: word * 64 + used[word], index)
      used[word] += literal.count
    }
  }

  deinit { masks.deallocate() }

  private func place(_ literal: Literal, at first: Int, _ index: Int) {
    set(&starts, first)
    for (place, bytes) in literal.enumerated() {
      for byte in 0..<256 where bytes.contains(UInt8(byte)) { set(&masks[byte], first + place) }
    }
    set(&ends, first + literal.count - 1)
    literalAtBit[first + literal.count - 1] = index
  }

  private func set(_ state: inout State, _ bit: Int) {
    if bit < 64 { state.low |= 1 << UInt64(bit) } else { state.high |= 1 << UInt64(bit - 64) }
  }

  /// Calls `found` with the index of each literal and the offset after it, in the order of their ends. The text is read
  /// as if a NUL stood before it.
  @inline(__always)
  func scan(_ bytes: UnsafeRawBufferPointer, _ found: (Int, Int) -> Void) {
    guard let base = bytes.baseAddress else { return }
    let masks = UnsafePointer(masks)
    let (starts, ends) = (starts, ends)
    var low = starts.low & masks[0].low
    var high = starts.high & masks[0].high
    var offset = 0
    while offset < bytes.count {
      let mask = masks[Int(base.load(fromByteOffset: offset, as: UInt8.self))]
      low = (low &<< 1 | starts.low) & mask.low
      high = (high &<< 1 | starts.high) & mask.high
      offset &+= 1
      if (low & ends.low) | (high & ends.high) != 0 {
        report(low & ends.low, 0, offset, found)
        report(high & ends.high, 64, offset, found)
      }
    }
  }

  /// Whether any of the literals is in the text once the bytes in `skipped` are taken out of it.
  @inline(__always)
  func isAnywhere(in bytes: UnsafeRawBufferPointer, skipping skipped: (UInt8) -> Bool) -> Bool {
    var state = State(low: 0, high: 0)
    for byte in bytes where !skipped(byte) {
      let mask = masks[Int(byte)]
      state.low = (state.low &<< 1 | starts.low) & mask.low
      state.high = (state.high &<< 1 | starts.high) & mask.high
      if (state.low & ends.low) | (state.high & ends.high) != 0 { return true }
    }
    return false
  }

  @inline(__always)
  private func report(_ hits: UInt64, _ firstBit: Int, _ offset: Int, _ found: (Int, Int) -> Void) {
    var hits = hits
    while hits != 0 {
      found(literalAtBit[firstBit &+ hits.trailingZeroBitCount], offset)
      hits &= hits &- 1
    }
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

extension LiteralScan {
  /// A literal from a pattern: `[abc]` is one of these bytes, `#` a digit, `!` what is no digit, `^` an upper-case
  /// letter, `%` a hexadecimal digit, and any other byte itself.
  static func literal(_ pattern: String, ignoringCase: Bool = false) -> Literal {
    var places: Literal = []
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
    return places
  }
}
