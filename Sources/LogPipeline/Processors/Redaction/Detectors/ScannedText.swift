/// The bytes of one string under examination; an offset outside them reads as 0, so that looking around a candidate
/// needs no check and can leave nothing behind.
struct ScannedText {
  private let base: UnsafeRawPointer?
  let count: Int

  init(_ bytes: UnsafeRawBufferPointer) {
    base = bytes.baseAddress
    count = bytes.count
  }

  @inline(__always)
  subscript(offset: Int) -> UInt8 {
    guard UInt(bitPattern: offset) < UInt(bitPattern: count), let base else { return 0 }
    return base.load(fromByteOffset: offset, as: UInt8.self)
  }

  /// The bytes in a range, cut to the text.
  func bytes(_ range: Range<Int>) -> UnsafeRawBufferPointer {
    let range = range.clamped(to: 0..<count)
    guard let base else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    return UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count)
  }

  /// Whether `word` stands at the offset.
  func has(_ word: StaticString, at offset: Int) -> Bool {
    for place in 0..<word.utf8CodeUnitCount where self[offset &+ place] != word.utf8Start[place] { return false }
    return true
  }

  /// Whether `word`, which is in lower case, stands at the offset in any case.
  func hasIgnoringCase(_ word: StaticString, at offset: Int) -> Bool {
    for place in 0..<word.utf8CodeUnitCount where self[offset &+ place].lowercased != word.utf8Start[place] {
      return false
    }
    return true
  }

  /// Whether `word`, in lower case, stands anywhere in the range, in any case.
  func containsIgnoringCase(_ word: StaticString, in range: Range<Int>) -> Bool {
    let range = range.clamped(to: 0..<count)
    var offset = range.lowerBound
    while offset &+ word.utf8CodeUnitCount <= range.upperBound {
      if hasIgnoringCase(word, at: offset) { return true }
      offset &+= 1
    }
    return false
  }

  /// Where the run of bytes of an alphabet that starts at `start` ends, looking at no more than `limit` bytes.
  @inline(__always)
  func end(ofRunAt start: Int, limit: Int = .max, of isMember: (UInt8) -> Bool) -> Int {
    let last = limit < count &- start ? start &+ limit : count
    var offset = start
    while offset < last, isMember(self[offset]) { offset &+= 1 }
    return offset
  }

  /// Where the run of bytes of an alphabet that ends before `end` starts, looking at no more than `limit` bytes.
  @inline(__always)
  func start(ofRunBefore end: Int, limit: Int, of isMember: (UInt8) -> Bool) -> Int {
    let first = Swift.max(end &- limit, 0)
    var offset = end
    while offset > first, isMember(self[offset &- 1]) { offset &-= 1 }
    return offset
  }

  /// Whether a token may start here: no letter or digit stands before it.
  @inline(__always)
  func startsToken(_ offset: Int) -> Bool { !self[offset &- 1].isAlphanumeric }

  /// Whether a token may end here: no letter or digit follows.
  @inline(__always)
  func endsToken(_ offset: Int) -> Bool { !self[offset].isAlphanumeric }
}
