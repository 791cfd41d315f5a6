extension RuleDefinition {
  /// JSON web tokens.
  static let jwt = RuleDefinition(
    id: "jwt", packs: [.default, .secrets],
    triggers: [Trigger("yJ", anchor: 1) { $0.findJWT($1, $2 &- 3) }])
}

extension MatchFinder {
  /// A JWS or JWE in compact form (RFC 7515, RFC 7516): a header that decodes to an object with `alg`.
  mutating func findJWT(_ text: ScannedText, _ start: Int) {
    guard text[start] == UInt8(ascii: "e"), !text[start &- 1].isBase64URL else { return }
    let header = text.end(ofRunAt: start) { $0.isBase64URL }
    guard header &- start >= 11, text[header] == 0x2E, isJOSEHeader(text, start..<header) else { return }
    let payload = text.end(ofRunAt: header &+ 1) { $0.isBase64URL }
    guard payload &- header > 8 || text[payload] == 0x2E else { return }
    var end = payload
    for _ in 0..<3 where text[end] == 0x2E && text[end &+ 1].isBase64URL {
      end = text.end(ofRunAt: end &+ 1) { $0.isBase64URL }
    }
    if text[end] == 0x2E, end == payload { end &+= 1 }
    note(.jwt, start..<end)
  }

  /// Whether base64url text decodes to `{…"alg"…}`.
  private func isJOSEHeader(_ text: ScannedText, _ range: Range<Int>) -> Bool {
    var decoder = Base64Bytes(text, range)
    var window: UInt64 = 0
    var (hasAlgorithm, first, last) = (false, UInt8(0), UInt8(0))
    while let byte = decoder.next() {
      if first == 0 { first = byte }
      if !byte.isSpace { last = byte }
      window = (window << 8 | UInt64(byte)) & 0xFF_FFFF_FFFF
      // The bytes of "alg" with its quotes.
      if window == 0x22_616C_6722 { hasAlgorithm = true }
    }
    return hasAlgorithm && first == UInt8(ascii: "{") && last == UInt8(ascii: "}")
  }
}
