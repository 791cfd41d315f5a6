// decision: docs/decisions/0202-redaction-scan.md

import CVector

/// Finds any of up to 64 short literals in one pass over a text.
///
/// Each literal has an anchor, three bytes in it that are rare in ordinary text, or fewer at its end. A table tells
/// where anchors stand, 64 offsets at a time; only there are the literals compared, all at once, with a mask of
/// literals for each byte at each offset from the anchor. Time is linear in the text whatever it holds.
final class LiteralScan: @unchecked Sendable {
  /// A short text whose places are sets of bytes.
  struct Literal: Sendable {
    /// What may stand at each place.
    var places: [ByteSet]
    /// The place of the anchor's first byte.
    var anchor: Int
  }

  /// Offsets from the anchor at which a literal may have places.
  private static let offsets = -5...6

  /// Written only by `init`.
  private let table: UnsafeMutablePointer<literal_table>
  /// For each offset from the anchor and each byte, the literals that allow it. Written only by `init`.
  private let masks: UnsafeMutablePointer<UInt64>
  /// A bit for each literal.
  private let all: UInt64
  /// For each literal the offsets from its anchor at which it has places, which are some of `offsets`.
  private let reaches: [Range<Int>]

  /// A scan for these literals; nil if there are too many or one is too long.
  init?(_ literals: [Literal]) {
    let reach = literals.allSatisfy { literal in
      Self.offsets.contains(-literal.anchor) && Self.offsets.contains(literal.places.count - 1 - literal.anchor)
    }
    guard literals.count <= 64, reach else { return nil }
    reaches = literals.map { -$0.anchor..<$0.places.count - $0.anchor }
    all = literals.count == 64 ? .max : 1 << UInt64(literals.count) - 1
    table = .allocate(capacity: 1)
    literal_table_clear(table)
    masks = .allocate(capacity: Self.offsets.count * 256)
    masks.initialize(repeating: .max, count: Self.offsets.count * 256)
    var groups = [AnchorGroup](repeating: AnchorGroup(), count: literal_groups)
    for (index, literal) in literals.enumerated() { place(literal, 1 << UInt64(index)) }
    // Those that let the most pass come first, so that narrow ones join a group that lets as much pass already.
    let anchors = literals.map { Self.anchor(of: $0) }
    let breadths = anchors.map(\.breadth)
    for index in literals.indices.sorted(by: { (breadths[$1], $0) < (breadths[$0], $1) }) {
      let group = Self.group(for: anchors[index], among: groups)
      groups[group] = groups[group].adding(anchors[index])
      Self.forEachByte(of: literals[index]) { literal_table_add(table, index, group, $0, $1) }
    }
  }

  deinit {
    table.deallocate()
    masks.deallocate()
  }

  private func place(_ literal: Literal, _ bit: UInt64) {
    for (place, bytes) in literal.places.enumerated() {
      let row = (place - literal.anchor - Self.offsets.lowerBound) * 256
      for byte in 0..<256 where !bytes.contains(UInt8(byte)) { masks[row + byte] &= ~bit }
    }
  }

  /// What a literal's anchor lets pass.
  private static func anchor(of literal: Literal) -> AnchorGroup {
    var anchor = AnchorGroup()
    forEachByte(of: literal) { anchor.add($1, at: $0) }
    return anchor
  }

  /// The group that lets the fewest more texts pass with an anchor than without it.
  private static func group(for anchor: AnchorGroup, among groups: [AnchorGroup]) -> Int {
    let growths = groups.map { $0.adding(anchor).breadth - $0.breadth }
    return groups.indices.min { growths[$0] < growths[$1] } ?? 0
  }

  /// Calls `body` with each place of a literal's anchor and each byte that may stand there.
  private static func forEachByte(of literal: Literal, _ body: (Int, UInt8) -> Void) {
    for place in 0..<literal_places {
      let index = literal.anchor + place
      for byte in UInt8.min ... .max where index >= literal.places.count || literal.places[index].contains(byte) {
        body(place, byte)
      }
    }
  }

  /// Offsets of one text at which anchors may stand, at most 64 of them.
  struct Anchors {
    /// A bit for each offset from `start` on, counted from two before it.
    fileprivate var bits: UInt64 = 0
    fileprivate var start = 0

    @inline(__always) var isEmpty: Bool { bits == 0 }
  }

  /// The first anchors of a text; none if it has none.
  @inline(__always)
  func firstAnchors(_ bytes: UnsafeRawBufferPointer) -> Anchors {
    var anchors = Anchors()
    guard let base = bytes.baseAddress, !bytes.isEmpty else { return anchors }
    while true {
      anchors.bits = literal_anchors(table, base, bytes.count, anchors.start)
      if anchors.bits != 0 || anchors.start &+ 64 >= bytes.count &+ 2 { return anchors }
      anchors.start &+= 64
    }
  }

  /// Calls `found` with the index of each literal and the offset after it, in the order of their anchors, of which
  /// `anchors` are the first. The text is read as if a NUL stood before and after it.
  @inline(__always)
  func scan(_ bytes: UnsafeRawBufferPointer, from anchors: Anchors, _ found: (Int, Int) -> Void) {
    let text = ScannedText(bytes)
    var anchors = anchors
    while true {
      while anchors.bits != 0 {
        compare(text, anchors.start &+ anchors.bits.trailingZeroBitCount &- 2, found)
        anchors.bits &= anchors.bits &- 1
      }
      anchors.start &+= 64
      guard anchors.start < bytes.count &+ 2 else { return }
      anchors.bits = literal_anchors(table, bytes.baseAddress, bytes.count, anchors.start)
    }
  }

  /// Reports the literals whose anchor is at an offset.
  @inline(__always)
  private func compare(_ text: ScannedText, _ anchor: Int, _ found: (Int, Int) -> Void) {
    var anchored = all
    for place in 0..<literal_places { anchored &= mask(place, of: text[anchor &+ place]) }
    while anchored != 0 {
      let index = anchored.trailingZeroBitCount
      if index < reaches.count, stands(index, text, anchor, reaches[index]) {
        found(index, anchor &+ reaches[index].upperBound)
      }
      anchored &= anchored &- 1
    }
  }

  /// Whether a literal whose anchor is at an offset stands there with all its places.
  @inline(__always)
  private func stands(_ index: Int, _ text: ScannedText, _ anchor: Int, _ reach: Range<Int>) -> Bool {
    let bit: UInt64 = 1 &<< UInt64(index)
    var offset = literal_places
    while offset < reach.upperBound {
      if mask(offset, of: text[anchor &+ offset]) & bit == 0 { return false }
      offset &+= 1
    }
    offset = reach.lowerBound
    while offset < 0 {
      if mask(offset, of: text[anchor &+ offset]) & bit == 0 { return false }
      offset &+= 1
    }
    return true
  }

  /// The literals that allow a byte at an offset from their anchor that is one of `offsets`.
  @inline(__always)
  private func mask(_ offset: Int, of byte: UInt8) -> UInt64 {
    masks[(offset &- Self.offsets.lowerBound) &* 256 &+ Int(byte)]
  }
}

/// What a group of anchors lets pass, by the lower and the upper halves of bytes: bit `n` is set if a byte with the
/// half `n` passes.
private struct AnchorGroup {
  private typealias Place = (lower: UInt16, upper: UInt16)
  private var places = [Place](repeating: (0, 0), count: literal_places)

  /// How many texts pass.
  var breadth: Int { places.reduce(1) { $0 * $1.lower.nonzeroBitCount * $1.upper.nonzeroBitCount } }

  /// The group with one anchor more.
  func adding(_ anchor: AnchorGroup) -> AnchorGroup {
    var sum = self
    for (place, added) in anchor.places.enumerated() {
      sum.places[place].lower |= added.lower
      sum.places[place].upper |= added.upper
    }
    return sum
  }

  mutating func add(_ byte: UInt8, at place: Int) {
    places[place].lower |= 1 << UInt16(byte & 15)
    places[place].upper |= 1 << UInt16(byte >> 4)
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
