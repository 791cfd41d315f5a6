extension RuleDefinition {
  /// Brazil's CPF.
  static let brCPF = RuleDefinition(
    id: "br_cpf", packs: [],
    triggers: [.digits])
}

extension MatchFinder {
  /// Brazil's CPF: two check digits by mod 11, and not all digits the same.
  func isCPF(_ text: ScannedText, _ range: Range<Int>) -> Bool {
    guard enabled(.brCPF) else { return false }
    let number = text.leadingDigits(11, of: range)
    guard number % 11_111_111_111 != 0 else { return false }
    let first = text.weightedSum(range, ":98765432") &* 10 % 11 % 10
    let second = text.weightedSum(range, ";:98765432") &* 10 % 11 % 10
    return text.digit(9, of: range) == first && text.digit(10, of: range) == second
  }

  /// A CPF as it is printed, 123.456.789-09.
  mutating func findCPF(_ text: ScannedText, _ start: Int, _ end: Int) {
    let range = start..<start &+ 14
    guard end &- start == 3, text.startsToken(start), text.endsToken(range.upperBound) else { return }
    let point = UInt8(ascii: ".")
    guard text[start &+ 3] == point, text[start &+ 7] == point, text[start &+ 11] == UInt8(ascii: "-") else { return }
    if text.digitCount(range) == 11, isCPF(text, range) { note(.brCPF, range) }
  }
}
