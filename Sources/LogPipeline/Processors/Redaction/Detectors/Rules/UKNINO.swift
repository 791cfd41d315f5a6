extension RuleDefinition {
  /// The United Kingdom's national insurance numbers.
  static let ukNINO = RuleDefinition(
    id: "uk_nino", packs: [.gdpr],
    triggers: [.lettersDigits])
}

extension MatchFinder {
  /// The United Kingdom's national insurance number: two letters, six digits, A to D.
  mutating func findNINO(_ text: ScannedText, _ start: Int) {
    guard enabled(.ukNINO), text.startsToken(start) else { return }
    let (first, second) = (text[start], text[start &+ 1])
    let never: StaticString = "DFIQUV"
    for place in 0..<6 where first == never.utf8Start[place] || second == never.utf8Start[place] { return }
    if second == UInt8(ascii: "O") { return }
    for pair: StaticString in ["BG", "GB", "NK", "KN", "TN", "NT", "ZZ"] where text.has(pair, at: start) { return }
    var position = start &+ 2
    for group in 0..<3 {
      guard text[position].isDigit, text[position &+ 1].isDigit else { return }
      position &+= 2
      if group < 3, text[position] == 0x20 { position &+= 1 }
    }
    guard (UInt8(ascii: "A")...UInt8(ascii: "D")).contains(text[position]), text.endsToken(position &+ 1) else {
      return
    }
    note(.ukNINO, start..<position &+ 1)
  }
}
