// decision: docs/decisions/0101-pen.md

/// A growing run of bytes that encoders append to without a check per byte: room is made first, then filled.
///
/// Invariant: `count <= capacity`, and every unchecked store is preceded by a `makeRoom` that covers it.
/// Keeps its memory when emptied, so that the steady state allocates nothing.
package struct ByteWriter: ~Copyable {
  private(set) var base: UnsafeMutableRawPointer
  package private(set) var count = 0
  private var capacity: Int

  package init(capacityBytes: Int = 64 << 10) {
    capacity = max(capacityBytes, 64)
    base = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
  }

  deinit { base.deallocate() }

  /// Empties the writer; gives memory beyond `keptBytes` back.
  package mutating func removeAll(keepingBytes keptBytes: Int = 4 << 20) {
    count = 0
    guard capacity > keptBytes else { return }
    base.deallocate()
    capacity = max(keptBytes, 64)
    base = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
  }

  /// Forgets all bytes from `count` on.
  package mutating func truncate(to count: Int) {
    if count >= 0, count < self.count { self.count = count }
  }

  /// Makes sure that `bytes` more can be stored without a check.
  @inline(__always)
  package mutating func makeRoom(_ bytes: Int) {
    if capacity &- count < bytes { grow(bytes) }
  }

  @inline(never)
  private mutating func grow(_ bytes: Int) {
    let wanted = max(capacity &* 2, count &+ bytes &+ 64)
    let moved = UnsafeMutableRawPointer.allocate(byteCount: wanted, alignment: 16)
    moved.copyMemory(from: base, byteCount: count)
    base.deallocate()
    base = moved
    capacity = wanted
  }

  /// Where the next byte goes; valid for as many bytes as were made room for.
  @inline(__always)
  var end: UnsafeMutableRawPointer { base + count }

  /// Where the memory ends.
  @inline(__always)
  var limit: UnsafeMutableRawPointer { base + capacity }

  /// Counts bytes that were stored at `end`.
  @inline(__always)
  mutating func advance(_ bytes: Int) { count &+= bytes }

  /// Appends one byte.
  @inline(__always)
  package mutating func append(_ byte: UInt8) {
    makeRoom(1)
    end.storeBytes(of: byte, as: UInt8.self)
    count &+= 1
  }

  /// Appends a constant, such as a punctuated key.
  @inline(__always)
  package mutating func append(_ text: StaticString) {
    makeRoom(text.utf8CodeUnitCount)
    end.copyMemory(from: text.utf8Start, byteCount: text.utf8CodeUnitCount)
    count &+= text.utf8CodeUnitCount
  }

  /// Appends bytes as they are.
  @inline(__always)
  package mutating func append(_ bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress else { return }
    makeRoom(bytes.count)
    end.copyMemory(from: source, byteCount: bytes.count)
    count &+= bytes.count
  }

  /// Appends bytes as they are.
  @inline(__always)
  package mutating func append(_ bytes: RawSpan) {
    bytes.withUnsafeBytes { append($0) }
  }

  /// Appends bytes as they are.
  package mutating func append(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { append($0) }
  }

  /// Appends the UTF-8 of a string; for configuration and tests, not for records.
  package mutating func append(text: String) {
    var text = text
    text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
  }

  /// Appends a copy of bytes that were written before, such as a prefix that many records share.
  package mutating func append(copyOf range: Range<Int>) {
    let range = range.clamped(to: 0..<count)
    makeRoom(range.count)
    end.copyMemory(from: base + range.lowerBound, byteCount: range.count)
    count &+= range.count
  }

  /// Calls `body` with the bytes written so far.
  package func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
    try body(UnsafeRawBufferPointer(start: base, count: count))
  }

  /// Calls `body` with some of the bytes written so far.
  package func withUnsafeBytes<R, E: Error>(
    in range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws(E) -> R
  ) throws(E) -> R {
    let range = range.clamped(to: 0..<count)
    return try body(UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count))
  }

  /// Some of the bytes written so far, from an offset that is not negative, valid until the next change.
  @inline(__always)
  func pointer(to range: Range<Int>) -> UnsafeRawBufferPointer {
    guard range.upperBound <= count else { return .empty }
    return UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.upperBound &- range.lowerBound)
  }

  /// A copy of the bytes; for tests and rare paths.
  package var array: [UInt8] { withUnsafeBytes { Array($0) } }
}
