extension RuleDefinition {
  /// Access tokens of Google Cloud.
  static let gcpOAuth = RuleDefinition(
    id: "gcp_oauth", packs: [.default, .secrets],
    triggers: [Trigger("ya2", anchor: 0) { $0.findGCPOAuth($1, $2 &- 3) }])
}

extension MatchFinder {
  mutating func findGCPOAuth(_ text: ScannedText, _ start: Int) {
    if text.has("ya29.", at: start) {
      noteToken(.gcpOAuth, text, start, prefix: 5, 20...(.max)) { $0.isBase64URL || $0 == 0x2E }
    }
  }
}
