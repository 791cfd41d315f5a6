extension RuleDefinition {
  /// Values of attributes and members whose key names a secret: it looks at keys, not at text.
  static let keyName = RuleDefinition(
    id: "key_name", packs: [.default, .secrets],
    triggers: [])
}
