extension RuleDefinition {
  /// Keys of OpenAI.
  static let openaiKey = RuleDefinition(
    id: "openai_key", packs: [.default, .secrets],
    triggers: [Trigger("sk-", anchor: 0) { $0.findOpenAI($1, $2 &- 3) }])
}

extension MatchFinder {
  /// `sk-` and a run that words in kebab case do not have: digits and capitals.
  mutating func findOpenAI(_ text: ScannedText, _ start: Int) {
    guard enabled(.openaiKey), text.startsToken(start), text[start &- 1] != 0x2D, text[start &- 1] != 0x5F else {
      return
    }
    var (hasDigit, hasUpper) = (false, false)
    let end = text.end(ofRunAt: start &+ 3) {
      if $0.isDigit { hasDigit = true }
      if $0.isUpper { hasUpper = true }
      return $0.isBase64URL
    }
    if end &- start >= 23 && hasDigit && hasUpper { note(.openaiKey, start..<end) }
  }
}
