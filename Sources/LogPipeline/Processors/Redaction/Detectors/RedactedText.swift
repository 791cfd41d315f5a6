/// What redaction leaves behind, told from what it should still hide.
enum RedactedText {
  /// Whether a value is nothing but asterisks or `[REDACTED]`, or a digest as `hash` and `hmac` write it. A code of
  /// HMAC counts only under one of the keys' ids given: between `hmac:` and the code anything might stand.
  static func isWhole(_ text: ScannedText, _ range: Range<Int>, keyIDs: [[UInt8]]) -> Bool {
    let start = range.lowerBound
    let asterisks = text.end(ofRunAt: start, limit: range.count) { $0 == UInt8(ascii: "*") }
    if asterisks == range.upperBound { return !range.isEmpty }
    switch text[start] {
    case UInt8(ascii: "["): return range.count == 10 && text.has("[REDACTED]", at: start)
    case UInt8(ascii: "s"):
      if text.has("sha1:", at: start) { return isHex(text, start &+ 5, range.upperBound, count: 40) }
      if text.has("sha3:", at: start) { return isHex(text, start &+ 5, range.upperBound, count: 64) }
      return text.has("sha256:", at: start) && isHex(text, start &+ 7, range.upperBound, count: 64)
    case UInt8(ascii: "m"): return text.has("md5:", at: start) && isHex(text, start &+ 4, range.upperBound, count: 32)
    case UInt8(ascii: "h"): return text.has("hmac:", at: start) && isCode(text, start &+ 5, range.upperBound, keyIDs)
    default: return false
    }
  }

  /// Whether an id, a colon and a code lie between two offsets.
  private static func isCode(_ text: ScannedText, _ start: Int, _ end: Int, _ keyIDs: [[UInt8]]) -> Bool {
    keyIDs.contains { id in
      let code = start &+ id.count &+ 1
      guard code <= end, text[code &- 1] == UInt8(ascii: ":") else { return false }
      for place in id.indices where text[start &+ place] != id[place] { return false }
      return isHex(text, code, end, count: 64) || isHex(text, code, end, count: 128)
    }
  }

  private static func isHex(_ text: ScannedText, _ start: Int, _ end: Int, count: Int) -> Bool {
    end &- start == count && (start..<end).allSatisfy { text[$0].isHexDigit && !text[$0].isUpper }
  }
}
