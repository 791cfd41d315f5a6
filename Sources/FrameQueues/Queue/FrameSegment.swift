/// A fixed piece of memory that frames are appended to and leased from.
///
/// Written once from front to back by its queue, under the queue's lock; bytes that a lease names are never
/// written again, so readers need no lock. Invariant: `count <= capacity`.
package final class FrameSegment: @unchecked Sendable {
  private let memory: SegmentMemory
  package let capacity: Int
  private var count = 0
  /// Where the memory came from and goes to; nil for the system.
  private let spares: SpareSegments?

  /// A segment of its own memory; in large pages, if the system has them, for one that lives on, and goes to the disk
  /// from where it lies.
  package init(capacity: Int, inLargePages: Bool = false) {
    self.capacity = max(capacity, 1)
    memory = unsafe SegmentMemory(self.capacity)
    if inLargePages { memory.askForLargePages() }
    spares = nil
  }

  /// A segment of the size that `spares` keeps.
  init(from spares: SpareSegments) {
    capacity = spares.segmentBytes
    memory = spares.take()
    self.spares = spares
  }

  deinit {
    if let spares { spares.give(memory) } else { memory.giveBack() }
  }

  private var base: UnsafeMutableRawPointer { unsafe memory.base }

  package var free: Int { capacity - count }

  /// Appends `bytes` if they fit and returns where they lie, else nil.
  package func append(_ bytes: UnsafeRawBufferPointer) -> Range<Int>? {
    guard bytes.count <= free else { return nil }
    let start = count
    if let source = bytes.baseAddress { unsafe (base + start).copyMemory(from: source, byteCount: bytes.count) }
    count = start + bytes.count
    return start..<count
  }

  /// Starts again from the front. Only for one that nobody else has a reference to, a lease least of all.
  func rewind() { count = 0 }

  /// Has `body` write all of the memory at will; it returns how many bytes from the start on are to be kept. Only for
  /// the one that made the segment, before anybody else sees it.
  func fill<Failure>(_ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int) throws(Failure) {
    count = unsafe min(max(try body(UnsafeMutableRawBufferPointer(start: base, count: capacity)), 0), capacity)
  }

  /// Calls `body` with all that was written.
  func withUnsafeBytes<R, Failure>(_ body: (UnsafeRawBufferPointer) throws(Failure) -> R) throws(Failure) -> R {
    try unsafe withUnsafeBytes(in: 0..<count, body)
  }

  /// Calls `body` with the bytes of `range`, which is clamped to what was written.
  package func withUnsafeBytes<R, Failure>(
    in range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws(Failure) -> R
  ) throws(Failure) -> R {
    let clamped = range.clamped(to: 0..<capacity)
    return try unsafe body(UnsafeRawBufferPointer(start: base + clamped.lowerBound, count: clamped.count))
  }
}
