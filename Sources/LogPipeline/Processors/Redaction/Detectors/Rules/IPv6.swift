extension RuleDefinition {
  /// Addresses of IPv6.
  static let ipv6 = RuleDefinition(
    id: "ipv6", packs: [.gdpr], mask: .network6,
    triggers: [
      Trigger("%:%", anchor: 1) { $0.findIPv6($1, $2) },
      Trigger("::", anchor: 0) { $0.findIPv6($1, $2) },
    ])
}

extension MatchFinder {
  /// An IPv6 address (RFC 4291 section 2.2) in the run of its characters around an offset.
  mutating func findIPv6(_ text: ScannedText, _ offset: Int) {
    guard offset > networkEnd else { return }
    let isMember: (UInt8) -> Bool = { $0.isHexDigit || $0 == 0x3A || $0 == 0x2E }
    let start = text.start(ofRunBefore: offset, limit: 46, of: isMember)
    var end = text.end(ofRunAt: offset, limit: 46, of: isMember)
    networkEnd = end
    while end > start, text[end &- 1] == 0x2E || (text[end &- 1] == 0x3A && text[end &- 2] != 0x3A) { end &-= 1 }
    guard text.startsToken(start), text.endsToken(end), isIPv6(text, start..<end) else { return }
    note(.ipv6, start..<end)
  }

  private func isIPv6(_ text: ScannedText, _ range: Range<Int>) -> Bool {
    guard (3...45).contains(range.count) else { return false }
    var position = range.lowerBound
    var groups = 0
    var hasGap = false
    if text.has("::", at: position) { (hasGap, position) = (true, position &+ 2) }
    while position < range.upperBound {
      let end = text.end(ofRunAt: position, limit: 5) { $0.isHexDigit }
      if text[end] == 0x2E, end < range.upperBound {
        guard ipv4End(text, position) == range.upperBound else { return false }
        groups &+= 2
        break
      }
      guard (1...4).contains(end &- position) else { return false }
      groups &+= 1
      position = end
      if position == range.upperBound { break }
      if text.has("::", at: position) {
        if hasGap { return false }
        (hasGap, position) = (true, position &+ 2)
      } else {
        guard text[position] == 0x3A, position &+ 1 < range.upperBound else { return false }
        position &+= 1
      }
    }
    return hasGap ? (1...7).contains(groups) && range.count > 4 : groups == 8
  }
}
