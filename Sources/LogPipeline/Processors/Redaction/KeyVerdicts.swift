// decision: docs/decisions/0202-redaction-scan.md

import CVector

/// What the keys of one batch say about their values, so that a key is judged once rather than for each record.
///
/// Most records have the keys of the one before at the same places, so the key that was last at the place is tried
/// first; others are found by hash, in one of four entries. When these are taken, one key displaces another.
struct KeyVerdicts: ~Copyable {
  private struct Entry {
    /// The key that the verdict is about.
    var key: ByteSlice
    var verdict: KeyVerdict
    /// The entry of the key that was last at the place with this entry's number.
    var last: UInt8
  }

  private static var entryMask: Int { 63 }
  /// No key of a batch is as long.
  private static var noKey: ByteSlice { ByteSlice(offset: 0, count: .max) }
  private let entries: UnsafeMutablePointer<Entry>

  init() {
    entries = .allocate(capacity: Self.entryMask + 1)
    entries.initialize(repeating: Entry(key: Self.noKey, verdict: .examined, last: 0), count: Self.entryMask + 1)
  }

  deinit { entries.deallocate() }

  /// The verdict on the key at a place among those of its owner: one that is known, or what `judge` says. The store is
  /// always that of the same batch, to which nothing but appending was done in between.
  @inline(__always)
  mutating func verdict(
    on key: ByteSlice, at place: Int, in store: UnsafeRawBufferPointer, judge: (UnsafeRawBufferPointer) -> KeyVerdict
  ) -> KeyVerdict {
    let last = entries + Int(entries[place & Self.entryMask].last)
    if Self.isEntry(last, of: key, in: store) { return last.pointee.verdict }
    return find(key, at: place, in: store, judge: judge)
  }

  /// Whether an entry is that of a key.
  @inline(__always)
  private static func isEntry(
    _ entry: UnsafeMutablePointer<Entry>, of key: ByteSlice, in store: UnsafeRawBufferPointer
  ) -> Bool {
    // Both keys are compared 16 bytes at a time; for that of the entry there was room when it was made.
    guard entry.pointee.key.count == key.count, hasRoom(key, in: store), let base = store.baseAddress else {
      return false
    }
    return bytes16_equal(base + Int(key.offset), base + Int(entry.pointee.key.offset), Int(key.count))
  }

  @inline(__always)
  private static func hasRoom(_ key: ByteSlice, in store: UnsafeRawBufferPointer) -> Bool {
    Int(key.offset) &+ Int(key.count) &+ 16 <= store.count
  }

  @inline(never)
  private mutating func find(
    _ key: ByteSlice, at place: Int, in store: UnsafeRawBufferPointer, judge: (UnsafeRawBufferPointer) -> KeyVerdict
  ) -> KeyVerdict {
    let bytes = UnsafeRawBufferPointer(rebasing: store[key.range])
    guard Self.hasRoom(key, in: store) else { return judge(bytes) }
    let first = Int(truncatingIfNeeded: Fingerprint.of(bytes) &>> 24) & Self.entryMask
    var index = first
    for way in 0..<4 {
      index = first ^ way
      if entries[index].key.count == Self.noKey.count || Self.isEntry(entries + index, of: key, in: store) { break }
    }
    entries[place & Self.entryMask].last = UInt8(truncatingIfNeeded: index)
    let entry = entries + index
    if !Self.isEntry(entry, of: key, in: store) {
      entry.pointee.verdict = judge(bytes)
      entry.pointee.key = key
    }
    return entry.pointee.verdict
  }
}
