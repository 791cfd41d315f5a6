package import Options

extension RedactionOptions: ProcessorOptions {
  package static let doc = "Masks what is sensitive."

  package init(_ options: ConfigReader) {
    self.init()
    let named = options.placedList(
      "detectors", of: .oneOf(RuleSet.packNames + Rule.allCases.map(\.id)),
      "Packs of built-in rules, and single ones by id; not in the Collector.")
    for (name, _) in named {
      if let pack = RuleSet.pack(name) { detectors.formUnion(pack) }
      if let rule = Rule(id: name) { detectors.insert(rule) }
    }
    readKeys(options)
    readValues(options)
    let digest = Self.readDigest(options)
    if let bare = digest.collectorAction {
      blockedAction = bare
      action = digest.action
    }
    rules = options.sections("rules", "Actions of built-in rules, and rules of your own.") {
      Self.readRule($0, digest)
    }
    let given = options.has("detectors") || options.has("rules")
    if given && !options.has("allow_all_keys") && !options.has("allowed_keys") { allowAllKeys = true }
    summary = Self.readSummary(options)
    let skipped = options.texts("skip_conditions", "Records of which one is true are left alone.")
    let limits = options.ottlLimits()
    skipConditions = options.compiled(skipped, in: .log, errorMode: .ignore).flatMap {
      $0.tallies.isEmpty ? nil : $0.within(limits)
    }
    options.unsupported("url_sanitizer", "db_sanitizer", because: "it has no sanitizers of URLs or queries")
  }

  package func makeProcessor(id: String) -> (any Processor)? { RedactionProcessor(id: id, self) }

  private mutating func readKeys(_ options: ConfigReader) {
    allowAllKeys = options.read(
      "allow_all_keys", .bool, default: false,
      "Whether keys outside allowed_keys stay; also true if detectors or rules are given and no allowed_keys.")
    allowedKeys = options.list("allowed_keys", of: .string, "The keys that stay.")
    ignoredKeys = options.list("ignored_keys", of: .string, "Keys that stay and are not looked at.")
    ignoredKeyPatterns = options.patterns("ignored_key_patterns", "Patterns of such keys.")
    blockedKeyPatterns = options.patterns("blocked_key_patterns", "Keys whose values are masked whole.")
  }

  private mutating func readValues(_ options: ConfigReader) {
    blockedValues = options.patterns("blocked_values", "What is masked in values.")
    allowedValues = options.patterns("allowed_values", "Values that are left alone.")
    redactAllTypes = options.read(
      "redact_all_types", .bool, default: false, "Whether numbers and booleans are looked at, as text.")
    maxValueBytes = options.read(
      "max_value_size", .byteSize(in: 1...(1 << 30)), default: maxValueBytes,
      "Longer values are masked unread; not in the Collector.")
  }

  /// `silent` unless given; the Collector's empty text means the same.
  private static func readSummary(_ options: ConfigReader) -> Summary {
    let word = options.read(
      "summary", .oneOf(["silent", "info", "debug", ""]), default: "silent",
      "Whether redacted keys are counted (info) and named (debug) in attributes.")
    return Summary(rawValue: word) ?? .silent
  }
}

/// Digests.
extension RedactionOptions {
  /// What `hash_function` and the keys say.
  private struct Digest {
    var function: HashFunction?
    var key: HMACKey?
    var isKeyed = false

    /// The action of blocked keys and values, bare as the Collector writes it.
    var collectorAction: RedactionAction? { action(isLabelled: false) }
    /// The action of other rules; nil to mask.
    var action: RedactionAction? { action(isLabelled: true) }

    private func action(isLabelled: Bool) -> RedactionAction? {
      if isKeyed { return key.map { .hmac($0, isLabelled: isLabelled) } }
      return function.map { .hash($0, isLabelled: isLabelled) }
    }
  }

  private static func readDigest(_ options: ConfigReader) -> Digest {
    let name = options.read(
      "hash_function", .oneOf(["", "sha256", "sha1", "md5", "sha3", "hmac-sha256", "hmac-sha512"]), default: "",
      "Hashes instead of masking; an hmac needs hmac_key.")
    let secret = options.optional(
      "hmac_key", .secret, "The key of an hmac hash_function and of the action hmac, 32 bytes or more.")
    let id = options.read(
      "hmac_key_id", .nonEmptyString, default: "1",
      "Stands in the digests of hmac, to change keys; not in the Collector.")
    let keyed = HMACKey.Function(rawValue: name)
    var digest = Digest(function: HashFunction(rawValue: name), isKeyed: keyed != nil)
    options.checkHash(isAvailable: digest.function?.isAvailable ?? keyed?.isAvailable ?? true, name)
    if let secret {
      let key = Array(secret.reveal().utf8)
      if key.count < 32 { options.error(at: "hmac_key", "has \(key.count) bytes, 32 or more are needed") }
      digest.key = HMACKey(id: id, key: key, function: keyed ?? .sha256)
    } else if digest.isKeyed {
      options.error(at: "hash_function", "\(name) needs hmac_key")
    }
    return digest
  }
}

/// Rules.
extension RedactionOptions {
  private static func readRule(_ options: ConfigReader, _ digest: Digest) -> RuleOptions {
    let id = options.required("id", .nonEmptyString, "The id of a built-in rule, or a new one with a pattern.")
    let pattern = options.optional("pattern", .string, "What to look for, in RE2's syntax.")
      .flatMap { options.compiled($0, at: options.place(of: "pattern"), "pattern") }
    let builtIn = Rule(id: id)
    if !options.has("pattern") && builtIn == nil { options.error(at: "id", "not a built-in rule: give a pattern") }
    if pattern != nil && builtIn != nil { options.error(at: "pattern", "the built-in rule \(id) has its own detector") }
    let kind = options.read(
      "action", .oneOf(["mask", "hash", "hmac", "delete"]), default: "mask", "What becomes of a match.")
    let text = options.read("mask", .string, default: RedactionAction.defaultText, "What stands for what is hidden.")
    let first = options.optional("keep_first", .int(in: 0...64), "Characters at the start that stay.")
    let last = options.optional("keep_last", .int(in: 0...64), "Characters at the end that stay.")
    if kind != "mask" && (first != nil || last != nil) {
      options.error(at: "action", "\(kind) keeps nothing of a match")
    }
    if kind == "hmac" && digest.key == nil { options.error(at: "action", "hmac needs hmac_key") }
    var mask = builtIn?.defaultMask ?? .whole
    if first != nil || last != nil { mask = .keep(first: first ?? 0, last: last ?? 0) }
    let action: RedactionAction =
      switch kind {
      case "hash": .hash(digest.function ?? .sha256, isLabelled: true)
      case "hmac": digest.key.map { .hmac($0, isLabelled: true) } ?? .mask(text: text, .whole)
      case "delete": .delete
      default: .mask(text: text, mask)
      }
    return RuleOptions(id: id, pattern: pattern, action: action)
  }
}

extension ConfigReader {
  /// A list of patterns.
  fileprivate func patterns(_ key: String, _ doc: String) -> [Pattern] {
    placedList(key, of: .string, doc).compactMap { compiled($0.value, at: $0.place, key) }
  }

  fileprivate func compiled(_ text: String, at place: ConfigPlace, _ key: String) -> Pattern? {
    do throws(PatternError) {
      return try Pattern(text)
    } catch {
      report.error(at: place, path: "\(path).\(key)", "the pattern \(error.message)")
      return nil
    }
  }
}
