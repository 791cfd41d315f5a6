/// What one look over the keys of an object tells, so that the common object is written without a second one.
struct KeySurvey {
  /// Two keys may be the same, or one is empty; false means that none are.
  private(set) var mayRepeat = false
  /// A key may be a routing attribute; false means that none is.
  private(set) var mayRoute = false
  /// A key may end in `geo.location.lat` or `.lon`; false means that none does.
  private(set) var mayLocate = false
  /// The last entry whose key is `event.name`.
  private(set) var eventName: Int?

  private static let maxKeys = 64

  /// Looks at the keys of some attributes. More than 64 are not compared, but reported as possibly repeating.
  init(_ entries: EntryRange, of list: borrowing [Attribute], _ store: RawSpan) {
    mayRepeat = entries.count > Self.maxKeys
    var prints = InlineArray<4, SIMD16<UInt16>>(repeating: SIMD16())
    var position = 0
    for index in entries.indices {
      let key = list[index].key
      let (head, tail) = Self.ends(of: key, in: store)
      look(head: head, tail: tail, count: key.count, index: index)
      if !mayRepeat { mayRepeat = Self.repeats(Self.print(head, tail, key.count), at: position, in: &prints) }
      position &+= 1
    }
  }

  @inline(__always)
  private mutating func look(head: UInt64, tail: UInt64, count: UInt32, index: Int) {
    if count == 0 { mayRepeat = true }
    if count >= 16 {
      if head == word("data_str") || head == word("elastics") || head == word("elastic.") { mayRoute = true }
      if tail == word("tion.lat") || tail == word("tion.lon") { mayLocate = true }
    } else if count == 10 && head == word("event.na") && tail == word("ent.name") {
      eventName = index
    }
  }

  /// Records a key's print and says whether it was there before.
  @inline(__always)
  private static func repeats(
    _ print: UInt16, at position: Int, in prints: inout InlineArray<4, SIMD16<UInt16>>
  ) -> Bool {
    let lane = position & 15
    let row = position &>> 4
    var found = false
    for earlier in 0...row where any(prints[earlier] .== print) { found = true }
    prints[row][lane] = print
    return found
  }

  /// 16 bits of a key that are never zero; keys that differ only in the middle share them.
  @inline(__always)
  private static func print(_ head: UInt64, _ tail: UInt64, _ count: UInt32) -> UInt16 {
    let mixed = (head ^ (tail &<< 23 | tail &>> 41) ^ UInt64(count)) &* 0x9E37_79B9_7F4A_7C15
    return UInt16(truncatingIfNeeded: mixed &>> 48) | 1
  }

  /// The first and last eight bytes of a key; all of a shorter one, folded.
  @inline(__always)
  private static func ends(of key: ByteSlice, in store: RawSpan) -> (head: UInt64, tail: UInt64) {
    let bytes = store.extracting(key.range)
    let count = bytes.byteCount
    if count >= 8 {
      return (
        bytes.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt64.self),
        bytes.unsafeLoadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
      )
    }
    if count >= 4 {
      let first = bytes.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt32.self)
      return (UInt64(first), UInt64(bytes.unsafeLoadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)))
    }
    if count == 0 { return (0, 0) }
    let first = bytes.unsafeLoad(fromByteOffset: 0, as: UInt8.self)
    let middle = bytes.unsafeLoad(fromByteOffset: count / 2, as: UInt8.self)
    let last = bytes.unsafeLoad(fromByteOffset: count &- 1, as: UInt8.self)
    return (UInt64(first) | UInt64(middle) &<< 8, UInt64(last))
  }
}

/// Eight characters as the word that loading them gives.
@inline(__always)
private func word(_ text: StaticString) -> UInt64 {
  UnsafeRawPointer(text.utf8Start).loadUnaligned(as: UInt64.self)
}
