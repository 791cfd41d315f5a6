extension RuleDefinition {
  /// Phone numbers of North America.
  static let phoneUS = RuleDefinition(
    id: "phone_us", packs: [.piiUS], mask: .keep(first: 0, last: 2),
    triggers: [.digits])
}

extension MatchFinder {
  /// A number of the North American plan with separators; `start..<end` is the area code.
  mutating func findPhoneUS(_ text: ScannedText, _ start: Int, _ end: Int) {
    guard end &- start == 3, text[start] >= UInt8(ascii: "2"), text.startsToken(start) else { return }
    var position = end
    let isBracketed = text[start &- 1] == 0x28 && text[position] == 0x29
    if isBracketed { position &+= 1 }
    let hasSeparator = Self.isPhoneUSSeparator(text[position])
    if hasSeparator { position &+= 1 }
    guard hasSeparator || isBracketed, text[position] >= UInt8(ascii: "2") else { return }
    guard text.end(ofRunAt: position, limit: 4, of: { $0.isDigit }) == position &+ 3 else { return }
    guard Self.isPhoneUSSeparator(text[position &+ 3]) else { return }
    let last = position &+ 4
    guard text.end(ofRunAt: last, limit: 5, of: { $0.isDigit }) == last &+ 4, text.endsToken(last &+ 4) else { return }
    let before = text[start &- 1]
    if (before == 0x2D || before == 0x2E) && text[start &- 2].isDigit && !text.has("1", at: start &- 2) { return }
    note(.phoneUS, (isBracketed ? start &- 1 : start)..<last &+ 4)
  }

  private static func isPhoneUSSeparator(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x2D || byte == 0x2E }
}
