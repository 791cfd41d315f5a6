import Glibc

/// Secrets that are told by what stands before them.
extension MatchFinder {
  /// `bearer`, `basic` or `token`, which ends at `end`, and the credentials after it (RFC 9110 section 11.4).
  mutating func findScheme(_ text: ScannedText, _ end: Int) {
    guard enabled(.bearerBasic), text[end] == 0x20 else { return }
    let start = text.end(ofRunAt: end, limit: 4) { $0 == 0x20 }
    let isBasic = text.hasIgnoringCase("basic", at: end &- 5) && text.startsToken(end &- 5)
    guard isBasic || isOpaqueScheme(text, end) else { return }
    let stop = text.end(ofRunAt: start) { byte in
      byte.isBase64URL || byte == 0x2E || byte == 0x7E || byte == 0x2B || byte == 0x2F || byte == 0x3D
    }
    guard stop &- start >= (isBasic ? 4 : 12) else { return }
    if isBasic ? isUserAndPassword(text, start..<stop) : text.isRandom(start..<stop) {
      note(.bearerBasic, start..<stop)
    }
  }

  private func isOpaqueScheme(_ text: ScannedText, _ end: Int) -> Bool {
    (text.hasIgnoringCase("bearer", at: end &- 6) && text.startsToken(end &- 6))
      || (text.hasIgnoringCase("token", at: end &- 5) && text.startsToken(end &- 5))
  }

  /// Whether base64 text decodes to visible text with a `:` (RFC 7617 section 2).
  private func isUserAndPassword(_ text: ScannedText, _ range: Range<Int>) -> Bool {
    var decoder = Base64Bytes(text, range)
    var hasColon = false
    while let byte = decoder.next() {
      if byte == UInt8(ascii: ":") { hasColon = true }
      if byte < 0x20 || byte == 0x7F { return false }
    }
    return hasColon
  }

  /// A secret access key: 40 characters of base64, told by `aws` and a word for it before, and by their entropy.
  mutating func findAWSSecret(_ text: ScannedText, _ start: Int) {
    var word = start
    while word < start &+ 20, !text.hasIgnoringCase("secret", at: word), !text.hasIgnoringCase("sk", at: word) {
      word &+= 1
    }
    guard word < start &+ 20 else { return }
    var position = word &+ 2
    while position < word &+ 40 {
      let end = text.end(ofRunAt: position, limit: 60) { $0.isBase64 || $0 == 0x3D && $0 != text[position &- 1] }
      let before = text[position &- 1]
      let isSeparated = before.isQuote || before == 0x3D || before == 0x3A || before == 0x20
      if end &- position == 40, isSeparated, entropy(text, position..<end) >= 4 {
        note(.awsSecretKey, position..<end)
        return
      }
      position = text[position] == 0x3D ? position &+ 1 : Swift.max(end, position &+ 1)
    }
  }

  /// Shannon's entropy of the bytes in a short range, bits a byte.
  private func entropy(_ text: ScannedText, _ range: Range<Int>) -> Double {
    var sum = 0.0
    for offset in range {
      let same = range.reduce(0) { $0 &+ (text[$1] == text[offset] ? 1 : 0) }
      sum += log2(Double(range.count) / Double(same))
    }
    return sum / Double(range.count)
  }
}
