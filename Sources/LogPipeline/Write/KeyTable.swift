// decision: docs/decisions/0102-key-table.md
// decision: docs/decisions/0103-record-templates.md

import CVector

/// The attribute keys that records of a batch use, each with its JSON text and what an encoder must know of it, so that
/// a key is looked at once rather than for each record.
///
/// Most records have the keys of the one before in the same order; so the key that came after the last one is tried
/// first, and others are found by hash. Holds at most `maxKeys` keys of at most `maxKeyBytes` bytes. Made for one
/// batch, in whose store the keys lie.
struct KeyTable: ~Copyable {
  static var maxKeys: Int { 192 }
  static var maxKeyBytes: Int { 128 }
  /// Bytes of all texts.
  static var maxTextBytes: Int { 16 << 10 }
  /// Records of a batch from which on a table is worth its making.
  static var minRecords: Int { 4 }

  /// A key of the table.
  struct Entry {
    fileprivate var key: ByteSlice
    /// The key that came after this one last.
    fileprivate var next: UnsafeMutablePointer<Entry>
    /// The escaped key between the texts that the table was made with; 32 bytes from here on may be read.
    private(set) var text: UnsafeRawPointer
    private(set) var textCount: Int
    fileprivate let hash: UInt32
    /// The last record that had the key.
    fileprivate var record: UInt32 = 0
    /// Tells keys apart.
    let number: UInt8
  }

  /// Walks over the keys of one record.
  struct Cursor {
    fileprivate let record: UInt32
    fileprivate var previous: UnsafeMutablePointer<Entry>
  }

  /// The entry of each hash, or of one before it; `freeSlot` where there is none.
  private let slots: UnsafeMutablePointer<UInt8>
  private static var slotMask: Int { 255 }
  private static var freeSlot: UInt8 { 255 }
  /// The keys, and before them one that is no key, after which records begin.
  private let entries: UnsafeMutablePointer<Entry>
  private var count = 1
  /// Whether there are records enough to remember some for others.
  let isUsed: Bool
  private let maxCount: Int
  private var texts: ByteWriter
  private let before: StaticString
  private let after: StaticString
  private var record: UInt32 = 0
  /// The key `event.name`.
  private var eventName: UnsafeMutablePointer<Entry>?

  /// An empty table for a batch of so many records, whose texts are the escaped key between two others. For fewer
  /// than `minRecords` it has no room for any key.
  init(records: Int, before: StaticString, after: StaticString) {
    self.before = before
    self.after = after
    isUsed = records >= Self.minRecords
    maxCount = isUsed ? Self.maxKeys : 0
    texts = ByteWriter(capacityBytes: isUsed ? Self.maxTextBytes : 0)
    entries = .allocate(capacity: maxCount + 1)
    slots = .allocate(capacity: Self.slotMask + 1)
    slots.initialize(repeating: Self.freeSlot, count: Self.slotMask + 1)
    let noKey = ByteSlice(offset: 0, count: .max)
    entries.initialize(to: Entry(key: noKey, next: entries, text: texts.base, textCount: 0, hash: 0, number: 0))
  }

  deinit {
    slots.deallocate()
    entries.deallocate()
  }

  /// Starts the keys of a record.
  @inline(__always)
  mutating func begin() -> Cursor {
    record &+= 1
    return Cursor(record: record, previous: entries)
  }

  /// The entry of a record's next key, made if need be; nil if the key occurs twice, there is no room for it, or the
  /// encoder does not take it as `isOrdinary`.
  @inline(__always)
  mutating func next(
    _ cursor: inout Cursor, _ key: ByteSlice, in store: RawSpan, isOrdinary: (RawSpan) -> Bool
  ) -> UnsafePointer<Entry>? {
    var entry = cursor.previous.pointee.next
    if !Self.isEntry(entry, of: key, in: store) {
      guard let found = find(key, in: store, isOrdinary: isOrdinary) else { return nil }
      cursor.previous.pointee.next = found
      entry = found
    }
    if entry.pointee.record == cursor.record { return nil }
    entry.pointee.record = cursor.record
    cursor.previous = entry
    return UnsafePointer(entry)
  }

  /// Whether the record had the key `event.name`.
  @inline(__always)
  func hasEventName(_ cursor: Cursor) -> Bool { eventName?.pointee.record == cursor.record }

  /// Whether an entry is that of a key.
  @inline(__always)
  private static func isEntry(_ entry: UnsafeMutablePointer<Entry>, of key: ByteSlice, in store: RawSpan) -> Bool {
    let count = Int(key.count)
    // Both keys are compared 16 bytes at a time; for that of the entry this was found true when it was made.
    guard entry.pointee.key.count == key.count, Int(key.offset) &+ count &+ 16 <= store.byteCount else { return false }
    let base = store.start
    return bytes16_equal(base + Int(key.offset), base + Int(entry.pointee.key.offset), count)
  }

  /// The entry of a key, made if there is room for it.
  @inline(never)
  private mutating func find(
    _ key: ByteSlice, in store: RawSpan, isOrdinary: (RawSpan) -> Bool
  ) -> UnsafeMutablePointer<Entry>? {
    let bytes = store.extracting(key.range)
    guard bytes.byteCount <= Self.maxKeyBytes, Int(key.offset) &+ bytes.byteCount &+ 16 <= store.byteCount else {
      return nil
    }
    let hash = Self.hash(bytes)
    var slot = Int(hash) & Self.slotMask
    while slots[slot] != Self.freeSlot {
      let entry = entries + Int(slots[slot])
      if entry.pointee.hash == hash, Self.isEntry(entry, of: key, in: store) { return entry }
      slot = (slot &+ 1) & Self.slotMask
    }
    guard count <= maxCount, isOrdinary(bytes), let text = addText(of: bytes) else { return nil }
    let entry = entries + count
    entry.initialize(
      to: Entry(
        key: key, next: entries, text: text.start, textCount: text.count, hash: hash,
        number: UInt8(truncatingIfNeeded: count)))
    if bytes.isEqual(to: "event.name") { eventName = entry }
    slots[slot] = UInt8(truncatingIfNeeded: count)
    count &+= 1
    return entry
  }

  /// Writes a key's text unless the texts would have to move for it.
  private mutating func addText(of key: RawSpan) -> (start: UnsafeRawPointer, count: Int)? {
    let room = Pen.maxBytes(ofJSON: key.byteCount) &+ before.utf8CodeUnitCount &+ after.utf8CodeUnitCount
    guard texts.count &+ room &+ 2 &* Pen.slackBytes <= Self.maxTextBytes else { return nil }
    let start = texts.count
    texts.append(before)
    key.withUnsafeBytes { texts.appendJSONEscaped($0) }
    texts.append(after)
    return (UnsafeRawPointer(texts.base) + start, texts.count &- start)
  }

  private static func hash(_ key: RawSpan) -> UInt32 {
    UInt32(truncatingIfNeeded: key.withUnsafeBytes { Fingerprint.of($0) } &>> 24)
  }
}
