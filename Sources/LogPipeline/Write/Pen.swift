// decision: docs/decisions/0101-pen.md

import CVector

/// Stores bytes one after the other where a `ByteWriter` has made room, so that between two of them nothing is checked
/// and nothing but this one pointer changes.
///
/// A `put` may touch up to `slackBytes` beyond the bytes it counts, for which `ByteWriter.write` makes room too.
struct Pen {
  /// Bytes beyond those put that may be overwritten.
  static var slackBytes: Int { 32 }

  /// Where the next byte goes.
  var at: UnsafeMutableRawPointer
  /// Where the writer's memory ends.
  let limit: UnsafeMutableRawPointer

  /// Puts one byte.
  @inline(__always)
  mutating func put(_ byte: UInt8) {
    at.storeBytes(of: byte, as: UInt8.self)
    at += 1
  }

  /// Puts a constant.
  @inline(__always)
  mutating func put(_ text: StaticString) {
    at.copyMemory(from: text.utf8Start, byteCount: text.utf8CodeUnitCount)
    at += text.utf8CodeUnitCount
  }

  /// Puts bytes as they are.
  @inline(__always)
  mutating func put(_ bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress else { return }
    at.copyMemory(from: source, byteCount: bytes.count)
    at += bytes.count
  }

  /// Puts a few bytes, mostly at most 32; 32 beyond them may be read.
  @inline(__always)
  mutating func put(short source: UnsafeRawPointer, count: Int) {
    bytes16_copy_short(at, source, count)
    at += count
  }

  // MARK: Numbers

  /// Puts a decimal integer of at most 20 bytes.
  @inline(__always)
  mutating func put(decimal value: Int64) {
    if value < 0 { put(UInt8(ascii: "-")) }
    put(decimal: value.magnitude)
  }

  /// Puts a decimal integer of at most 20 bytes.
  @inline(__always)
  mutating func put(decimal value: UInt64) {
    if value < 10 {
      put(UInt8(truncatingIfNeeded: value) | 0x30)
    } else if value < 100_000_000 {
      put(decimalBelow1e8: value)
    } else {
      self = putting(largeDecimal: value)
    }
  }

  @inline(never)
  private func putting(largeDecimal value: UInt64) -> Pen {
    var pen = self
    let (high, low) = value.quotientAndRemainder(dividingBy: 100_000_000)
    pen.put(decimal: high)
    pen.put(word: Self.eightDigits(low), count: 8)
    return pen
  }

  /// Puts a decimal integer below 10^8.
  @inline(__always)
  mutating func put(decimalBelow1e8 value: UInt64) {
    let digits = Self.eightDigits(value)
    // The last digit stays even if it is a zero.
    let zeros = (digits & 0x000F_0F0F_0F0F_0F0F | 1 &<< 56).trailingZeroBitCount & 0x38
    put(word: digits &>> UInt64(truncatingIfNeeded: zeros), count: 8 &- zeros / 8)
  }

  /// Puts the lowest `count` bytes of a word, lowest first; at most 8.
  @inline(__always)
  mutating func put(word: UInt64, count: Int) {
    at.storeBytes(of: word.littleEndian, as: UInt64.self)
    at += count
  }

  /// The eight decimal digits of a number below 10^8, the first in the lowest byte: halves the number three times, all
  /// parts at once, each division by a multiplication whose error does not reach a digit.
  @inline(__always)
  static func eightDigits(_ value: UInt64) -> UInt64 {
    let (high, low) = value.quotientAndRemainder(dividingBy: 10_000)
    let fours = high | low &<< 32
    let hundreds = (fours &* 10_486) &>> 20 & 0x7F_0000_007F
    let twos = fours &<< 16 &- hundreds &* (100 &<< 16 &- 1)
    let tens = (twos &* 103) &>> 10 & 0x000F_000F_000F_000F
    return (twos &<< 8 &- tens &* (10 &<< 8 &- 1)) | 0x3030_3030_3030_3030
  }

  // MARK: Hexadecimal

  /// Puts eight bytes, big-endian, as 16 lower-case hexadecimal digits.
  @inline(__always)
  mutating func put(hex value: UInt64) {
    bytes16_store(at, hex_digits16(value))
    at += 16
  }

  /// Puts bytes as lower-case hexadecimal digits.
  @inline(__always)
  mutating func put(hex bytes: UnsafeRawBufferPointer) {
    for byte in bytes {
      let nibbles = UInt64(byte >> 4) | UInt64(byte & 15) &<< 8
      // A nibble above 9 carries into the next four bits when six is added; 39 lies between the digits and the letters.
      let letters = (nibbles &+ 0x0606) &>> 4 & 0x0101
      put(word: nibbles &+ 0x3030 &+ letters &* 39, count: 2)
    }
  }

  /// Puts a trace id as 32 lower-case hexadecimal digits.
  @inline(__always)
  mutating func put(hex id: TraceID) {
    put(hex: id.high)
    put(hex: id.low)
  }

  /// Bytes that a quoted id takes at most.
  static var maxQuotedIDBytes: Int { 34 }

  /// Puts a trace id as JSON.
  @inline(__always)
  mutating func put(quoted id: TraceID) {
    put(UInt8(ascii: "\""))
    put(hex: id)
    put(UInt8(ascii: "\""))
  }

  /// Puts a span id as JSON.
  @inline(__always)
  mutating func put(quotedSpanID id: UInt64) {
    put(UInt8(ascii: "\""))
    put(hex: id)
    put(UInt8(ascii: "\""))
  }
}

extension ByteWriter {
  /// Makes room for `bytes` and has `body` put at most as many.
  @inline(__always)
  mutating func write(atMost bytes: Int, _ body: (inout Pen) -> Void) {
    makeRoom(bytes &+ Pen.slackBytes)
    var pen = pen
    body(&pen)
    take(pen)
  }

  /// A pen at the end of what was written, which has no room yet.
  @inline(__always)
  var pen: Pen { Pen(at: end, limit: limit) }

  /// Makes room for `bytes` after what a pen has put, which is not yet counted.
  @inline(__always)
  mutating func makeRoom(_ bytes: Int, for pen: inout Pen) {
    if pen.limit - pen.at < bytes &+ Pen.slackBytes { pen = grown(by: bytes, pen) }
  }

  @inline(never)
  private mutating func grown(by bytes: Int, _ pen: Pen) -> Pen {
    let put = pen.at - end
    take(pen)
    makeRoom(bytes &+ Pen.slackBytes)
    advance(0 &- put)
    return Pen(at: end + put, limit: limit)
  }

  /// Counts what a pen has put.
  @inline(__always)
  mutating func take(_ pen: Pen) { advance(pen.at - end) }
}
