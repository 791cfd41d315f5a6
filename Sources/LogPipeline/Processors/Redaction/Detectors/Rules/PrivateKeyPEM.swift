extension RuleDefinition {
  /// Private keys in text.
  static let privateKeyPEM = RuleDefinition(
    id: "private_key_pem", packs: [.default, .secrets],
    triggers: [Trigger("-BE", anchor: 1) { $0.findPEM($1, $2 &- 3) }])
}

extension MatchFinder {
  /// A private key of RFC 7468 or of OpenPGP (RFC 9580 section 6.2), up to its end or, if it has none, to the end of
  /// the text.
  mutating func findPEM(_ text: ScannedText, _ dash: Int) {
    let start = dash &- 4
    guard start >= pemEnd, text.has("-----BEGIN ", at: start) else { return }
    let label = text.end(ofRunAt: start &+ 11, limit: 40) { $0.isUpper || $0 == 0x20 }
    guard text.has("PRIVATE KEY-----", at: label &- 11) || text.has("PRIVATE KEY BLOCK-----", at: label &- 17) else {
      return
    }
    var end = label &+ 5
    while end < text.count, !text.has("-----END ", at: end) { end &+= 1 }
    if end < text.count {
      end = text.end(ofRunAt: end &+ 9, limit: 40) { $0.isUpper || $0 == 0x20 }
      end = text.end(ofRunAt: end, limit: 5) { $0 == 0x2D }
    }
    pemEnd = end
    note(.privateKeyPEM, start..<end)
  }
}
