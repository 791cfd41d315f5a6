/// A field: its name, and what stands there.
struct FieldEntry {
  /// An entry's order is its rank, shifted this far, with its place in the sequence below.
  static let rankShift: UInt32 = 29
  static let sequenceMask: UInt32 = 1 << rankShift - 1

  /// What the order says of the name, so that most comparisons need no more.
  var hint: UInt64
  /// Where the name lies in the table's `names`.
  var start: UInt32
  var count: UInt32
  /// Of equal names the one with the highest counts.
  var order: UInt32
  /// Whether `value` is a slice of text that was written for it rather than a value of the batch.
  var isRendered = false
  var value = Value.empty

  var range: Range<Int> { Int(start)..<Int(start) &+ Int(count) }
  var rank: UInt32 { order &>> Self.rankShift }
  /// Its place in the sequence.
  var sequence: UInt32 { order & Self.sequenceMask }

  /// Gives the lowest rank.
  mutating func lowerRank() { order &= Self.sequenceMask }
}

/// In which order the fields of a table stand once they are sorted, and which names a destination takes.
protocol FieldOrder {
  /// What fields are ordered by first; 32 bytes of a name may be read.
  static func hint(_ name: UnsafeRawPointer, _ count: Int) -> UInt64
  /// Orders fields of the same hint by name: negative, zero or positive.
  static func compare(_ a: FieldEntry, _ b: FieldEntry, _ names: UnsafeRawPointer) -> Int
  /// Changes the name that was written last, from `start` on, to one that the destination takes.
  static func mend(_ names: inout ByteWriter, from start: Int)
}

/// Fields put in order, so that repeated names meet; reused from record to record as a stack.
struct FieldTable<Order: FieldOrder>: ~Copyable {
  /// How much was on the stack at some point.
  struct Mark {
    var entries = 0
    var names = 0
  }

  private(set) var names = ByteWriter(capacityBytes: 4 << 10)
  var entries: [FieldEntry] = []

  /// Makes room for the fields of ordinary records.
  mutating func reserve() { entries.reserveCapacity(64) }

  var mark: Mark { Mark(entries: entries.count, names: names.count) }

  /// Forgets what was added after `mark`.
  mutating func truncate(to mark: Mark) {
    entries.removeLast(max(entries.count &- mark.entries, 0))
    names.truncate(to: mark.names)
  }

  /// Adds a field whose name is made of two parts.
  @inline(__always)
  mutating func add(_ head: UnsafeRawBufferPointer, _ tail: RawSpan, order: UInt32) {
    let start = names.count
    names.append(head)
    names.append(tail)
    Order.mend(&names, from: start)
    names.makeRoom(32)
    let count = names.count &- start
    entries.append(
      FieldEntry(
        hint: Order.hint(names.base + start, count), start: UInt32(truncatingIfNeeded: start),
        count: UInt32(truncatingIfNeeded: count), order: order))
  }

  /// Sets what stands at the field that was added last.
  @inline(__always)
  mutating func setLast(_ value: Value, isRendered: Bool) {
    guard !entries.isEmpty else { return }
    entries[entries.count &- 1].value = value
    entries[entries.count &- 1].isRendered = isRendered
  }

  /// Gives a field a longer name.
  mutating func rename(_ index: Int, appending text: UnsafeRawBufferPointer) {
    let start = names.count
    names.append(copyOf: entries[index].range)
    names.append(text)
    names.makeRoom(32)
    let count = names.count &- start
    entries[index].start = UInt32(truncatingIfNeeded: start)
    entries[index].count = UInt32(truncatingIfNeeded: count)
    entries[index].hint = Order.hint(names.base + start, count)
  }

  /// Puts a byte into a name that no other field shares.
  mutating func replace(_ byte: UInt8, of index: Int, at offset: Int) {
    let name = entries[index].range
    names.base.storeBytes(of: byte, toByteOffset: name.lowerBound &+ offset, as: UInt8.self)
    entries[index].hint = Order.hint(names.base + name.lowerBound, name.count)
  }

  /// Takes the field back that was added last.
  mutating func removeLast() { _ = entries.popLast() }

  /// Sorts the fields from `start` on, by name and then by order.
  mutating func sort(from start: Int) {
    let names = UnsafeRawPointer(names.base)
    entries.withUnsafeMutableBufferPointer { all in
      guard start < all.count else { return }
      var some = UnsafeMutableBufferPointer(rebasing: all[start...])
      if some.count <= 32 {
        Self.insertionSort(some, names)
      } else {
        some.sort { Self.precedes($0, $1, names) }
      }
    }
  }

  @inline(__always)
  private static func insertionSort(_ some: UnsafeMutableBufferPointer<FieldEntry>, _ names: UnsafeRawPointer) {
    for index in 0..<some.count {
      let entry = some[index]
      var place = index
      while place > 0, precedes(entry, some[place &- 1], names) {
        some[place] = some[place &- 1]
        place &-= 1
      }
      if place < index { some[place] = entry }
    }
  }

  @inline(__always)
  private static func precedes(_ a: FieldEntry, _ b: FieldEntry, _ names: UnsafeRawPointer) -> Bool {
    if a.hint != b.hint { return a.hint < b.hint }
    let difference = Order.compare(a, b, names)
    return difference == 0 ? a.order < b.order : difference < 0
  }

  /// Below zero if `a` comes first, zero if the names are equal.
  @inline(__always)
  func compare(_ a: FieldEntry, _ b: FieldEntry) -> Int {
    if a.hint != b.hint { return a.hint < b.hint ? -1 : 1 }
    return Order.compare(a, b, names.base)
  }

  /// Whether two names are the same.
  @inline(__always)
  func isSameName(_ a: FieldEntry, _ b: FieldEntry) -> Bool {
    guard a.hint == b.hint, a.count == b.count else { return false }
    return UnsafeRawPointer.sharedBytes(names.base + Int(a.start), names.base + Int(b.start), Int(a.count))
      == Int(a.count)
  }

  /// Where among some sorted fields one of the same name as `wanted` stands; found by halving.
  func position(of wanted: FieldEntry, in sorted: Range<Int>) -> Int? {
    var low = sorted.lowerBound
    var high = sorted.upperBound
    while low < high {
      let middle = (low &+ high) / 2
      let difference = compare(entries[middle], wanted)
      if difference == 0 { return middle }
      if difference < 0 { low = middle &+ 1 } else { high = middle }
    }
    return nil
  }

  /// Where among the sorted fields from `start` on the name stands that two parts make.
  mutating func position(of head: RawSpan, _ tail: StaticString, from start: Int) -> Int? {
    let mark = mark
    defer { truncate(to: mark) }
    let tail = tail.rawBytes
    head.withUnsafeBytes { add($0, tail.bytes, order: 0) }
    guard let wanted = entries.last else { return nil }
    return position(of: wanted, in: start..<mark.entries)
  }

  /// Drops from the sorted fields from `start` on those whose name comes again later.
  mutating func dropRepeated(from start: Int) {
    var kept = start
    for index in start..<max(entries.count, start) {
      let entry = entries[index]
      if index &+ 1 < entries.count, isSameName(entry, entries[index &+ 1]) { continue }
      if kept != index { entries[kept] = entry }
      kept &+= 1
    }
    entries.removeLast(entries.count &- kept)
  }

  /// Puts the fields from `start` on back into the order in which they were added.
  mutating func restoreSequence(from start: Int) {
    guard start < entries.count else { return }
    entries[start...].sort { $0.sequence < $1.sequence }
  }
}
