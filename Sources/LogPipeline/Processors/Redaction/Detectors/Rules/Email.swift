extension RuleDefinition {
  /// E-mail addresses.
  static let email = RuleDefinition(
    id: "email", packs: [.piiCN, .piiUS, .gdpr], mask: .domain,
    triggers: [Trigger("@", anchor: 0) { $0.findEmail($1, $2 &- 1) }])
}

extension MatchFinder {
  /// An e-mail address around the `@` at an offset (RFC 5321 section 4.5.3.1: at most 64 bytes before it).
  mutating func findEmail(_ text: ScannedText, _ at: Int) {
    let start = text.start(ofRunBefore: at, limit: 64) { Self.isLocal($0) }
    let labels = text.end(ofRunAt: at &+ 1, limit: 255) { $0.isAlphanumeric || $0 == 0x2D || $0 == 0x2E }
    var end = labels
    while end > at, text[end &- 1] == 0x2D || text[end &- 1] == 0x2E { end &-= 1 }
    let top = text.start(ofRunBefore: end, limit: 25) { $0.isLetter }
    guard start < at, (2...24).contains(end &- top), text[top &- 1] == 0x2E, top &- 1 > at &+ 1 else { return }
    guard text[at &+ 1].isAlphanumeric, !Self.isFileEnding(text, top, end) else { return }
    if text[end] == 0x3A, text[end &+ 1].isLetter, text.has("git", at: start), at &- start == 3 { return }
    note(.email, start..<end)
  }

  private static func isLocal(_ byte: UInt8) -> Bool {
    byte.isWord || byte == 0x2E || byte == 0x25 || byte == 0x2B || byte == 0x2D
  }

  /// Endings after which `name@2x.png` and `unit@1.service` are no addresses.
  private static func isFileEnding(_ text: ScannedText, _ start: Int, _ end: Int) -> Bool {
    let endings: [StaticString] = [
      "png", "jpg", "jpeg", "gif", "svg", "webp", "js", "css", "service", "timer", "socket", "mount", "slice",
    ]
    return endings.contains { $0.utf8CodeUnitCount == end &- start && text.hasIgnoringCase($0, at: start) }
  }
}
