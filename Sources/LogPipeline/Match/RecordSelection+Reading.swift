// decision: docs/decisions/0210-two-matchers.md

import Options

/// What a processor calls the options of a match, which differ in name only.
struct MatchKeys {
  let bodies: String
  let severityTexts: String
  let severityNumber: String
  let attributes: String
  let resources: String
  /// Nil if scopes cannot be matched.
  let libraries: String?

  static let attributesProcessor = MatchKeys(
    bodies: "log_bodies", severityTexts: "log_severity_texts", severityNumber: "log_severity_number",
    attributes: "attributes", resources: "resources", libraries: "libraries")
  static let filterProcessor = MatchKeys(
    bodies: "bodies", severityTexts: "severity_texts", severityNumber: "severity_number",
    attributes: "record_attributes", resources: "resource_attributes", libraries: nil)
  static let routingConnector = MatchKeys(
    bodies: "bodies", severityTexts: "severity_texts", severityNumber: "severity_number",
    attributes: "attributes", resources: "resources", libraries: "libraries")
}

extension ConfigReader {
  /// The sections `include` and `exclude`.
  func selection(_ keys: MatchKeys) -> RecordSelection {
    let include = optionalSection("include", "Only records that match all of this.") { $0.matcher(keys) }
    let exclude = optionalSection("exclude", "No records that match all of this.") { $0.matcher(keys) }
    return RecordSelection(include: include ?? nil, exclude: exclude ?? nil)
  }

  /// One match; nil if it asks for nothing.
  private func matcher(_ keys: MatchKeys) -> RecordMatcher? {
    let conditions = conditions(keys, matchType())
    return conditions.isEmpty ? nil : RecordMatcher(conditions)
  }

  /// How the texts of a match are read.
  func matchType() -> MatchType {
    required("match_type", .choice(MatchType.strict), "Whether texts are compared or are RE2 patterns.")
  }

  /// What a match asks of records.
  func conditions(_ keys: MatchKeys, _ type: MatchType) -> [RecordMatcher.Condition] {
    _ = optionalSection("regexp", "Of no effect: matching needs no cache.") { options in
      _ = options.optional("cacheenabled", .bool, "Of no effect.")
      _ = options.optional("cachemaxnumentries", .int(in: 0 ... .max), "Of no effect.")
    }
    var conditions: [RecordMatcher.Condition] = []
    if let bodies = texts(keys.bodies, type, "The text of the body is one of these.") {
      conditions.append(.body(bodies))
    }
    if let texts = texts(keys.severityTexts, type, "The severity's text is one of these.") {
      conditions.append(.severityText(texts))
    }
    if let severity = severity(keys.severityNumber) { conditions.append(severity) }
    conditions += attributes(keys.attributes, type, "The record has all of these attributes.").map { .attribute($0) }
    conditions += attributes(keys.resources, type, "The resource has all of these attributes.")
      .map { .resourceAttribute($0) }
    if let key = keys.libraries {
      let scopes = libraries(key, type)
      if !scopes.isEmpty { conditions.append(.scope(scopes)) }
    }
    unsupported("services", "span_names", "span_kinds", "metric_names", because: "this gateway handles logs only")
    return conditions
  }

  /// Texts or patterns; nil if there are none.
  func texts(_ key: String, _ type: MatchType, _ doc: String) -> TextMatcher? {
    let texts = placedList(key, of: .string, doc)
    if texts.isEmpty { return nil }
    switch type {
    case .strict: return .strict(texts.map { Array($0.value.utf8) })
    case .regexp: return .patterns(texts.compactMap { compile($0.value, at: $0.place, path: "\(path).\(key)") })
    }
  }

  private func text(_ text: String, _ key: String, _ type: MatchType) -> TextMatcher? {
    switch type {
    case .strict: .strict([Array(text.utf8)])
    case .regexp: compile(text, at: place(of: key), path: "\(path).\(key)").map { .patterns([$0]) }
    }
  }

  private func severity(_ key: String) -> RecordMatcher.Condition? {
    optionalSection(key, "The severity's number is in a range.") { options in
      let minimum = options.read("min", .severity, default: 0, "The lowest that matches, as in INFO or 9.")
      let undefined = options.read("match_undefined", .bool, default: false, "Whether records without one match.")
      return .severityNumber(minimum: Int32(truncatingIfNeeded: minimum), matchUndefined: undefined)
    }
  }

  private func attributes(_ key: String, _ type: MatchType, _ doc: String) -> [AttributeMatcher] {
    sections(key, doc) { options -> AttributeMatcher? in
      // The Collector reads keys in any case, and its documentation writes these two both ways.
      let keyName = options.has("Key") ? "Key" : "key"
      let valueName = options.has("Value") ? "Value" : "value"
      let key = options.required(keyName, .nonEmptyString, "The attribute's key.")
      let value = options.constant(valueName, "Its value; without it, or with null, any.")
      guard let value else { return AttributeMatcher(key: key, .any) }
      switch (type, value) {
      case (.strict, let value): return AttributeMatcher(key: key, .equal(value))
      case (.regexp, .string(let pattern)):
        return options.text(pattern, valueName, .regexp).map { AttributeMatcher(key: key, .text($0)) }
      case (.regexp, _):
        options.error(at: valueName, "match_type regexp takes text only; put it in quotes")
        return nil
      }
    }.compactMap(\.self)
  }

  private func libraries(_ key: String, _ type: MatchType) -> [ScopeMatcher] {
    sections(key, "The instrumentation scope is one of these.") { options -> ScopeMatcher? in
      let name = options.required("name", .string, "Its name.")
      let version = options.optional("version", .string, "Its version; without it any, empty for none.")
      guard let name = options.text(name, "name", type) else { return nil }
      return ScopeMatcher(name: name, version: version.flatMap { options.text($0, "version", type) })
    }.compactMap(\.self)
  }
}

extension OptionType where Value == Int {
  private static var severityNames: [String] { ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"] }

  /// A severity by its number, 0 to 24, or by its short name, as in `WARN` or `error2`; nothing is 0.
  static var severity: OptionType {
    OptionType(
      name: "severity", placeholder: 0,
      parse: { (text) throws(OptionMismatch) in
        if text.isEmpty { return 0 }
        if let number = Int(text), (0...24).contains(number) { return number }
        for (level, name) in severityNames.enumerated() {
          for step in 0..<4 where text.uppercased() == (step == 0 ? name : "\(name)\(step + 1)") {
            return level * 4 + step + 1
          }
        }
        throw OptionMismatch(
          "a severity as in INFO, ERROR2 or 9", suggestion: nearest(to: text.uppercased(), among: severityNames))
      }, show: { .bare("\($0)") })
  }
}
