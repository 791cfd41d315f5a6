import Glibc

/// One written field: `,"name":value`, or `{"name":value` for the first of a line.
struct FlatField {
  /// Equal for equal names; for different names mostly different.
  var fingerprint: UInt64
  /// Offsets of the field's first byte, of the quote that ends its name, and just past its value.
  var start: Int
  var nameEnd: Int
  var end: Int
  var rank: FieldRank

  /// Where the name lies, escaped, without quotes.
  var name: Range<Int> { start &+ 2..<nameEnd }
}

/// The fields of a line in the making, watched for names that occur twice.
///
/// Each name sets a mark in a table; only when a mark was set already is it worth sorting the fields to see whether
/// two names are equal. Sorting keeps a hostile record at n log n.
struct FieldIndex: ~Copyable {
  private(set) var fields: [FlatField] = []
  /// Whether two names may be equal.
  private(set) var mayRepeat = false
  private var marks = MarkTable(bits: 11)

  var count: Int { fields.count }

  mutating func removeAll() {
    fields.removeAll(keepingCapacity: true)
    marks.removeAll()
    mayRepeat = false
  }

  /// Forgets the field that was noted last.
  mutating func removeLast() { _ = fields.popLast() }

  /// Notes the field that was just written to the end of `bytes`.
  @inline(__always)
  mutating func note(from start: Int, nameEnd: Int, rank: FieldRank, in bytes: borrowing ByteWriter) {
    let name = UnsafeRawBufferPointer(start: bytes.base + start + 2, count: nameEnd &- start &- 2)
    let fingerprint = Fingerprint.of(name)
    if marks.set(fingerprint) { mayRepeat = true }
    fields.append(FlatField(fingerprint: fingerprint, start: start, nameEnd: nameEnd, end: bytes.count, rank: rank))
  }

  /// Removes all but the most specific field of each name, from `bytes` too, which must end with these fields.
  mutating func removeRepeated(from bytes: inout ByteWriter) {
    guard mayRepeat else { return }
    let start = fields.first?.start ?? bytes.count
    sortByName(in: bytes)
    var kept = 0
    for index in fields.indices {
      if kept > 0, bytes.order(of: fields[index], fields[kept - 1], in: bytes) == 0 { continue }
      fields[kept] = fields[index]
      kept += 1
    }
    let repeated = fields.count - kept
    fields.removeLast(repeated)
    fields.sort { $0.start < $1.start }
    mayRepeat = false
    if repeated > 0 { bytes.closeGaps(between: &fields, from: start) }
  }

  /// Removes the fields that `other` has too, from `bytes` as well, which must end with these fields.
  mutating func removeFields(of other: borrowing SharedFields, from bytes: inout ByteWriter) {
    var kept: [FlatField] = []
    for field in fields where !other.holds(field, in: bytes) { kept.append(field) }
    guard kept.count < fields.count else { return }
    let start = fields.first?.start ?? bytes.count
    fields = kept
    bytes.closeGaps(between: &fields, from: start)
  }

  /// Sorts by name; fields of one name stand with the most specific first.
  mutating func sortByName(in bytes: borrowing ByteWriter) {
    let base = bytes.base
    fields.sort { a, b in
      let order = FlatField.order(a, base, b, base)
      if order != 0 { return order < 0 }
      return a.rank != b.rank ? a.rank < b.rank : a.start > b.start
    }
  }

  /// Moves all offsets towards the front.
  mutating func shift(by distance: Int) {
    for index in fields.indices {
      fields[index].start -= distance
      fields[index].nameEnd -= distance
      fields[index].end -= distance
    }
  }
}

extension FlatField {
  /// Orders fields of two buffers by fingerprint, then by name: negative, zero or positive.
  static func order(_ a: FlatField, _ aBase: UnsafeRawPointer, _ b: FlatField, _ bBase: UnsafeRawPointer) -> Int {
    if a.fingerprint != b.fingerprint { return a.fingerprint < b.fingerprint ? -1 : 1 }
    if a.name.count != b.name.count { return a.name.count < b.name.count ? -1 : 1 }
    return Int(memcmp(aBase + a.name.lowerBound, bBase + b.name.lowerBound, a.name.count))
  }
}

extension ByteWriter {
  /// Orders a field written here and one written to `other` by name: negative, zero or positive.
  func order(of field: FlatField, _ otherField: FlatField, in other: borrowing ByteWriter) -> Int {
    FlatField.order(field, base, otherField, other.base)
  }

  /// Moves fields, which are in order, so that they lie back to back from `start`, and drops what comes after.
  mutating func closeGaps(between fields: inout [FlatField], from start: Int) {
    var target = start
    for index in fields.indices {
      let field = fields[index]
      (base + target).copyMemory(from: base + field.start, byteCount: field.end - field.start)
      let distance = field.start - target
      fields[index].start = target
      fields[index].nameEnd -= distance
      fields[index].end -= distance
      target = fields[index].end
    }
    truncate(to: target)
  }
}
