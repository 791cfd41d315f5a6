extension RuleDefinition {
  /// Keys of SendGrid.
  static let sendgrid = RuleDefinition(
    id: "sendgrid", packs: [.default, .secrets],
    triggers: [Trigger("SG.", anchor: 0) { $0.findSendGrid($1, $2 &- 3) }])
}

extension MatchFinder {
  mutating func findSendGrid(_ text: ScannedText, _ start: Int) {
    guard text.end(ofRunAt: start &+ 3, limit: 23, of: { $0.isBase64URL }) == start &+ 25 else { return }
    guard text[start &+ 25] == 0x2E else { return }
    noteToken(.sendgrid, text, start, prefix: 26, 43...43) { $0.isBase64URL }
  }
}
