/// The order of a document's fields: that of bytes, but with the dot before all others: `a`, `a.b`, `a-b`. So a field
/// stands right before those that lie in it, and the fields of one object are neighbours.
///
/// A key or segment without a character, which Elasticsearch rejects, becomes `_`.
enum DocumentOrder: FieldOrder {
  /// The first segment's first eight bytes, big-endian.
  @inline(__always)
  static func hint(_ name: UnsafeRawPointer, _ count: Int) -> UInt64 {
    let word = name.loadUnaligned(as: UInt64.self)
    let length = min(NameParts.dots(in: word).trailingZeroBitCount / 8, count)
    return length >= 8 ? word.byteSwapped : (word & (1 &<< UInt64(8 &* length) &- 1)).byteSwapped
  }

  static func compare(_ a: FieldEntry, _ b: FieldEntry, _ names: UnsafeRawPointer) -> Int {
    let left = names + Int(a.start)
    let right = names + Int(b.start)
    let count = Int(min(a.count, b.count))
    let same = UnsafeRawPointer.sharedBytes(left, right, count)
    guard same < count else { return Int(a.count) &- Int(b.count) }
    return rank(left.byte(same)) &- rank(right.byte(same))
  }

  @inline(__always)
  private static func rank(_ byte: UInt8) -> Int {
    byte == UInt8(ascii: ".") ? 0 : Int(byte) &+ (byte < UInt8(ascii: ".") ? 1 : 0)
  }

  @inline(__always)
  static func mend(_ names: inout ByteWriter, from start: Int) {
    NameParts.fillBlank(in: &names, from: start, fillsEmpty: true)
  }
}

/// The same order for objects whose keys dots do not part: only a blank part, or an empty key, becomes `_`.
enum WholeKeyOrder: FieldOrder {
  @inline(__always)
  static func hint(_ name: UnsafeRawPointer, _ count: Int) -> UInt64 { DocumentOrder.hint(name, count) }

  static func compare(_ a: FieldEntry, _ b: FieldEntry, _ names: UnsafeRawPointer) -> Int {
    DocumentOrder.compare(a, b, names)
  }

  @inline(__always)
  static func mend(_ names: inout ByteWriter, from start: Int) {
    NameParts.fillBlank(in: &names, from: start, fillsEmpty: false)
  }
}

/// The parts of a name that is being written.
private enum NameParts {
  /// The top bit of each of eight bytes that is a dot.
  @inline(__always)
  static func dots(in word: UInt64) -> UInt64 {
    let others = word ^ 0x2E2E_2E2E_2E2E_2E2E
    let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
    return ~((others & low) &+ low | others | low)
  }

  /// Puts `_` for each part of the last name, from `start` on, that is blank, and if so asked that is empty.
  @inline(__always)
  static func fillBlank(in names: inout ByteWriter, from start: Int, fillsEmpty: Bool) {
    // A dot after the name, so that an empty last part is a pair of dots like any other; and room to look past it.
    names.append(UInt8(ascii: "."))
    names.makeRoom(32)
    if mayHaveBlank(names, from: start, fillsEmpty: fillsEmpty) { fill(&names, from: start, fillsEmpty: fillsEmpty) }
    names.truncate(to: names.count &- 1)
  }

  @inline(__always)
  private static func mayHaveBlank(_ names: borrowing ByteWriter, from start: Int, fillsEmpty: Bool) -> Bool {
    let name = names.base + start
    let count = names.count &- start
    if name.load(as: UInt8.self) == UInt8(ascii: ".") { return fillsEmpty || count == 1 }
    var offset = 0
    while offset < count {
      let word = name.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      let dots = dots(in: word)
      if dots & dots &<< 8 != 0 && fillsEmpty || hasWhiteSpace(word) { return true }
      offset &+= 7
    }
    return false
  }

  /// Whether a byte is white space, or another control character.
  @inline(__always)
  private static func hasWhiteSpace(_ word: UInt64) -> Bool {
    (word &- 0x2121_2121_2121_2121) & ~word & 0x8080_8080_8080_8080 != 0
  }

  /// Writes the name, which ends in an added dot, again with `_` in place of blank parts.
  @inline(never)
  private static func fill(_ names: inout ByteWriter, from start: Int, fillsEmpty: Bool) {
    let end = names.count
    let fillsEmpty = fillsEmpty || end &- start == 1
    var part = end
    var isBlank = true
    for index in start..<end {
      let byte = names.base.load(fromByteOffset: index, as: UInt8.self)
      if byte == UInt8(ascii: ".") {
        if isBlank && (fillsEmpty || names.count > part) {
          names.truncate(to: part)
          names.append(UInt8(ascii: "_"))
        }
        names.append(byte)
        part = names.count
        isBlank = true
      } else {
        names.append(byte)
        isBlank = isBlank && KeyParts.isWhiteSpace(byte)
      }
    }
    let filled = names.count &- end
    (names.base + start).copyMemory(from: names.base + end, byteCount: filled)
    names.truncate(to: start &+ filled)
    names.makeRoom(32)
  }
}

/// The names of documents as objects in each other.
extension FieldTable<DocumentOrder> {
  /// Gives a field in the object that `outer` names a name beside it, `a_b` for `a.b`, and the lowest rank.
  mutating func move(_ index: Int, outOf outer: FieldEntry) {
    rename(index, appending: .empty)
    replace(UInt8(ascii: "_"), of: index, at: Int(outer.count))
    entries[index].lowerRank()
  }

  /// Does so with the field that was added last, if it lies in the object of that name.
  mutating func moveLast(outOf name: StaticString) {
    guard let entry = entries.last else { return }
    let count = name.utf8CodeUnitCount
    let key = UnsafeRawPointer(names.base + Int(entry.start))
    guard entry.count > count, key.byte(count) == UInt8(ascii: "."),
      UnsafeRawPointer.sharedBytes(key, UnsafeRawPointer(name.utf8Start), count) == count
    else { return }
    replace(UInt8(ascii: "_"), of: entries.count &- 1, at: count)
    entries[entries.count &- 1].lowerRank()
  }

  /// Whether the name `inner` lies in the object that the name `outer` tells: `a.b` lies in `a`.
  @inline(__always)
  func lies(_ inner: FieldEntry, in outer: FieldEntry) -> Bool {
    guard inner.count > outer.count,
      names.base.load(fromByteOffset: Int(inner.start) &+ Int(outer.count), as: UInt8.self) == UInt8(ascii: ".")
    else { return false }
    let count = Int(outer.count)
    return UnsafeRawPointer.sharedBytes(names.base + Int(inner.start), names.base + Int(outer.start), count) == count
  }
}
