extension RuleDefinition {
  /// Credentials after the scheme they are of.
  static let bearerBasic = RuleDefinition(
    id: "bearer_basic", packs: [.default, .secrets],
    triggers: [
      Trigger("bear", anchor: 0, ignoringCase: true) {
        $0.findScheme($1, $2 &+ 2)
        $0.findPair($1, $2)
      },
      Trigger("sic ", anchor: 2, ignoringCase: true) { $0.findScheme($1, $2 &- 1) },
      .token,
    ])
}

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

}
