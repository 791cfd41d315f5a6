extension RuleDefinition {
  /// Tokens of npm.
  static let npmToken = RuleDefinition(
    id: "npm_token", packs: [.default, .secrets],
    triggers: [.underscoreToken])
}

extension MatchFinder {
  mutating func findNPMToken(_ text: ScannedText, _ start: Int) {
    if text.has("npm_", at: start) { noteToken(.npmToken, text, start, prefix: 4, 36...36) { $0.isWord } }
  }
}
