import Options

/// The words of the option `action`.
private enum ActionKind: String, Sendable, CaseIterable {
  case insert, update, upsert, delete, hash, extract, convert
}

extension OptionType where Value == ActionKind {
  /// One of the actions, in lower or upper case.
  fileprivate static var action: OptionType {
    var type = OptionType.choice(ActionKind.insert)
    let parse = type.parse
    type.parse = { (text) throws(OptionMismatch) in try parse(text.lowercased()) }
    return type
  }
}

extension ConfigReader {
  /// The list of actions of the processors `attributes` and `resource`; each is checked as the Collector checks it.
  func actions(_ key: String, _ doc: String) -> [AttributeAction] {
    let actions = sections(key, doc) { AttributeAction(read: $0) }
    if isEmpty(key) { error(at: key, "at least one action is required") }
    return actions.compactMap(\.self)
  }

  /// A pattern in RE2's syntax; nil if none is given or it is refused, which is reported.
  func pattern(_ key: String, _ doc: String) -> Pattern? {
    optional(key, .string, doc).flatMap { compile($0, at: place(of: key), path: "\(path).\(key)") }
  }

  /// A pattern of which the text was read before.
  func compile(_ text: String, at place: ConfigPlace, path: String) -> Pattern? {
    do throws(PatternError) {
      return try Pattern(text)
    } catch {
      report.error(at: place, path: path, "the pattern \(error.message.forDisplay(maxCharacters: 200))")
      return nil
    }
  }
}

/// The options of one action, before it is known which of them it needs.
private struct ActionOptions {
  let kind: ActionKind
  let key: String?
  let value: Constant?
  let fromAttribute: String?
  let fromContext: AttributeAction.ContextSource?
  let fallback: Constant?
  let pattern: Pattern?
  let convertedType: AttributeAction.ConvertedType?

  init(_ options: ConfigReader) {
    key = options.optional("key", .nonEmptyString, "The attribute that is acted upon.")
    kind = options.required("action", .action, "What is done.")
    value = options.constant("value", "The value to insert or update.")
    fromAttribute = options.optional("from_attribute", .nonEmptyString, "The attribute whose value is taken.")
    fromContext = options.contextSource()
    fallback = options.constant("default_value", "The value if there is no other.")
    pattern = options.pattern("pattern", "Finds keys to delete or hash, or named parts of the value to extract.")
    convertedType = options.optional(
      "converted_type", .choice(AttributeAction.ConvertedType.int), "What to convert to; bool is not in the Collector.")
  }

  /// Where the value to set comes from; nil after an error.
  func source(_ options: ConfigReader) -> AttributeAction.ValueSource? {
    let sources = [
      ("value", value != nil), ("from_attribute", fromAttribute != nil), ("from_context", options.has("from_context")),
    ]
    let given = sources.filter(\.1).map(\.0)
    if given.count > 1 {
      options.error(at: given[1], "only one of value, from_attribute and from_context may be given")
      return nil
    }
    if let value { return .constant(value) }
    if let fromAttribute { return .attribute(fromAttribute, default: fallback) }
    if let fromContext { return .context(fromContext, default: fallback) }
    if let fallback, given.isEmpty { return .constant(fallback) }
    if given.isEmpty, ["value", "from_attribute", "default_value"].allSatisfy(options.isEmpty) {
      options.report.error(
        at: options.place, path: options.path,
        "value, from_attribute, from_context or default_value: one is required")
    }
    return nil
  }

  /// The options that are given but that only other actions use.
  func refuse(_ keys: String..., in options: ConfigReader) {
    for key in keys where options.has(key) {
      options.error(at: key, "the action \"\(kind.rawValue)\" does not use it")
    }
  }
}

extension ConfigReader {
  /// The option `from_context`, by the Collector's names; a name without a prefix is a header field's.
  fileprivate func contextSource() -> AttributeAction.ContextSource? {
    let doc =
      "What the request says: metadata. and a header field's name, auth. and a name of what authentication knows, or "
      + "client.address."
    guard let name = optional("from_context", .nonEmptyString, doc) else { return nil }
    if name == "client.address" { return .clientAddress }
    if name.hasPrefix("auth.") { return claimSource(name) }
    let field = name.hasPrefix("metadata.") ? String(name.dropFirst("metadata.".count)) : name
    if field.isEmpty { error(at: "from_context", "expected a header field's name after \"metadata.\"") }
    return field.isEmpty ? nil : .field(field)
  }

  private func claimSource(_ name: String) -> AttributeAction.ContextSource? {
    let claim = name.dropFirst(name.hasPrefix("auth.claims.") ? "auth.claims.".count : "auth.".count)
    if claim.isEmpty { error(at: "from_context", "expected a name after \"auth.\"") }
    if claim == "raw" { error(at: "from_context", "credentials are not given out") }
    if claim.isEmpty || claim == "raw" { return nil }
    ask(claim: String(claim), at: "from_context")
    return .claim(String(claim))
  }
}

extension AttributeAction {
  /// Reads one action; nil after an error.
  fileprivate init?(read options: ConfigReader) {
    let given = ActionOptions(options)
    if given.key == nil && !([.delete, .hash].contains(given.kind) && options.has("pattern")) {
      let needed = [.delete, .hash].contains(given.kind) ? "key or pattern: required" : "key: required"
      options.report.error(at: options.place, path: options.path, needed)
      return nil
    }
    switch given.kind {
    case .insert, .update, .upsert: self.init(setting: given, options)
    case .delete, .hash:
      given.refuse("value", "from_attribute", "from_context", "default_value", "converted_type", in: options)
      if options.has("pattern") && given.pattern == nil { return nil }
      self =
        given.kind == .delete
        ? .delete(key: given.key, pattern: given.pattern) : .hash(key: given.key, pattern: given.pattern)
    case .extract: self.init(extracting: given, options)
    case .convert:
      given.refuse("value", "from_attribute", "from_context", "default_value", "pattern", in: options)
      guard let key = given.key, let type = given.convertedType else {
        if !options.has("converted_type") { options.error(at: "converted_type", "required for \"convert\"") }
        return nil
      }
      self = .convert(key: key, to: type)
    }
  }

  private init?(setting given: ActionOptions, _ options: ConfigReader) {
    given.refuse("pattern", "converted_type", in: options)
    guard let key = given.key else { return nil }
    guard let source = given.source(options) else { return nil }
    switch given.kind {
    case .insert: self = .insert(key: key, source)
    case .update: self = .update(key: key, source)
    default: self = .upsert(key: key, source)
    }
  }

  private init?(extracting given: ActionOptions, _ options: ConfigReader) {
    given.refuse("value", "from_attribute", "from_context", "default_value", "converted_type", in: options)
    guard let key = given.key, let pattern = given.pattern else {
      if !options.has("pattern") { options.error(at: "pattern", "required for \"extract\"") }
      return nil
    }
    if pattern.groupNames.isEmpty || pattern.groupNames.contains(nil) {
      options.error(at: "pattern", "every group must have a name, as in (?P<name>…), and there must be one")
      return nil
    }
    self = .extract(key: key, pattern: pattern)
  }
}
