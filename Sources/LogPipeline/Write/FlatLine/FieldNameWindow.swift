import Glibc
import Synchronization

/// How many different field names each stream has had of late, so that a destination that bounds them loses no record.
///
/// VictoriaLogs drops rows, without a word to their sender, once the rows of one stream in one block (2 MiB of them)
/// have more than 2,000 names. Names are counted in windows of `windowBytes` of a stream's rows or `windowNanos`,
/// whichever is over first, and the limit holds for two windows together, which no block reaches out of. A stream is
/// known by a hash, and so is a name: streams or names that share one are counted together, and a name that had to
/// give its place to another is counted again, so that a count is rarely too low.
///
/// Shared by all event loops without a lock; what two of them count at once may be counted twice.
final class FieldNameWindow: Sendable {
  static let windowBytes = 4 << 20
  static let windowNanos: UInt64 = 3_600_000_000_000
  private static let slotCount = 1 << 16
  private static let waySlots = 8
  private static let streamCount = 1 << 12

  /// What a stream has had in this window and the one before.
  private struct Counts: ~Copyable {
    /// The window's number in the upper half, names in it, and those among them that the window before did not have.
    let names = Atomic<UInt64>(0)
    let namesBefore = Atomic<Int>(0)
    let bytes = Atomic<Int>(0)
    let startNanos = Atomic<UInt64>(0)
  }

  /// A stream at a time.
  struct Stream {
    fileprivate let index: Int
    fileprivate let window: UInt64
    fileprivate let hash: UInt64

    /// What stands for the stream in the window of this number.
    fileprivate func salt(_ window: UInt64) -> UInt64 { (hash ^ window) &* 0x9E37_79B9_7F4A_7C15 }
  }

  /// Where names are kept as 32 bits each, 0 for none; each has its place in one of `waySlots` neighbours.
  private nonisolated(unsafe) let slots: UnsafeMutablePointer<Atomic<UInt32>>
  private nonisolated(unsafe) let streams: UnsafeMutablePointer<Counts>
  /// Names that there may be with maps being flattened.
  let flatLimit: Int
  /// Names that there may be before attributes share one.
  let attributeLimit: Int

  /// A window for at most `limit` names. The last tenth of them is for attributes' own keys, and of these twelve are
  /// for fields that records have by themselves and those of attributes that share one.
  init(limit: Int) {
    flatLimit = limit - limit / 10
    attributeLimit = limit - 12
    slots = .allocate(capacity: Self.slotCount)
    for index in 0..<Self.slotCount { (slots + index).initialize(to: Atomic(0)) }
    streams = .allocate(capacity: Self.streamCount)
    for index in 0..<Self.streamCount { (streams + index).initialize(to: Counts()) }
  }

  deinit {
    slots.deallocate()
    streams.deallocate()
  }

  /// The stream of this hash, in the window that is open at that time.
  func stream(_ hash: UInt64, at nanos: UInt64) -> Stream {
    let index = Int(truncatingIfNeeded: hash &>> 40) & (Self.streamCount &- 1)
    let counts = streams + index
    let names = counts.pointee.names.load(ordering: .relaxed)
    let age = nanos &- counts.pointee.startNanos.load(ordering: .relaxed)
    let isOver = counts.pointee.bytes.load(ordering: .relaxed) >= Self.windowBytes || age > Self.windowNanos
    guard isOver else { return Stream(index: index, window: names &>> 32, hash: hash) }
    let next = ((names &>> 32) &+ 1) &<< 32
    let (isMine, _) = counts.pointee.names.compareExchange(expected: names, desired: next, ordering: .relaxed)
    if isMine {
      counts.pointee.namesBefore.store(Int(names &>> 16 & 0xFFFF), ordering: .relaxed)
      counts.pointee.bytes.store(0, ordering: .relaxed)
      counts.pointee.startNanos.store(nanos, ordering: .relaxed)
    }
    return Stream(index: index, window: next &>> 32, hash: hash)
  }

  /// Names of the stream in this window and the one before.
  func count(of stream: Stream) -> Int {
    let counts = streams + stream.index
    let names = counts.pointee.names.load(ordering: .relaxed)
    return counts.pointee.namesBefore.load(ordering: .relaxed) &+ Int(names & 0xFFFF)
  }

  /// Counts bytes of a stream's rows.
  func count(bytes: Int, of stream: Stream) {
    (streams + stream.index).pointee.bytes.add(bytes, ordering: .relaxed)
  }

  /// Whether the stream has had a name in this window.
  @inline(__always)
  func holdsNow(_ name: UInt64, in stream: Stream) -> Bool { find(name ^ stream.salt(stream.window)) }

  /// Whether the stream has had a name, in this window or the one before.
  @inline(__always)
  func holds(_ name: UInt64, in stream: Stream) -> Bool {
    find(name ^ stream.salt(stream.window)) || find(name ^ stream.salt(stream.window &- 1))
  }

  /// Counts a name of the stream.
  func add(_ name: UInt64, to stream: Stream) {
    guard keep(name ^ stream.salt(stream.window)) else { return }
    let isNew = !find(name ^ stream.salt(stream.window &- 1))
    let counts = streams + stream.index
    let names = counts.pointee.names.load(ordering: .relaxed)
    guard names &>> 32 == stream.window, names &>> 16 & 0xFFFF < 0xFFFF else { return }
    counts.pointee.names.add(isNew ? 0x1_0001 : 0x1_0000, ordering: .relaxed)
  }

  @inline(__always)
  private static func mixed(_ hash: UInt64) -> UInt64 {
    let product = hash &* 0xD6E8_FEB8_6659_FD93
    return product ^ product &>> 32
  }

  /// The first of a name's places, and what is kept of it.
  @inline(__always)
  private static func place(_ mixed: UInt64) -> (first: Int, tag: UInt32) {
    let first = Int(truncatingIfNeeded: mixed) & (slotCount &- 1) & ~(waySlots &- 1)
    return (first, UInt32(truncatingIfNeeded: mixed &>> 32) | 1)
  }

  @inline(__always)
  private func find(_ hash: UInt64) -> Bool {
    let (first, tag) = Self.place(Self.mixed(hash))
    for slot in first..<first &+ Self.waySlots where (slots + slot).pointee.load(ordering: .relaxed) == tag {
      return true
    }
    return false
  }

  /// Gives a name a place if it has none; says whether it had none.
  private func keep(_ hash: UInt64) -> Bool {
    let mixed = Self.mixed(hash)
    let (first, tag) = Self.place(mixed)
    var free: Int?
    for slot in first..<first &+ Self.waySlots {
      let other = (slots + slot).pointee.load(ordering: .relaxed)
      if other == tag { return false }
      if other == 0 && free == nil { free = slot }
    }
    let other = Int(truncatingIfNeeded: mixed &>> 24) & (Self.waySlots &- 1)
    (slots + (free ?? first &+ other)).pointee.store(tag, ordering: .relaxed)
    return true
  }
}
