extension RuleDefinition {
  /// Card numbers of all issuers.
  static let creditCard = RuleDefinition(
    id: "credit_card", packs: [.default, .pci], mask: .keep(first: 0, last: 4),
    triggers: [.longDigits])
}

extension MatchFinder {
  /// ISO/IEC 7812: Luhn, and an issuer's prefix at a length that it issues, or a word for a card before it.
  mutating func findCard(_ text: ScannedText, _ range: Range<Int>) {
    guard detectors.rules.containsAny(of: .creditCard, .cnBankCard), text.passesLuhn(range) else { return }
    let count = text.digitCount(range)
    findBankCard(text, range, count: count)
    if Self.isIssued(text.leadingDigits(6, of: range), count: count) || isCalledCard(text, range, count) {
      note(.creditCard, range)
    }
  }

  /// Whether a word before 12 to 19 digits says that they are a card's; 12 and 13 digits are no part of a longer id.
  private func isCalledCard(_ text: ScannedText, _ range: Range<Int>, _ count: Int) -> Bool {
    let start = range.lowerBound
    if count < 14, text[start &- 1] == UInt8(ascii: "-"), text[start &- 2].isAlphanumeric { return false }
    return count >= 12
      && hasContext(
        text, before: start, "card", "pan=", "pan:", "cc=", "cc:", "visa", "maestro", "amex", "american express",
        "diners", "jcb", "discover", "unionpay", "卡")
  }

  /// Whether an issuer with these first six digits issues numbers of this length.
  ///
  /// Lengths that are possible and hardly issued (Visa's 13 and 19 digits, 19 of Discover and Diners) are left to the
  /// word before, since barcodes, order numbers and ids have them too and one in ten of these passes Luhn.
  static func isIssued(_ prefix: Int, count: Int) -> Bool {
    switch prefix {
    case 400_000...499_999, 510_000...559_999, 222_100...272_099, 601_100...601_199, 644_000...659_999: count == 16
    case 340_000...349_999, 370_000...379_999: count == 15
    // JCB has 3528 to 3589; test numbers use the rest of 35 too. Its old numbers have 15 digits.
    case 350_000...359_999: count == 16
    case 180_000...180_099, 213_100...213_199: count == 15
    case 300_000...305_999, 309_500...309_599, 360_000...369_999, 380_000...399_999: count == 14 || count == 16
    case 620_000...629_999: (16...19).contains(count)
    default: false
    }
  }
}
