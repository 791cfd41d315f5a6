extension RuleDefinition {
  /// Singapore's identity numbers.
  static let sgNRIC = RuleDefinition(
    id: "sg_nric", packs: [],
    triggers: [.longDigits])
}

extension MatchFinder {
  /// A letter, seven digits, `start..<end`, and the letter that checks them.
  mutating func findNRIC(_ text: ScannedText, _ start: Int, _ end: Int) {
    if end &- start == 7, text.endsToken(end &+ 1), isNRIC(text, start) { note(.sgNRIC, start &- 1..<end &+ 1) }
  }

  private func isNRIC(_ text: ScannedText, _ start: Int) -> Bool {
    let sum = text.weightedSum(start..<start &+ 7, "2765432")
    let citizen: StaticString = "JZIHGFEDCBA"
    let foreigner: StaticString = "XWUTRQPNMLK"
    switch text[start &- 1] {
    case UInt8(ascii: "S"): return text[start &+ 7] == citizen.utf8Start[sum % 11]
    case UInt8(ascii: "T"): return text[start &+ 7] == citizen.utf8Start[(sum &+ 4) % 11]
    case UInt8(ascii: "F"): return text[start &+ 7] == foreigner.utf8Start[sum % 11]
    case UInt8(ascii: "G"): return text[start &+ 7] == foreigner.utf8Start[(sum &+ 4) % 11]
    default: return false
    }
  }
}
