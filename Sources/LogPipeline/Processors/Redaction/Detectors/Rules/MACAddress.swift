extension RuleDefinition {
  /// Addresses of network cards.
  static let macAddress = RuleDefinition(
    id: "mac_address", packs: [.gdpr], mask: .manufacturer,
    triggers: [
      Trigger("%%:%%:", anchor: 2) { $0.findMAC($1, $2 &- 6) },
      Trigger("%%-%%-", anchor: 2) { $0.findMAC($1, $2 &- 6) },
    ])
}

extension MatchFinder {
  /// Six octets with one and the same separator.
  mutating func findMAC(_ text: ScannedText, _ start: Int) {
    let separator = text[start &+ 2]
    guard text.startsToken(start), text[start &- 1] != separator, text.endsToken(start &+ 17) else { return }
    guard text[start &+ 17] != separator || !text[start &+ 18].isHexDigit else { return }
    for octet in 0..<6 {
      let place = start &+ 3 &* octet
      guard text[place].isHexDigit, text[place &+ 1].isHexDigit else { return }
      if octet < 5 && text[place &+ 2] != separator { return }
    }
    note(.macAddress, start..<start &+ 17)
  }
}
