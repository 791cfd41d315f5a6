extension RuleDefinition {
  /// Cards of Chinese banks.
  static let cnBankCard = RuleDefinition(
    id: "cn_bank_card", packs: [.pci, .piiCN], mask: .keep(first: 0, last: 4),
    triggers: [.longDigits])
}

extension MatchFinder {
  /// 16 to 19 digits from 62 that pass Luhn, which the caller has seen.
  mutating func findBankCard(_ text: ScannedText, _ range: Range<Int>, count: Int) {
    if text.has("62", at: range.lowerBound), (16...19).contains(count) { note(.cnBankCard, range) }
  }
}
