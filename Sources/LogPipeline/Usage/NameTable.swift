import Glibc

/// Names, numbered from 0 in the order in which they came, and found by their bytes.
///
/// Holds at most `capacity` names of at most `maxNameBytes` each, and takes memory only for those it has.
/// Invariant: each number is in exactly one slot, in a run without gaps from the slot that its hash asks for.
struct NameTable {
  /// Bytes of the longest name.
  static let maxNameBytes = 128

  let capacity: Int
  private(set) var count = 0
  /// A number and one, or 0 where there is none; more than half of the slots are free.
  private var slots: [UInt16] = []
  private var hashes: [UInt64] = []
  private var lengths: [UInt8] = []
  /// The names, each at `maxNameBytes` times its number.
  private var bytes: [UInt8] = []

  /// A table for so many names, which are fewer than 2^15.
  init(capacity: Int) { self.capacity = min(max(capacity, 0), 1 << 15 &- 1) }

  /// A hash that nobody can foresee.
  static func hash(_ name: UnsafeRawBufferPointer) -> UInt64 {
    var hasher = Hasher()
    hasher.combine(bytes: name)
    return UInt64(truncatingIfNeeded: hasher.finalize())
  }

  private var mask: Int { slots.count &- 1 }

  /// The number of a name that is there.
  func find(_ name: UnsafeRawBufferPointer, _ hash: UInt64) -> Int? {
    if slots.isEmpty { return nil }
    var slot = Int(truncatingIfNeeded: hash) & mask
    while slots[slot] != 0 {
      let number = Int(slots[slot]) &- 1
      if hashes[number] == hash, isEqual(number, name) { return number }
      slot = (slot &+ 1) & mask
    }
    return nil
  }

  private func isEqual(_ number: Int, _ name: UnsafeRawBufferPointer) -> Bool {
    guard Int(lengths[number]) == name.count, let other = name.baseAddress else { return false }
    return bytes.withUnsafeBytes { own in
      guard let base = own.baseAddress else { return false }
      return memcmp(base + number &* Self.maxNameBytes, other, name.count) == 0
    }
  }

  /// Adds a name that is not there; nil if there is no room for one more, or the name is too long.
  mutating func append(_ name: UnsafeRawBufferPointer, _ hash: UInt64) -> Int? {
    guard count < capacity, name.count <= Self.maxNameBytes else { return nil }
    if slots.isEmpty { slots = Array(repeating: 0, count: Self.slotCount(capacity)) }
    let number = count
    if number == hashes.count {
      hashes.append(0)
      lengths.append(0)
      bytes.append(contentsOf: repeatElement(0, count: Self.maxNameBytes))
    }
    count &+= 1
    put(name, hash, at: number)
    return number
  }

  private static func slotCount(_ capacity: Int) -> Int {
    var slots = 4
    while slots <= 2 &* capacity { slots &*= 2 }
    return slots
  }

  /// Puts a name that is not there in the place of another; false if it is too long.
  mutating func replace(_ number: Int, with name: UnsafeRawBufferPointer, _ hash: UInt64) -> Bool {
    guard number < count, name.count <= Self.maxNameBytes else { return false }
    removeFromSlots(number)
    put(name, hash, at: number)
    return true
  }

  private mutating func put(_ name: UnsafeRawBufferPointer, _ hash: UInt64, at number: Int) {
    hashes[number] = hash
    lengths[number] = UInt8(truncatingIfNeeded: name.count)
    let start = number &* Self.maxNameBytes
    bytes.withUnsafeMutableBytes { own in
      guard start &+ name.count <= own.count else { return }
      UnsafeMutableRawBufferPointer(rebasing: own[start..<(start &+ name.count)]).copyMemory(from: name)
    }
    var slot = Int(truncatingIfNeeded: hash) & mask
    while slots[slot] != 0 { slot = (slot &+ 1) & mask }
    slots[slot] = UInt16(truncatingIfNeeded: number &+ 1)
  }

  /// Frees the slot of a number, and closes the gap in the run that it leaves.
  private mutating func removeFromSlots(_ number: Int) {
    var gap = Int(truncatingIfNeeded: hashes[number]) & mask
    while Int(slots[gap]) != number &+ 1 { gap = (gap &+ 1) & mask }
    var slot = (gap &+ 1) & mask
    while slots[slot] != 0 {
      let wanted = Int(truncatingIfNeeded: hashes[Int(slots[slot]) &- 1]) & mask
      // It may move back unless the slot that it asks for lies behind the gap.
      if (slot &- wanted) & mask >= (slot &- gap) & mask {
        slots[gap] = slots[slot]
        gap = slot
      }
      slot = (slot &+ 1) & mask
    }
    slots[gap] = 0
  }

  /// Calls `body` with the bytes of a name and its hash.
  func withName<R>(_ number: Int, _ body: (UnsafeRawBufferPointer, UInt64) -> R) -> R {
    let start = number &* Self.maxNameBytes
    return bytes.withUnsafeBytes { own in
      body(UnsafeRawBufferPointer(rebasing: own[start..<(start &+ Int(lengths[number]))]), hashes[number])
    }
  }

  /// Forgets all names and keeps the memory.
  mutating func removeAll() {
    if count == 0 { return }
    count = 0
    for slot in slots.indices { slots[slot] = 0 }
  }
}
