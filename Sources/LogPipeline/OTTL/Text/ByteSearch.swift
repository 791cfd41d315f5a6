import CVector
import Glibc

/// Looking for bytes in bytes, in time linear in both.
extension UnsafeRawBufferPointer {
  /// A part of the bytes, cut to what there is.
  @inline(__always)
  func part(_ range: Range<Int>) -> UnsafeRawBufferPointer {
    let range = range.clamped(to: 0..<count)
    return UnsafeRawBufferPointer(rebasing: self[range])
  }

  /// Where some bytes stand first, from a place on; an empty run stands everywhere.
  func first(_ needle: UnsafeRawBufferPointer, from start: Int = 0) -> Int? {
    guard start >= 0, start <= count else { return nil }
    guard let other = needle.baseAddress, needle.count > 0 else { return start }
    guard let base = baseAddress, let found = bytes_find(base + start, count &- start, other, needle.count) else {
      return nil
    }
    return found - base
  }

  /// Where some bytes stand first, from a place on.
  func first(_ needle: [UInt8], from start: Int = 0) -> Int? {
    needle.withUnsafeBytes { first($0, from: start) }
  }

  /// Where a byte stands first, from a place on.
  func first(_ byte: UInt8, from start: Int = 0) -> Int? {
    guard start >= 0, start < count, let base = baseAddress,
      let found = memchr(base + start, Int32(byte), count &- start)
    else { return nil }
    return UnsafeRawPointer(found) - base
  }

  /// Where a byte stands last.
  func last(_ byte: UInt8) -> Int? {
    guard let base = baseAddress, let found = bytes_find_last(base, Int32(byte), count) else { return nil }
    return found - base
  }

  func hasPrefix(_ other: UnsafeRawBufferPointer) -> Bool {
    count >= other.count && part(0..<other.count).elementsEqual(other)
  }

  func hasSuffix(_ other: UnsafeRawBufferPointer) -> Bool {
    count >= other.count && part(count &- other.count..<count).elementsEqual(other)
  }

  /// Where a constant stands first, from a place on.
  func first(_ text: StaticString, from start: Int = 0) -> Int? { first(text.rawBytes, from: start) }

  func hasPrefix(_ text: StaticString) -> Bool { hasPrefix(text.rawBytes) }

  func isEqual(_ text: StaticString) -> Bool { elementsEqual(text.rawBytes) }

  /// The part of a range that is left when white space is taken from both its ends.
  func trimmed(_ range: Range<Int>) -> Range<Int> {
    var range = range.clamped(to: 0..<count)
    while let first = range.first, self[first].isGoSpace { range = range.lowerBound &+ 1..<range.upperBound }
    while let last = range.last, self[last].isGoSpace { range = range.lowerBound..<range.upperBound &- 1 }
    return range
  }
}

extension UInt8 {
  /// The white space of ASCII: space, and from tab to carriage return.
  @inline(__always) var isGoSpace: Bool { self == 0x20 || self &- 0x09 < 5 }
}

/// What is wrong with a format, a pattern or another text of a statement, to be read after its name.
struct TextFormatError: Error, Equatable {
  let message: String

  init(_ message: String) { self.message = message }
}
