/// The options of a redaction processor, compiled once and shared by all event loops.
final class RedactionProgram: Sendable {
  let detectors: Detectors
  /// Built-in rules by raw value, then `Special` ones, then those of the configuration.
  let rules: [CompiledRule]
  /// Regular expressions with the index of their rule.
  let patterns: [(pattern: Pattern, rule: Int)]
  let options: RedactionOptions
  let keys: KeyList
  /// Whether there is anything that may change a value.
  let looksAtValues: Bool
  private let names: NameScan?

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

  init(_ options: RedactionOptions) {
    self.options = options
    var enabled = options.detectors
    for rule in options.rules where rule.pattern == nil {
      if let builtIn = Rule(id: rule.id) { enabled.insert(builtIn) }
    }
    detectors = Detectors(enabled)
    (rules, patterns) = Self.compile(options)
    keys = KeyList(options)
    looksAtValues = !enabled.isEmpty || !patterns.isEmpty || !options.blockedKeyPatterns.isEmpty
    names = enabled.contains(.keyName) ? NameScan() : nil
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

  /// Whether the key-name rule is on and takes this key for a secret's.
  @inline(__always)
  func isSensitive(_ key: UnsafeRawBufferPointer) -> Bool {
    guard let names, names.mayName(key) else { return false }
    let text = ScannedText(key)
    return SensitiveName.matches(text, 0..<text.count)
  }
}

/// The keys that stay, and the keys that are not looked at.
struct KeyList: Sendable {
  private let allowsAll: Bool
  private let allowed: Set<[UInt8]>
  private let ignored: Set<[UInt8]>
  private let ignoredPatterns: [Pattern]
  private let blockedPatterns: [Pattern]
  /// False if every key stays and is looked at.
  let hasRules: Bool

  init(_ options: RedactionOptions) {
    allowsAll = options.allowAllKeys
    allowed = Set(options.allowedKeys.map { Array($0.utf8) } + RedactionSummary.allKeys.map { Array($0.utf8) })
    ignored = Set(options.ignoredKeys.map { Array($0.utf8) })
    ignoredPatterns = options.ignoredKeyPatterns
    blockedPatterns = options.blockedKeyPatterns
    hasRules = !allowsAll || !ignored.isEmpty || !ignoredPatterns.isEmpty || !blockedPatterns.isEmpty
  }

  func isIgnored(_ key: UnsafeRawBufferPointer) -> Bool {
    (!ignored.isEmpty && ignored.contains(Array(key))) || ignoredPatterns.contains { $0.matches(key) }
  }

  func isAllowed(_ key: UnsafeRawBufferPointer) -> Bool { allowsAll || allowed.contains(Array(key)) }

  func isBlocked(_ key: UnsafeRawBufferPointer) -> Bool { blockedPatterns.contains { $0.matches(key) } }
}
