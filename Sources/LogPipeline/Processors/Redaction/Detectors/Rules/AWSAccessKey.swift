extension RuleDefinition {
  /// Ids of the access keys of Amazon Web Services.
  static let awsAccessKey = RuleDefinition(
    id: "aws_access_key", packs: [.default, .secrets],
    triggers: [.cloudKey])
}

extension MatchFinder {
  /// A kind of id and 16 characters of base32.
  mutating func findAWSAccessKey(_ text: ScannedText, _ start: Int) {
    let kinds: [StaticString] = ["AKIA", "ASIA", "AGPA", "AIDA", "AROA", "AIPA", "ANPA", "ANVA"]
    guard kinds.contains(where: { text.has($0, at: start) }) else { return }
    noteToken(.awsAccessKey, text, start, prefix: 4, 16...16) { $0.isUpper || (0x32...0x37).contains($0) }
  }
}
