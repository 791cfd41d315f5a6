extension RuleDefinition {
  /// Ids of the keys of Tencent Cloud.
  static let tencentSecretID = RuleDefinition(
    id: "tencent_secret_id", packs: [.default, .secrets],
    triggers: [.cloudKey])
}

extension MatchFinder {
  mutating func findTencentSecretID(_ text: ScannedText, _ start: Int) {
    if text.has("AKID", at: start) {
      noteToken(.tencentSecretID, text, start, prefix: 4, 32...32) { $0.isAlphanumeric }
    }
  }
}
