/// Keys of JSON objects put in order, so that repeated ones meet; reused from object to object as a stack.
///
/// The order is that of bytes, but with the dot before all others: `a`, `a.b`, `a-b`. So a key stands right before
/// those that lie in it, and the fields of one object are neighbours.
struct KeySorter: ~Copyable {
  /// An entry's order is its rank, shifted this far, with its place in the sequence below.
  static let rankShift: UInt32 = 29
  static let sequenceMask: UInt32 = 1 << rankShift - 1

  /// A key with what stands there.
  struct Entry {
    /// The first segment's first eight bytes, big-endian, so that most comparisons need no more.
    var prefix: UInt64
    /// Where the key lies in `bytes`.
    var start: UInt32
    var count: UInt32
    /// Of equal keys the one with the highest counts.
    var order: UInt32
    /// Whether `value` is a slice of JSON text rather than a value of the batch.
    var isRendered = false
    var value = Value.empty

    var range: Range<Int> { Int(start)..<Int(start) &+ Int(count) }
  }

  /// How much was on the stack at some point.
  struct Mark {
    var entries = 0
    var bytes = 0
  }

  private(set) var bytes = ByteWriter(capacityBytes: 4 << 10)
  var entries: [Entry] = []
  /// Whether dots part a key into segments.
  private let isDotted: Bool

  init(isDotted: Bool) {
    self.isDotted = isDotted
  }

  /// Makes room for the keys of ordinary records.
  mutating func reserve() { entries.reserveCapacity(64) }

  var mark: Mark { Mark(entries: entries.count, bytes: bytes.count) }

  /// Forgets what was added after `mark`.
  mutating func truncate(to mark: Mark) {
    entries.removeLast(max(entries.count &- mark.entries, 0))
    bytes.truncate(to: mark.bytes)
  }

  /// Adds a key made of two parts. A key or segment without a character, which Elasticsearch refuses, becomes `_`.
  @inline(__always)
  mutating func add(_ head: UnsafeRawBufferPointer, _ tail: RawSpan, order: UInt32) {
    let start = bytes.count
    bytes.append(head)
    bytes.append(tail)
    // A dot after the key, so that an empty last segment is a pair of dots like any other; and room to look past it.
    bytes.append(UInt8(ascii: "."))
    bytes.makeRoom(32)
    if mayHaveEmptySegment(from: start) { fillEmptySegments(from: start) }
    bytes.truncate(to: bytes.count &- 1)
    let count = bytes.count &- start
    entries.append(
      Entry(
        prefix: prefix(from: start, count: count), start: UInt32(truncatingIfNeeded: start),
        count: UInt32(truncatingIfNeeded: count), order: order))
  }

  /// Sets what stands at the key that was added last.
  @inline(__always)
  mutating func setLast(_ value: Value, isRendered: Bool) {
    guard !entries.isEmpty else { return }
    entries[entries.count &- 1].value = value
    entries[entries.count &- 1].isRendered = isRendered
  }

  /// Gives an entry a longer key, and the lowest rank.
  mutating func rename(_ index: Int, appending text: StaticString) {
    var entry = entries[index]
    let start = bytes.count
    bytes.append(copyOf: entry.range)
    bytes.append(text)
    bytes.makeRoom(32)
    entry.start = UInt32(truncatingIfNeeded: start)
    entry.count = UInt32(truncatingIfNeeded: bytes.count &- start)
    entry.prefix = prefix(from: start, count: bytes.count &- start)
    entry.order &= Self.sequenceMask
    entries[index] = entry
  }

  /// Gives an entry in the object that `outer` names a key beside it, `a_b` for `a.b`, and the lowest rank.
  mutating func move(_ index: Int, outOf outer: Entry) {
    rename(index, appending: "")
    replaceDot(of: index, at: Int(outer.count))
  }

  /// Does so with the entry that was added last, if it lies in the object of that name.
  mutating func moveLast(outOf name: StaticString) {
    guard let entry = entries.last else { return }
    let count = name.utf8CodeUnitCount
    let key = UnsafeRawPointer(bytes.base + Int(entry.start))
    guard entry.count > count, key.load(fromByteOffset: count, as: UInt8.self) == UInt8(ascii: "."),
      Self.sharedBytes(key, UnsafeRawPointer(name.utf8Start), count) == count
    else { return }
    replaceDot(of: entries.count &- 1, at: count)
    entries[entries.count &- 1].order &= Self.sequenceMask
  }

  /// Puts `_` in place of a dot of a key that no other entry shares.
  private mutating func replaceDot(of index: Int, at offset: Int) {
    let key = entries[index].range
    bytes.base.storeBytes(of: UInt8(ascii: "_"), toByteOffset: key.lowerBound &+ offset, as: UInt8.self)
    entries[index].prefix = prefix(from: key.lowerBound, count: key.count)
  }

  @inline(__always)
  private func mayHaveEmptySegment(from start: Int) -> Bool {
    let key = bytes.base + start
    let count = bytes.count &- start
    if key.load(as: UInt8.self) == UInt8(ascii: ".") { return isDotted || count == 1 }
    var offset = 0
    while offset < count {
      let word = key.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      let dots = Self.dots(in: word)
      if dots & dots &<< 8 != 0 && isDotted || Self.hasWhiteSpace(word) { return true }
      offset &+= 7
    }
    return false
  }

  /// Whether a byte is white space, or another control character.
  @inline(__always)
  private static func hasWhiteSpace(_ word: UInt64) -> Bool {
    (word &- 0x2121_2121_2121_2121) & ~word & 0x8080_8080_8080_8080 != 0
  }

  /// The top bit of each of eight bytes that is a dot.
  @inline(__always)
  private static func dots(in word: UInt64) -> UInt64 {
    let others = word ^ 0x2E2E_2E2E_2E2E_2E2E
    let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
    return ~((others & low) &+ low | others | low)
  }

  /// Writes the key, which ends in an added dot, again with `_` in place of each segment that is empty or blank; of
  /// keys that are not parted at dots only a blank one, or an empty key.
  @inline(never)
  private mutating func fillEmptySegments(from start: Int) {
    let end = bytes.count
    let fillsEmpty = isDotted || end &- start == 1
    var segment = end
    var isBlank = true
    for index in start..<end {
      let byte = bytes.base.load(fromByteOffset: index, as: UInt8.self)
      if byte == UInt8(ascii: ".") {
        if isBlank && (fillsEmpty || bytes.count > segment) {
          bytes.truncate(to: segment)
          bytes.append(UInt8(ascii: "_"))
        }
        bytes.append(byte)
        segment = bytes.count
        isBlank = true
      } else {
        bytes.append(byte)
        isBlank = isBlank && KeyParts.isWhiteSpace(byte)
      }
    }
    let filled = bytes.count &- end
    (bytes.base + start).copyMemory(from: bytes.base + end, byteCount: filled)
    bytes.truncate(to: start &+ filled)
    bytes.makeRoom(32)
  }

  @inline(__always)
  private func prefix(from start: Int, count: Int) -> UInt64 {
    let key = bytes.base + start
    let word = key.loadUnaligned(as: UInt64.self)
    let length = min(Self.dots(in: word).trailingZeroBitCount / 8, count)
    return length >= 8 ? word.byteSwapped : (word & (1 &<< UInt64(8 &* length) &- 1)).byteSwapped
  }

  /// Sorts the entries from `start` on, by key and then by order.
  mutating func sort(from start: Int) {
    let keys = UnsafeRawPointer(bytes.base)
    entries.withUnsafeMutableBufferPointer { all in
      guard start < all.count else { return }
      var some = UnsafeMutableBufferPointer(rebasing: all[start...])
      if some.count <= 32 {
        Self.insertionSort(some, keys)
      } else {
        some.sort { Self.precedes($0, $1, keys) }
      }
    }
  }

  @inline(__always)
  private static func insertionSort(_ some: UnsafeMutableBufferPointer<Entry>, _ keys: UnsafeRawPointer) {
    for index in 0..<some.count {
      let entry = some[index]
      var place = index
      while place > 0, precedes(entry, some[place &- 1], keys) {
        some[place] = some[place &- 1]
        place &-= 1
      }
      if place < index { some[place] = entry }
    }
  }

  @inline(__always)
  private static func precedes(_ a: Entry, _ b: Entry, _ keys: UnsafeRawPointer) -> Bool {
    if a.prefix != b.prefix { return a.prefix < b.prefix }
    let difference = compare(a, b, keys)
    return difference == 0 ? a.order < b.order : difference < 0
  }

  /// Below zero if `a` comes first, zero if the keys are equal.
  static func compare(_ a: Entry, _ b: Entry, _ keys: UnsafeRawPointer) -> Int {
    let left = keys + Int(a.start)
    let right = keys + Int(b.start)
    let count = Int(min(a.count, b.count))
    let same = sharedBytes(left, right, count)
    guard same < count else { return Int(a.count) &- Int(b.count) }
    return rank(left.load(fromByteOffset: same, as: UInt8.self))
      &- rank(right.load(fromByteOffset: same, as: UInt8.self))
  }

  @inline(__always)
  private static func rank(_ byte: UInt8) -> Int {
    byte == UInt8(ascii: ".") ? 0 : Int(byte) &+ (byte < UInt8(ascii: ".") ? 1 : 0)
  }

  /// How many of the first `count` bytes are the same.
  @inline(__always)
  static func sharedBytes(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, _ count: Int) -> Int {
    var offset = 0
    while offset &+ 8 <= count {
      let difference =
        left.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        ^ right.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      if difference != 0 { return offset &+ difference.trailingZeroBitCount / 8 }
      offset &+= 8
    }
    while offset < count,
      left.load(fromByteOffset: offset, as: UInt8.self) == right.load(fromByteOffset: offset, as: UInt8.self)
    {
      offset &+= 1
    }
    return offset
  }

  /// Whether two keys are the same.
  @inline(__always)
  func isSameKey(_ a: Entry, _ b: Entry) -> Bool {
    guard a.prefix == b.prefix, a.count == b.count else { return false }
    return Self.sharedBytes(bytes.base + Int(a.start), bytes.base + Int(b.start), Int(a.count)) == Int(a.count)
  }

  /// Whether the key `inner` lies in the object that the key `outer` names: `a.b` lies in `a`.
  @inline(__always)
  func lies(_ inner: Entry, in outer: Entry) -> Bool {
    guard inner.count > outer.count,
      bytes.base.load(fromByteOffset: Int(inner.start) &+ Int(outer.count), as: UInt8.self) == UInt8(ascii: ".")
    else { return false }
    let count = Int(outer.count)
    return Self.sharedBytes(bytes.base + Int(inner.start), bytes.base + Int(outer.start), count) == count
  }

  /// Where among the sorted entries from `start` on the key is that two parts make; found by halving.
  mutating func position(of head: RawSpan, _ tail: StaticString, from start: Int) -> Int? {
    let mark = mark
    defer { truncate(to: mark) }
    let tail = tail.rawBytes
    head.withUnsafeBytes { add($0, tail.bytes, order: 0) }
    guard let wanted = entries.last else { return nil }
    var low = start
    var high = mark.entries
    while low < high {
      let middle = (low &+ high) / 2
      let difference = Self.compare(entries[middle], wanted, bytes.base)
      if difference == 0 { return middle }
      if difference < 0 { low = middle &+ 1 } else { high = middle }
    }
    return nil
  }

  /// Drops from the sorted entries from `start` on those whose key comes again later.
  mutating func dropRepeated(from start: Int) {
    var kept = start
    for index in start..<max(entries.count, start) {
      let entry = entries[index]
      if index &+ 1 < entries.count, isSameKey(entry, entries[index &+ 1]) { continue }
      if kept != index { entries[kept] = entry }
      kept &+= 1
    }
    entries.removeLast(entries.count &- kept)
  }
}
