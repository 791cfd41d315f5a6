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
      let ends = KeyEnds(of: key, in: store)
      look(at: ends, ofKey: index)
      if mayRepeat { continue }
      let hash = ends.hash
      let bit: UInt64 = 1 &<< (hash & 63)
      let word = Int(truncatingIfNeeded: hash &>> 6 & 3)
      if seen[word] & bit != 0 {
        mayRepeat = Self.repeatsLast(list.span.extracting(entries.indices.lowerBound...index), store)
      }
      seen[word] |= bit
    }
  }

  @inline(__always)
  private mutating func look(at ends: KeyEnds, ofKey index: Int) {
    // An empty key and one that is blank are written as the same.
    if ends.count == 0 || ends.hasWhiteSpace { mayRepeat = true }
    let (head, tail) = (ends.head, ends.tail)
    if ends.count >= 16 {
      if head == word("data_str") || head == word("elastics") || head == word("elastic.") { mayRoute = true }
      if tail == word("tion.lat") || tail == word("tion.lon") { mayLocate = true }
    } else if ends.count == 10 && head == word("event.na") && tail == word("ent.name") {
      eventName = index
    }
  }

  /// Whether the last of some attributes has the key of one before it.
  @inline(never)
  private static func repeatsLast(_ attributes: Span<Attribute>, _ store: RawSpan) -> Bool {
    let last = attributes.count &- 1
    let key = attributes[last].key
    let bytes = store.extracting(key.range)
    for index in 0..<last where attributes[index].key.count == key.count {
      if bytes.isEqual(to: store.extracting(attributes[index].key.range)) { return true }
    }
    return false
  }
}

/// The first and last eight bytes of a key; all of a shorter one, folded, with no white space for what it lacks.
private struct KeyEnds {
  let head: UInt64
  let tail: UInt64
  /// The length of the key.
  let count: UInt32

  @inline(__always)
  init(of key: ByteSlice, in store: RawSpan) {
    let bytes = store.extracting(key.range)
    let count = bytes.byteCount
    self.count = key.count
    if count >= 8 {
      head = bytes.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt64.self)
      tail = bytes.unsafeLoadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
    } else if count >= 4 {
      head = UInt64(bytes.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt32.self))
      tail = UInt64(bytes.unsafeLoadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)) | 0x6060_6060_0000_0000
    } else if count == 0 {
      head = 0
      tail = 0
    } else {
      let first = bytes.unsafeLoad(fromByteOffset: 0, as: UInt8.self)
      let middle = bytes.unsafeLoad(fromByteOffset: count / 2, as: UInt8.self)
      head = UInt64(first) | UInt64(middle) &<< 8
      tail = UInt64(bytes.unsafeLoad(fromByteOffset: count &- 1, as: UInt8.self)) | 0x6060_6060_6060_6000
    }
  }

  /// Whether one of the last bytes is white space, or another control character.
  @inline(__always)
  var hasWhiteSpace: Bool { (tail &- 0x2121_2121_2121_2121) & ~tail & 0x8080_8080_8080_8080 != 0 }

  /// Eight bits of the key; keys that differ only in the middle share them.
  @inline(__always)
  var hash: UInt64 { (head ^ (tail &<< 23 | tail &>> 41) ^ UInt64(count)) &* 0x9E37_79B9_7F4A_7C15 &>> 56 }
}

/// Eight characters as the word that loading them gives.
@inline(__always)
private func word(_ text: StaticString) -> UInt64 {
  UnsafeRawPointer(text.utf8Start).loadUnaligned(as: UInt64.self)
}
