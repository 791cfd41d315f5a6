/// The options of a redaction processor, compiled once and shared by all event loops.
final class RedactionProgram: Sendable {
  let detectors: Detectors
  /// Built-in rules by raw value, then `Special` ones, then those of the configuration.
  let rules: [CompiledRule]
  /// Regular expressions with the index of their rule.
  let patterns: [(pattern: Pattern, rule: Int)]
  let options: RedactionOptions
  let keys: KeyList
  /// All of `patterns`, to tell in one pass that a text has none of them; nil if there are too few for it to pay.
  private let anyPattern: PatternSet?
  /// Whether there is anything that may change a value.
  let looksAtValues: Bool
  /// The rule of values that are secret because of what stands beside them in a list or map; nil if none such is on.
  let listRule: Int?
  /// The longest text that is examined, in bytes; 0 if the detectors cannot look for all that they should.
  let maxTextBytes: Int
  private let names: NameScan?
  private let judgesKeys: Bool

  /// Rules that are not detectors.
  enum Special: Int, CaseIterable {
    case blockedKey, blockedValue, notAllowed, unexaminable

    var index: Int { Rule.allCases.count + rawValue }

    fileprivate var id: String {
      switch self {
      case .blockedKey: "blocked_key_patterns"
      case .blockedValue: "blocked_values"
      case .notAllowed: "allowed_keys"
      case .unexaminable: "unexaminable"
      }
    }
  }

  /// The program for some options; with other detectors than theirs in a test.
  init(_ options: RedactionOptions, detectors given: Detectors? = nil) {
    self.options = options
    var enabled = options.detectors
    for rule in options.rules where rule.pattern == nil {
      if let builtIn = Rule(id: rule.id) { enabled.insert(builtIn) }
    }
    (rules, patterns) = Self.compile(options)
    detectors = given ?? Detectors(enabled, keyIDs: Set(rules.compactMap(\.keyID)).map { Array($0.utf8) })
    maxTextBytes = detectors.isComplete ? options.maxValueBytes : 0
    keys = KeyList(options)
    anyPattern = patterns.count > 1 ? PatternSet(patterns.map(\.pattern.text)) : nil
    looksAtValues = !enabled.isEmpty || !patterns.isEmpty || !options.blockedKeyPatterns.isEmpty
    judgesKeys = enabled.contains(.keyName)
    let rule: Rule? = judgesKeys ? .keyName : enabled.contains(.secretKV) ? .secretKV : nil
    listRule = rule.map { Int($0.rawValue) }
    names = rule == nil ? nil : NameScan()
  }

  private static func compile(_ options: RedactionOptions) -> ([CompiledRule], [(Pattern, Int)]) {
    var rules = Rule.allCases.map { rule in
      let given = options.rules.first { $0.pattern == nil && $0.id == rule.id }?.action
      let action = given ?? options.action ?? .mask(text: RedactionAction.defaultText, rule.defaultMask)
      return CompiledRule(id: rule.id, action: action)
    }
    let whole = RedactionAction.mask(text: RedactionAction.defaultText, .whole)
    for special in Special.allCases {
      let action: RedactionAction =
        switch special {
        case .blockedKey, .blockedValue: options.blockedAction
        case .notAllowed: .delete
        case .unexaminable: whole
        }
      rules.append(CompiledRule(id: special.id, action: action))
    }
    var patterns = options.blockedValues.map { ($0, Special.blockedValue.index) }
    for rule in options.rules {
      guard let pattern = rule.pattern else { continue }
      patterns.append((pattern, rules.count))
      rules.append(CompiledRule(id: rule.id, action: rule.action))
    }
    return (rules, patterns)
  }

  /// Whether one of the patterns may be in a text.
  @inline(__always)
  func mayHavePattern(_ text: UnsafeRawBufferPointer) -> Bool {
    guard let anyPattern else { return !patterns.isEmpty }
    return anyPattern.mayMatch(text)
  }

  /// What becomes of a value because of its key; `usesAllowList` says whether the key has to be an allowed one.
  @inline(__always)
  func judge(_ key: UnsafeRawBufferPointer, usesAllowList: Bool) -> KeyVerdict {
    if keys.hasRules {
      if keys.isIgnored(key) { return .ignored }
      if usesAllowList && !keys.isAllowed(key) { return .notAllowed }
      if keys.isBlocked(key) { return .secret(Special.blockedKey.index) }
    }
    guard judgesKeys, let names, names.mayName(key) else { return .examined }
    let (text, rule) = (ScannedText(key), Int(Rule.keyName.rawValue))
    if SensitiveName.matches(text, 0..<text.count) { return .secret(rule) }
    return DoubtfulName(text, 0..<text.count) == nil ? .examined : .doubtful(rule)
  }

  /// Whether a value looks like a secret, if its key is such as `pass`, which may mean one.
  func looksSecret(_ value: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer) -> Bool {
    let (name, text) = (ScannedText(key), ScannedText(value))
    return DoubtfulName(name, 0..<name.count)?.hides(text, 0..<text.count, isOfUser: false) ?? false
  }

  /// Whether a value is the name of a secret, as in `{"name": "DB_PASSWORD", "value": "…"}`.
  func namesSecret(_ value: UnsafeRawBufferPointer) -> Bool { ListedNames.mayBeName(value) && isSensitive(value) }

  /// Whether a value says of its siblings what its key may say: that they are, or that `value` is, a secret.
  func says(_ siblings: ListedNames.Siblings, _ value: UnsafeRawBufferPointer) -> Bool {
    switch siblings {
    case .free: false
    case .pointed: ListedNames.pointedName(value).map { isSensitive($0) } ?? false
    case .named: namesSecret(value)
    }
  }

  /// Whether a value is a flag such as `--password`, which says that the next of its list is a secret.
  func flagsSecret(_ value: UnsafeRawBufferPointer) -> Bool {
    ListedNames.flagName(value).map { isSensitive($0) } ?? false
  }

  /// Whether a key is that of a secret, if a rule is on that asks for it.
  @inline(__always)
  private func isSensitive(_ key: UnsafeRawBufferPointer) -> Bool {
    guard let names, names.mayName(key) else { return false }
    let text = ScannedText(key)
    return SensitiveName.matches(text, 0..<text.count)
  }
}
