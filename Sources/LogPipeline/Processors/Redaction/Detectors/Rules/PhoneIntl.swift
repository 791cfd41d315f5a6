extension RuleDefinition {
  /// Phone numbers with their country's code.
  static let phoneIntl = RuleDefinition(
    id: "phone_intl", packs: [.gdpr], mask: .keep(first: 0, last: 2),
    triggers: [Trigger("+#", anchor: 0) { $0.findPhone($1, $2 &- 2) }])
}

extension MatchFinder {
  /// A number of ITU-T E.164 after its `+`: 8 to 15 digits.
  mutating func findPhone(_ text: ScannedText, _ plus: Int) {
    guard text.startsToken(plus), text[plus &+ 1] != 0x30 else { return }
    var digits = 0
    var end = plus &+ 1
    var position = plus &+ 1
    while digits <= 15 {
      if text[position].isDigit {
        digits &+= 1
        end = position &+ 1
      } else if !Self.isPhoneSeparator(text, position) {
        break
      }
      position &+= 1
    }
    if (8...15).contains(digits), text.endsToken(end) { note(.phoneIntl, plus..<end) }
  }

  private static func isPhoneSeparator(_ text: ScannedText, _ offset: Int) -> Bool {
    switch text[offset] {
    case 0x20, 0x2D, 0x2E: text[offset &+ 1].isDigit || text[offset &+ 1] == 0x28
    case 0x28: text[offset &+ 1].isDigit
    case 0x29: text[offset &+ 1].isDigit || (text[offset &+ 1] == 0x20 && text[offset &+ 2].isDigit)
    default: false
    }
  }
}
