/// A cheap 64-bit mix of a name's length and bytes.
enum Fingerprint {
  @inline(__always)
  static func of(_ name: UnsafeRawBufferPointer) -> UInt64 {
    guard let base = name.baseAddress else { return 0 }
    let count = name.count
    var mix = UInt64(truncatingIfNeeded: count) &* 0x9E37_79B9_7F4A_7C15
    if count >= 8 {
      var offset = 0
      while offset < count &- 8 {
        mix = step(mix, base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        offset &+= 8
      }
      return step(mix, base.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self))
    }
    if count >= 4 {
      let first = UInt64(base.loadUnaligned(as: UInt32.self))
      return step(mix, first &<< 32 | UInt64(base.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)))
    }
    var short: UInt64 = 0
    for byte in name { short = short &<< 8 | UInt64(byte) }
    return step(mix, short)
  }

  @inline(__always)
  private static func step(_ mix: UInt64, _ word: UInt64) -> UInt64 {
    let product = (mix ^ word) &* 0xD6E8_FEB8_6659_FD93
    return product ^ product &>> 32
  }
}

/// A set of fingerprints that may say yes for one that was never set.
///
/// A slot is set if it holds the current stamp, so that emptying the table touches no slot.
struct MarkTable: ~Copyable {
  private let slots: UnsafeMutablePointer<UInt32>
  private let mask: UInt64
  private var stamp: UInt32 = 1

  /// A table of two to the power of `bits` slots.
  init(bits: Int) {
    let count = 1 &<< bits
    mask = UInt64(count) &- 1
    slots = .allocate(capacity: count)
    slots.initialize(repeating: 0, count: count)
  }

  deinit { slots.deallocate() }

  mutating func removeAll() {
    stamp &+= 1
    guard stamp == 0 else { return }
    slots.update(repeating: 0, count: Int(mask) + 1)
    stamp = 1
  }

  /// Sets a fingerprint; true if it may have been set before.
  @inline(__always)
  mutating func set(_ fingerprint: UInt64) -> Bool {
    let slot = slots + Int(truncatingIfNeeded: fingerprint & mask)
    let wasSet = slot.pointee == stamp
    slot.pointee = stamp
    return wasSet
  }

  /// False if the fingerprint was never set.
  @inline(__always)
  func mayHold(_ fingerprint: UInt64) -> Bool {
    slots[Int(truncatingIfNeeded: fingerprint & mask)] == stamp
  }
}
