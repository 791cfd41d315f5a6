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
    var seen = InlineArray<4, UInt64>(repeating: 0)
    for index in entries.indices {
      let key = list[index].key
      let (head, tail) = Self.ends(of: key, in: store)
      look(head: head, tail: tail, count: key.count, index: index)
      if mayRepeat { continue }
      let hash = Self.hash(head, tail, key.count)
      let bit: UInt64 = 1 &<< (hash & 63)
      let word = Int(truncatingIfNeeded: hash &>> 6 & 3)
      if seen[word] & bit != 0 { mayRepeat = Self.repeats(index, entries, of: list, store) }
      seen[word] |= bit
    }
  }

  @inline(__always)
  private mutating func look(head: UInt64, tail: UInt64, count: UInt32, index: Int) {
    // An empty key and one that is blank are written as the same.
    if count == 0 || Self.hasWhiteSpace(tail) { mayRepeat = true }
    if count >= 16 {
      if head == word("data_str") || head == word("elastics") || head == word("elastic.") { mayRoute = true }
      if tail == word("tion.lat") || tail == word("tion.lon") { mayLocate = true }
    } else if count == 10 && head == word("event.na") && tail == word("ent.name") {
      eventName = index
    }
  }

  /// Whether one of the last bytes of a key is white space, or another control character.
  @inline(__always)
  private static func hasWhiteSpace(_ tail: UInt64) -> Bool {
    (tail &- 0x2121_2121_2121_2121) & ~tail & 0x8080_8080_8080_8080 != 0
  }

  /// Whether an earlier entry has the same key.
  @inline(never)
  private static func repeats(
    _ index: Int, _ entries: EntryRange, of list: borrowing [Attribute], _ store: RawSpan
  ) -> Bool {
    let key = list[index].key
    let bytes = store.extracting(key.range)
    for earlier in entries.indices.lowerBound..<index where list[earlier].key.count == key.count {
      if bytes.isEqual(to: store.extracting(list[earlier].key.range)) { return true }
    }
    return false
  }

  /// Eight bits of a key; keys that differ only in the middle share them.
  @inline(__always)
  private static func hash(_ head: UInt64, _ tail: UInt64, _ count: UInt32) -> UInt64 {
    (head ^ (tail &<< 23 | tail &>> 41) ^ UInt64(count)) &* 0x9E37_79B9_7F4A_7C15 &>> 56
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
