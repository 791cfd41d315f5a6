import LogPipeline

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
    let given = has(key)
    let actions = sections(key, doc) { AttributeAction(read: $0) }
    if !given || actions.isEmpty { error(at: key, "at least one action is required") }
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
  let fallback: Constant?
  let pattern: Pattern?
  let convertedType: AttributeAction.ConvertedType?

  init(_ options: ConfigReader) {
    key = options.optional("key", .nonEmptyString, "The attribute that is acted upon.")
    kind = options.required("action", .action, "What is done.")
    value = options.constant("value", "The value to insert or update.")
    fromAttribute = options.optional("from_attribute", .nonEmptyString, "The attribute whose value is taken.")
    fallback = options.constant("default_value", "The value if there is no other.")
    pattern = options.pattern("pattern", "Finds keys to delete or hash, or named parts of the value to extract.")
    convertedType = options.optional(
      "converted_type", .choice(AttributeAction.ConvertedType.int), "What to convert to; bool is not in the Collector.")
    options.unsupported("from_context", because: "what a request says beside its records is not kept")
  }

  /// The options that are given but that only other actions use.
  func refuse(_ keys: String..., in options: ConfigReader) {
    for key in keys where options.has(key) {
      options.error(at: key, "the action \"\(kind.rawValue)\" does not use it")
    }
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
      given.refuse("value", "from_attribute", "default_value", "converted_type", in: options)
      if options.has("pattern") && given.pattern == nil { return nil }
      self =
        given.kind == .delete
        ? .delete(key: given.key, pattern: given.pattern) : .hash(key: given.key, pattern: given.pattern)
    case .extract: self.init(extracting: given, options)
    case .convert:
      given.refuse("value", "from_attribute", "default_value", "pattern", in: options)
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
    let source: ValueSource
    switch (given.value, given.fromAttribute, given.fallback) {
    case (.some, .some, _):
      options.error(at: "from_attribute", "only one of value and from_attribute may be given")
      return nil
    case (.some(let value), nil, _): source = .constant(value)
    case (nil, .some(let attribute), let fallback): source = .attribute(attribute, default: fallback)
    case (nil, nil, .some(let fallback)): source = .constant(fallback)
    case (nil, nil, nil):
      if !options.has("from_context") {
        options.report.error(
          at: options.place, path: options.path, "value, from_attribute or default_value: one is required")
      }
      return nil
    }
    switch given.kind {
    case .insert: self = .insert(key: key, source)
    case .update: self = .update(key: key, source)
    default: self = .upsert(key: key, source)
    }
  }

  private init?(extracting given: ActionOptions, _ options: ConfigReader) {
    given.refuse("value", "from_attribute", "default_value", "converted_type", in: options)
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
