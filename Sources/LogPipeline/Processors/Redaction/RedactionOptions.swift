/// What a redaction processor looks for, where, and what becomes of it.
package struct RedactionOptions: Sendable {
  /// Whether attributes and body keys that `allowedKeys` does not have stay.
  package var allowAllKeys = false
  package var allowedKeys: [String] = []
  /// Keys whose values are not looked at.
  package var ignoredKeys: [String] = []
  package var ignoredKeyPatterns: [Pattern] = []
  /// Values of keys that these match are masked whole.
  package var blockedKeyPatterns: [Pattern] = []
  /// What these match in values is masked.
  package var blockedValues: [Pattern] = []
  /// A value that one of these matches is left alone.
  package var allowedValues: [Pattern] = []
  /// Whether numbers and booleans are looked at too, as text; a masked one becomes a string.
  package var redactAllTypes = false
  package var summary = Summary.silent
  /// The built-in rules that are on.
  package var detectors = RuleSet()
  /// What becomes of matches of rules that `rules` says nothing of; nil to mask as each rule does by default.
  package var action: RedactionAction?
  /// What becomes of what `blockedKeyPatterns` and `blockedValues` match.
  package var blockedAction = RedactionAction.mask(text: RedactionAction.defaultText, .whole)
  /// Actions of built-in rules, and rules of the configuration.
  package var rules: [RuleOptions] = []
  /// Longer values are masked unread, in bytes.
  package var maxValueBytes = 4 << 20
  /// Records of which one of these holds are left alone.
  var skipConditions: CompiledConditions?

  package init() {}

  /// What is added to the attributes of a record, scope or resource that was redacted.
  package enum Summary: String, Sendable, CaseIterable {
    /// The keys and how many they are.
    case debug
    /// How many keys.
    case info
    case silent
  }

  /// One entry of `rules`.
  package struct RuleOptions: Sendable {
    package var id: String
    /// What to look for; nil if `id` names a built-in rule.
    package var pattern: Pattern?
    package var action: RedactionAction

    package init(id: String, pattern: Pattern?, action: RedactionAction) {
      self.id = id
      self.pattern = pattern
      self.action = action
    }
  }
}
