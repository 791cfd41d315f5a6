// decision: docs/decisions/0204-one-value-a-key.md

/// Watches the keys of one owner after the other for two that are the same, so that a request without any costs a few
/// instructions a key.
///
/// Each key sets a mark in a table. Only when a mark was set already is it worth comparing the keys of the request
/// (`LogBatch.dropRepeatedKeys`). A slot is set if it holds the current stamp, so that a new owner touches no slot.
struct KeyMarks: ~Copyable {
  private let slots = UnsafeMutablePointer<UInt32>.allocate(capacity: Self.slotCount)
  private var stamp: UInt32 = 1
  private var hits = 0

  /// So many that two of 16 keys seldom share a slot, for then the request's keys are compared for nothing.
  private static var slotBits: UInt64 { 12 }
  private static var slotCount: Int { 1 &<< Int(slotBits) }

  init() { slots.initialize(repeating: 0, count: Self.slotCount) }

  deinit { slots.deallocate() }

  /// Whether some owner may have a key twice.
  var mayRepeat: Bool { hits > 0 }

  /// Forgets what was found so far.
  mutating func restart() {
    hits = 0
    begin()
  }

  /// Starts the keys of another owner.
  @inline(__always)
  mutating func begin() {
    stamp &+= 1
    if stamp == 0 { clear() }
  }

  private mutating func clear() {
    slots.update(repeating: 0, count: Self.slotCount)
    stamp = 1
  }

  /// Notes a key of `count` bytes.
  @inline(__always)
  mutating func note(_ key: UnsafeRawPointer, _ count: Int) {
    hits &+= mark.set(key, count)
  }

  /// Makes the next owner the one for which no stamp is left; for tests.
  mutating func useUpStamps() { stamp = .max }

  /// Takes it that a key may come twice, one that is not at hand to be looked at.
  mutating func assumeRepeated() { hits &+= 1 }

  /// What a loop over keys of the current owner needs, so that it can be kept in registers.
  @inline(__always)
  var mark: Mark { Mark(slots: slots, stamp: stamp) }

  /// Takes in what `Mark.set` gave.
  @inline(__always)
  mutating func add(_ hits: Int) { self.hits &+= hits }

  /// Sets marks for keys of the current owner.
  struct Mark {
    fileprivate let slots: UnsafeMutablePointer<UInt32>
    fileprivate let stamp: UInt32

    /// Sets the mark of a key; 1 if it was set already, else 0.
    @inline(__always)
    func set(_ key: UnsafeRawPointer, _ count: Int) -> Int {
      var mix = UInt64(truncatingIfNeeded: count)
      if count >= 8 {
        mix ^= key.loadUnaligned(as: UInt64.self)
        mix ^= key.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self).byteSwapped
      } else {
        mix ^= Self.short(key, count)
      }
      let slot = slots + Int(truncatingIfNeeded: (mix &* 0x9E37_79B9_7F4A_7C15) &>> (64 &- slotBits))
      let wasSet = slot.pointee == stamp
      slot.pointee = stamp
      return wasSet ? 1 : 0
    }

    /// The bytes of a key of fewer than eight, folded.
    @inline(__always)
    private static func short(_ key: UnsafeRawPointer, _ count: Int) -> UInt64 {
      if count >= 4 {
        let first = UInt64(key.loadUnaligned(as: UInt32.self))
        return first &<< 32 | UInt64(key.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self))
      }
      var word: UInt64 = 0
      for offset in 0..<count { word = word &<< 8 | UInt64(key.load(fromByteOffset: offset, as: UInt8.self)) }
      return word &<< 8
    }
  }
}
