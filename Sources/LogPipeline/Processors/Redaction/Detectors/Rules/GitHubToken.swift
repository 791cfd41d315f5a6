extension RuleDefinition {
  /// Tokens of GitHub.
  static let githubToken = RuleDefinition(
    id: "github_token", packs: [.default, .secrets],
    triggers: [.underscoreToken, Trigger("b_pat_", anchor: 0) { $0.findGitHubPAT($1, $2 &- 11) }])
}

extension MatchFinder {
  mutating func findGitHubToken(_ text: ScannedText, _ start: Int) {
    guard text.has("gh", at: start), text[start &+ 2] != UInt8(ascii: "m") else { return }
    noteToken(.githubToken, text, start, prefix: 4, 36...255) { $0.isAlphanumeric }
  }

  mutating func findGitHubPAT(_ text: ScannedText, _ start: Int) {
    if text.has("github_pat_", at: start) {
      noteToken(.githubToken, text, start, prefix: 11, 22...255) { $0.isWord }
    }
  }
}
