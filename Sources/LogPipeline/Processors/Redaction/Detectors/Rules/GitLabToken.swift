extension RuleDefinition {
  /// Tokens of GitLab.
  static let gitlabToken = RuleDefinition(
    id: "gitlab_token", packs: [.default, .secrets],
    triggers: [Trigger("gl[pdrc][atb]", anchor: 0) { $0.findGitLab($1, $2 &- 4) }])
}

extension MatchFinder {
  mutating func findGitLab(_ text: ScannedText, _ start: Int) {
    for prefix: StaticString in ["glpat-", "gldt-", "glrt-", "glcbt-"] where text.has(prefix, at: start) {
      noteToken(.gitlabToken, text, start, prefix: prefix.utf8CodeUnitCount, 20...(.max)) { $0.isBase64URL }
    }
  }
}
