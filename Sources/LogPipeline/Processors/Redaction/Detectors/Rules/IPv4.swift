extension RuleDefinition {
  /// Addresses of IPv4.
  static let ipv4 = RuleDefinition(
    id: "ipv4", packs: [.gdpr], mask: .network4,
    triggers: [Trigger("#.#", anchor: 1) { $0.findIPv4($1, $2 &- 3) }])
}

extension MatchFinder {
  /// Four octets; `first` is the last digit of what may be the first of them.
  mutating func findIPv4(_ text: ScannedText, _ first: Int) {
    let start = text.start(ofRunBefore: first &+ 1, limit: 4) { $0.isDigit }
    guard text.startsToken(start), text[start &- 1] != 0x2E else { return }
    guard let end = ipv4End(text, start), text.endsToken(end), !(text[end] == 0x2E && text[end &+ 1].isDigit) else {
      return
    }
    note(.ipv4, start..<end)
  }

  /// Where an IPv4 address that starts here ends; nil if there is none.
  func ipv4End(_ text: ScannedText, _ start: Int) -> Int? {
    var position = start
    for octet in 0..<4 {
      let end = text.end(ofRunAt: position, limit: 4) { $0.isDigit }
      guard (1...3).contains(end &- position), text.leadingDigits(3, of: position..<end) < 256 else { return nil }
      if end &- position > 1 && text[position] == 0x30 { return nil }
      if octet == 3 { return end }
      guard text[end] == 0x2E else { return nil }
      position = end &+ 1
    }
    return nil
  }
}
