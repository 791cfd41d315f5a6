extension RuleDefinition {
  /// API keys of Google Cloud.
  static let gcpAPIKey = RuleDefinition(
    id: "gcp_api_key", packs: [.default, .secrets],
    triggers: [.cloudKey])
}

extension MatchFinder {
  mutating func findGCPAPIKey(_ text: ScannedText, _ start: Int) {
    if text.has("AIza", at: start) { noteToken(.gcpAPIKey, text, start, prefix: 4, 35...35) { $0.isBase64URL } }
  }
}
