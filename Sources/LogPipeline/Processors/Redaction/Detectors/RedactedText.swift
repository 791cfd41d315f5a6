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
      if text.has("sha1:", at: start) { return isHex(text, range.dropFirst(5), count: 40) }
      if text.has("sha3:", at: start) { return isHex(text, range.dropFirst(5), count: 64) }
      return text.has("sha256:", at: start) && isHex(text, range.dropFirst(7), count: 64)
    case UInt8(ascii: "m"): return text.has("md5:", at: start) && isHex(text, range.dropFirst(4), count: 32)
    case UInt8(ascii: "h"): return text.has("hmac:", at: start) && isCode(text, range.dropFirst(5), keyIDs)
    default: return false
    }
  }

  /// Whether a range is an id, a colon and a code.
  private static func isCode(_ text: ScannedText, _ range: Range<Int>, _ keyIDs: [[UInt8]]) -> Bool {
    keyIDs.contains { id in
      guard id.count < range.count, text[range.lowerBound &+ id.count] == UInt8(ascii: ":") else { return false }
      for place in id.indices where text[range.lowerBound &+ place] != id[place] { return false }
      let code = range.dropFirst(id.count &+ 1)
      return isHex(text, code, count: 64) || isHex(text, code, count: 128)
    }
  }

  private static func isHex(_ text: ScannedText, _ range: Range<Int>, count: Int) -> Bool {
    range.count == count && range.allSatisfy { text[$0].isHexDigit && !text[$0].isUpper }
  }
}
