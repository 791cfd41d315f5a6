extension RuleDefinition {
  /// Social credit codes of organisations in China.
  static let cnUSCC = RuleDefinition(
    id: "cn_uscc", packs: [],
    triggers: [.longDigits])
}

extension MatchFinder {
  /// The unified social credit code of China (GB 32100): 18 characters, the last a check by mod 31. Its digits begin
  /// at most two characters after it does.
  mutating func findSocialCredit(_ text: ScannedText, _ digits: Int) {
    guard enabled(.cnUSCC) else { return }
    let start = text.start(ofRunBefore: digits, limit: 3) { $0.isAlphanumeric }
    guard digits &- start <= 2, text.endsToken(start &+ 18) else { return }
    let alphabet: StaticString = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    var sum = 0
    var weight = 1
    for place in 0..<18 {
      guard let value = (0..<31).first(where: { alphabet.utf8Start[$0] == text[start &+ place] }) else { return }
      if (2..<8).contains(place) && value > 9 { return }
      sum &+= value &* (place == 17 ? 1 : weight)
      weight = weight &* 3 % 31
    }
    if sum % 31 == 0 { note(.cnUSCC, start..<start &+ 18) }
  }
}
