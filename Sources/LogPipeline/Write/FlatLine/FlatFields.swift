import Glibc

/// Fields by a hash of their names, for what keeps the order in which they came.
enum FingerprintOrder: FieldOrder {
  @inline(__always)
  static func hint(_ name: UnsafeRawPointer, _ count: Int) -> UInt64 {
    Fingerprint.of(UnsafeRawBufferPointer(start: name, count: count))
  }

  static func compare(_ a: FieldEntry, _ b: FieldEntry, _ names: UnsafeRawPointer) -> Int {
    if a.count != b.count { return a.count < b.count ? -1 : 1 }
    return Int(memcmp(names + Int(a.start), names + Int(b.start), Int(a.count)))
  }

  @inline(__always)
  static func mend(_ names: inout ByteWriter, from start: Int) {}
}

/// How the fields of a line are made.
enum LineForm {
  /// Maps are flattened.
  case flat
  /// Maps stay JSON text.
  case short
  /// Maps stay JSON text, and attributes whose names would be too many share one field.
  case gathering
}

/// What flat lines and the rows of VictoriaLogs want of fields: names that mean something to the destination are
/// changed, and there is an end to fields and bytes before repeated names are removed, at twice the limits.
///
/// Each name sets a mark in a table; only when a mark was set already is it worth sorting the fields to see whether
/// two names are equal. Sorting keeps a hostile record at n log n.
struct FlatFields: FieldPolicy, ~Copyable {
  typealias Order = FingerprintOrder

  enum Rank: UInt32 { case attribute = 1, body, fixed, time }

  private let layout: FlatLayout
  private let messageName: [UInt8]
  /// The lengths that reserved names may have: a bit for each, the last for all from 63 on.
  private let reservedLengths: UInt64
  private var marks = MarkTable(bits: 11)
  /// Counts the names of each stream; nil for no bound.
  let names: FieldNameWindow?
  /// The stream of the records at hand.
  var stream: FieldNameWindow.Stream?
  var form = LineForm.flat
  /// Whether names may start with what is reserved, since they are a scope's or the writer's own.
  var mayStartReserved = false
  /// What was changed in the line at hand.
  var changes = FieldChanges()
  /// Whether a name is not the one that was given.
  private(set) var isMended = false
  /// Whether two names may be equal.
  private(set) var mayRepeat = false
  /// Attributes of the line at hand that share a field, since there may be no more names; by their keys alone.
  private(set) var gathered: [FieldEntry] = []
  private var fields = 0
  private var bytes = 0

  init(_ layout: FlatLayout, names: FieldNameWindow?) {
    self.layout = layout
    self.names = names
    messageName = Array(layout.messageField.utf8)
    let behindPrefix: UInt64 = layout.reservedPrefix.isEmpty ? 0 : .max << UInt64(layout.reservedPrefix.count)
    reservedLengths = layout.reserved.reduce(behindPrefix) { $0 | 1 &<< UInt64(min($1.count, 63)) }
  }

  /// Starts a line.
  mutating func begin(_ form: LineForm) {
    self.form = form
    changes = FieldChanges()
    marks.removeAll()
    isMended = false
    mayRepeat = false
    gathered.removeAll(keepingCapacity: true)
    (fields, bytes) = (0, 0)
  }

  @inline(__always)
  func isField(_ value: Value) -> Bool {
    switch value.kind {
    case .string, .bytes: !value.slice.isEmpty
    case .empty: false
    case .bool, .int, .double, .array, .map: true
    }
  }

  @inline(__always)
  mutating func note(_ pathBytes: Int, in table: inout FieldTable<FingerprintOrder>) -> DropReason? {
    guard var entry = table.entries.last else { return nil }
    let isOwn = entry.rank > Rank.body.rawValue
    let hasText = entry.value.kind == .string || entry.value.kind == .bytes
    let valueBytes = hasText ? Int(entry.value.slice.count) : 0
    if !isOwn && Int(entry.count) > layout.maxFieldNameBytes { return .fieldNameTooLong }
    if fields / 2 > layout.maxFields { return .tooManyFields }
    if (bytes &+ valueBytes) / 2 > layout.maxLineBytes { return .lineTooLong }
    let key = entry
    if !isOwn && mend(&table) {
      isMended = true
      entry = table.entries.last ?? entry
    }
    if form != .flat && !isOwn && isGathered(entry) {
      table.removeLast()
      gather(key, pathBytes)
      return nil
    }
    if marks.set(entry.hint) { mayRepeat = true }
    fields &+= 1
    bytes &+= Int(key.count) &+ valueBytes
    return nil
  }

  /// Gives the field that was added last another name if it has none, or one that is reserved; says whether it did.
  @inline(__always)
  private mutating func mend(_ table: inout FieldTable<FingerprintOrder>) -> Bool {
    guard let entry = table.entries.last else { return false }
    let isReserved = reservedLengths & 1 &<< UInt64(min(entry.count, 63)) != 0
    return (entry.count == 0 || isReserved) && rename(entry, in: &table)
  }

  @inline(never)
  private mutating func rename(_ entry: FieldEntry, in table: inout FieldTable<FingerprintOrder>) -> Bool {
    let last = table.entries.count &- 1
    if entry.count == 0 { messageName.withUnsafeBytes { table.rename(last, appending: $0) } }
    let isReserved = table.names.withUnsafeBytes(in: table.entries[last].range) { name in
      // The body's own message.
      if entry.rank == Rank.body.rawValue && name.elementsEqual("_msg".utf8) { return false }
      if layout.reserved.contains(where: { $0.count == name.count && name.elementsEqual($0) }) { return true }
      return !mayStartReserved && !layout.reservedPrefix.isEmpty && name.starts(with: layout.reservedPrefix)
    }
    if isReserved {
      table.rename(last, appending: FlatLayout.reservedSuffix.rawBytes)
      changes.renamedFields &+= 1
    }
    return isReserved || entry.count == 0
  }

  /// Whether a field of a line that is short of names is to share one; if not, its name is counted. One that tells
  /// streams apart has its own always.
  @inline(never)
  private mutating func isGathered(_ entry: FieldEntry) -> Bool {
    if entry.value.kind == .map { changes.keepsMaps = true }
    guard form == .gathering, let names, let stream else { return false }
    if !names.holds(entry.hint, in: stream), names.count(of: stream) >= names.attributeLimit,
      !layout.streamNames.contains(entry.hint)
    {
      return true
    }
    names.add(entry.hint, to: stream)
    return false
  }

  private mutating func gather(_ entry: FieldEntry, _ pathBytes: Int) {
    var key = entry
    key.start &+= UInt32(truncatingIfNeeded: pathBytes)
    key.count &-= UInt32(truncatingIfNeeded: min(pathBytes, Int(key.count)))
    gathered.append(key)
  }
}
