extension RuleDefinition {
  /// Keys of Stripe.
  static let stripeKey = RuleDefinition(
    id: "stripe_key", packs: [.default, .secrets],
    triggers: [Trigger("[rs]k_[lt]", anchor: 1) { $0.findStripe($1, $2 &- 4) }])
}

extension MatchFinder {
  mutating func findStripe(_ text: ScannedText, _ start: Int) {
    guard text.has("live_", at: start &+ 3) || text.has("test_", at: start &+ 3) else { return }
    noteToken(.stripeKey, text, start, prefix: 8, 16...(.max)) { $0.isWord }
  }
}
