extension RuleDefinition {
  /// Spain's DNI.
  static let esDNI = RuleDefinition(
    id: "es_dni", packs: [.gdpr],
    triggers: [.longDigits])
}

extension MatchFinder {
  /// Spain's DNI: eight digits and the letter their remainder by 23 gives.
  func isDNI(_ text: ScannedText, _ start: Int) -> Bool {
    let letters: StaticString = "TRWAGMYFPDXBNJZSQVHLCKE"
    let number = text.leadingDigits(8, of: start..<start &+ 8)
    return text[start &+ 8] == letters.utf8Start[number % 23]
  }
}
