extension RuleDefinition {
  /// Tokens and webhooks of Slack.
  static let slackToken = RuleDefinition(
    id: "slack_token", packs: [.default, .secrets],
    triggers: [
      Trigger("xox", anchor: 1) { $0.findSlack($1, $2 &- 3) },
      Trigger("ck.c", anchor: 1) { $0.findSlackHook($1, $2 &- 13) },
    ])
}

extension MatchFinder {
  mutating func findSlack(_ text: ScannedText, _ start: Int) {
    let kinds: StaticString = "abposr"
    guard text[start &+ 4] == 0x2D, (0..<6).contains(where: { kinds.utf8Start[$0] == text[start &+ 3] }) else { return }
    // A token begins with the number of its workspace or application.
    let end = text.end(ofRunAt: start &+ 5, limit: 16) { !$0.isDigit && $0.isAlphanumeric || $0 == 0x2D }
    guard text[end].isDigit else { return }
    noteToken(.slackToken, text, start, prefix: 5, 10...(.max)) { $0.isAlphanumeric || $0 == 0x2D }
  }

  /// An incoming webhook's address, whose path is the secret.
  mutating func findSlackHook(_ text: ScannedText, _ start: Int) {
    guard text.has("hooks.slack.com/services/T", at: start) else { return }
    let path = start &+ 25
    let end = text.end(ofRunAt: path) { $0.isWord || $0 == 0x2F }
    if end &- path > 8 { note(.slackToken, path..<end) }
  }
}
