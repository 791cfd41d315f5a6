// decision: docs/decisions/0205-json-readers.md

import Glibc

/// A cursor over JSON text (RFC 8259), strict, that builds nothing.
///
/// Every read is checked against `end` before a byte is loaded; `end` never passes the bytes that `base` points to.
/// Invariant: `0 <= position <= end`. A reading function skips the white space before what it reads.
struct JSONReader {
  let base: UnsafeRawPointer
  let end: Int
  var position: Int
  let maxDepth: Int
  /// What closes the objects and arrays that are open in a value that is skipped, innermost last.
  var closers: [UInt8] = []
  /// Where a key with escapes is unescaped: `JSONKey.maxBytes` bytes.
  private let unescapedKey: UnsafeMutableRawPointer

  /// A reader of `bytes` that skips values as deep as `maxDepth` levels of OTLP's; both the bytes and the
  /// `JSONKey.maxBytes` at `unescapedKey` must outlive it.
  init(_ bytes: UnsafeRawBufferPointer, maxDepth: Int, unescapedKey: UnsafeMutableRawPointer) {
    // Nothing is read at an address that stands for none.
    base = bytes.baseAddress.map { UnsafeRawPointer($0) } ?? UnsafeRawPointer(unescapedKey)
    end = bytes.count
    position = 0
    self.maxDepth = maxDepth
    self.unescapedKey = unescapedKey
    skipByteOrderMark()
  }

  /// Steps over a byte order mark at the start, which a reader may ignore (RFC 8259 section 8.1).
  private mutating func skipByteOrderMark() {
    if end >= 3 && byte(at: 0) == 0xEF && byte(at: 1) == 0xBB && byte(at: 2) == 0xBF { position = 3 }
  }

  /// The byte at an offset below `end`.
  @inline(__always)
  func byte(at offset: Int) -> UInt8 { base.load(fromByteOffset: offset, as: UInt8.self) }

  /// Skips white space and returns the byte then at `position`; 0, which is no JSON token, at the end.
  @inline(__always)
  mutating func peek() -> UInt8 {
    if position < end {
      let byte = byte(at: position)
      if byte > 0x20 { return byte }
    }
    return peekPastWhitespace()
  }

  @inline(never)
  private mutating func peekPastWhitespace() -> UInt8 {
    // Most white space is one space.
    if end &- position >= 2, byte(at: position) == 0x20, byte(at: position &+ 1) > 0x20 {
      position &+= 1
      return byte(at: position)
    }
    while position < end {
      let byte = byte(at: position)
      guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
      position &+= 1
    }
    return 0
  }

  /// What to throw when the byte at `position` is not what the grammar wants there.
  @inline(never)
  func expected(_ what: StaticText) -> DecodeError { DecodeError(.malformed(what), at: position) }
}

/// Objects and arrays.
extension JSONReader {
  /// Steps over exactly this text, white space and all, if it is next.
  @inline(__always)
  mutating func stepOver(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard end &- position >= count, memcmp(base + position, text.utf8Start, count) == 0 else { return false }
    position &+= count
    return true
  }

  /// Reads the next key of an open object and the colon after it; nil when the object ends.
  @inline(__always)
  mutating func nextKey(_ isFirst: inout Bool) throws(DecodeError) -> JSONKey? {
    let byte = peek()
    if isFirst {
      isFirst = false
      if byte == UInt8(ascii: "\"") { return try key() }
      guard byte == UInt8(ascii: "}") else { throw expected("expected '\"' or '}'") }
    } else {
      if byte == UInt8(ascii: ",") {
        position &+= 1
        return try key()
      }
      guard byte == UInt8(ascii: "}") else { throw expected("expected ',' or '}'") }
    }
    position &+= 1
    return nil
  }

  /// Whether an open object has another member, whose key then is next; steps over the end of the object.
  mutating func hasMember(_ isFirst: inout Bool) throws(DecodeError) -> Bool {
    let byte = peek()
    if isFirst {
      isFirst = false
      if byte == UInt8(ascii: "\"") { return true }
      guard byte == UInt8(ascii: "}") else { throw expected("expected '\"' or '}'") }
    } else {
      if byte == UInt8(ascii: ",") {
        position &+= 1
        guard peek() == UInt8(ascii: "\"") else { throw expected("expected '\"'") }
        return true
      }
      guard byte == UInt8(ascii: "}") else { throw expected("expected ',' or '}'") }
    }
    position &+= 1
    return false
  }

  /// Whether an open array has another element, which then is next; steps over the end of the array.
  @inline(__always)
  mutating func nextElement(_ isFirst: inout Bool) throws(DecodeError) -> Bool {
    let byte = peek()
    if byte == UInt8(ascii: "]") {
      position &+= 1
      return false
    }
    if isFirst {
      isFirst = false
      return true
    }
    guard byte == UInt8(ascii: ",") else { throw expected("expected ',' or ']'") }
    position &+= 1
    return true
  }

  /// Reads a key and the colon after it.
  @inline(__always)
  private mutating func key() throws(DecodeError) -> JSONKey {
    guard peek() == UInt8(ascii: "\"") else { throw expected("expected '\"'") }
    let start = position &+ 1
    let stop = plainEnd(from: start)
    var key = JSONKey(start: base + start, count: stop &- start)
    if stop < end && byte(at: stop) == UInt8(ascii: "\"") {
      position = stop &+ 1
    } else {
      key = try unusualKey()
    }
    guard peek() == UInt8(ascii: ":") else { throw expected("expected ':'") }
    position &+= 1
    return key
  }

  /// Reads a key that has escapes or is not ASCII.
  @inline(never)
  private mutating func unusualKey() throws(DecodeError) -> JSONKey {
    var unescaped = ByteWriter(capacityBytes: 64)
    _ = try appendString(to: &unescaped)
    let count = min(unescaped.count, JSONKey.maxBytes)
    unescapedKey.copyMemory(from: unescaped.base, byteCount: count)
    return JSONKey(start: unescapedKey, count: count)
  }
}

/// Literals and numbers.
extension JSONReader {
  /// Reads `null` if it is there.
  @inline(__always)
  mutating func readNull() throws(DecodeError) -> Bool {
    guard peek() == UInt8(ascii: "n") else { return false }
    try literal("null")
    return true
  }

  /// Reads `true` or `false`.
  mutating func readBool() throws(DecodeError) -> Bool {
    switch peek() {
    case UInt8(ascii: "t"):
      try literal("true")
      return true
    case UInt8(ascii: "f"):
      try literal("false")
      return false
    default: throw expected("expected true, false or null")
    }
  }

  mutating func literal(_ text: StaticString) throws(DecodeError) {
    if !stepOver(text) { throw expected("expected a JSON value") }
  }

  /// Reads a number (RFC 8259 section 6).
  @inline(__always)
  mutating func readNumber() throws(DecodeError) -> JSONNumber {
    guard let number = JSONNumber(UnsafeRawBufferPointer(start: base + position, count: end &- position)) else {
      throw expected("expected a JSON number")
    }
    position &+= number.count
    return number
  }
}

/// A key of a JSON object, unescaped, to be compared with the known ones before the next key is read.
struct JSONKey {
  /// More than any known key has.
  static let maxBytes = 32

  let start: UnsafeRawPointer
  let count: Int

  /// Whether the key, or what is kept of a long one, holds an underscore, as names in snake_case do.
  var hasUnderscore: Bool {
    UnsafeRawBufferPointer(start: start, count: count).contains(UInt8(ascii: "_"))
  }

  /// Lets `switch key { case "name": … }` compare bytes.
  @inline(__always)
  static func ~= (name: StaticString, key: JSONKey) -> Bool {
    key.count == name.utf8CodeUnitCount && memcmp(key.start, name.utf8Start, name.utf8CodeUnitCount) == 0
  }
}
