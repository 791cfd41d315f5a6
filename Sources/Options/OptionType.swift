/// The type of one option: how its text is read, how a value is written back, and what the reference calls it.
package struct OptionType<Value: Sendable>: Sendable {
  /// The word for the type in the reference, as in `duration`.
  package var name: String
  /// True if neither the text nor the value may ever be shown.
  package var isSecret: Bool
  /// Stands in for a value that could not be read, so that reading can go on to the next error.
  package var placeholder: Value
  /// Reads the text; throws what was expected.
  package var parse: @Sendable (String) throws(OptionMismatch) -> Value
  /// Writes a value so that it reads back as the same.
  package var show: @Sendable (Value) -> ConfigScalarText

  /// A type of its name and of how its values are read and written.
  package init(
    name: String, isSecret: Bool = false, placeholder: Value,
    parse: @escaping @Sendable (String) throws(OptionMismatch) -> Value,
    show: @escaping @Sendable (Value) -> ConfigScalarText
  ) {
    self.name = name
    self.isSecret = isSecret
    self.placeholder = placeholder
    self.parse = parse
    self.show = show
  }
}

/// What was expected of an option's text, for the message `expected …, found "…" (did you mean "…"?)`.
package struct OptionMismatch: Error, Sendable {
  /// What the text should have been, as in `a port from 0 to 65535`.
  package var expected: String
  /// A text that would be right and was probably meant.
  package var suggestion: String?
  /// True if the text may hold a secret and must not be repeated.
  package var hidesText = false

  /// A mismatch with what was expected.
  package init(_ expected: String, suggestion: String? = nil, hidesText: Bool = false) {
    self.expected = expected
    self.suggestion = suggestion
    self.hidesText = hidesText
  }
}

/// The text of a scalar as it is written into YAML: bare for numbers and words of the format, else quoted if needed.
package enum ConfigScalarText: Sendable, Hashable {
  case bare(String)
  case text(String)
}

extension OptionType where Value == String {
  /// Any text.
  package static var string: OptionType {
    OptionType(name: "string", placeholder: "", parse: parseAny, show: { .text($0) })
  }

  private static func parseAny(_ text: String) throws(OptionMismatch) -> String { text }

  /// Text that is not empty.
  package static var nonEmptyString: OptionType {
    OptionType(
      name: "string", placeholder: "",
      parse: { (text) throws(OptionMismatch) in
        if text.isEmpty { throw OptionMismatch("a text that is not empty") }
        return text
      }, show: { .text($0) })
  }

  /// An absolute URL path such as `/v1/logs`.
  package static var urlPath: OptionType {
    OptionType(
      name: "path", placeholder: "/",
      parse: { (text) throws(OptionMismatch) in
        guard text.utf8.first == UInt8(ascii: "/") else {
          throw OptionMismatch("a path that starts with \"/\"", suggestion: text.isEmpty ? nil : "/" + text)
        }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") })
        else { throw OptionMismatch("a path of visible ASCII characters without \"?\" and \"#\"") }
        return text
      }, show: { .text($0) })
  }

  /// One of a few words.
  package static func oneOf(_ words: [String]) -> OptionType {
    OptionType(
      name: words.map { $0.isEmpty ? "\"\"" : $0 }.joined(separator: " | "), placeholder: words.first ?? "",
      parse: { (text) throws(OptionMismatch) in
        if words.contains(text) { return text }
        throw OptionMismatch(alternatives(words), suggestion: nearest(to: text, among: words))
      }, show: { .text($0) })
  }
}

extension OptionType where Value == Secret {
  /// A text that is never shown.
  package static var secret: OptionType {
    OptionType(
      name: "secret", isSecret: true, placeholder: Secret(""),
      parse: { (text) throws(OptionMismatch) in Secret(text) }, show: { .text($0.isEmpty ? "" : Secret.redacted) })
  }
}

extension OptionType where Value == Bool {
  /// `true` or `false`; YAML 1.1's `yes`, `on`, `no` and `off` get a suggestion.
  package static var bool: OptionType {
    OptionType(
      name: "bool", placeholder: false,
      parse: { (text) throws(OptionMismatch) in
        switch text.lowercased() {
        case "true": return true
        case "false": return false
        case "yes", "on", "y", "1": throw OptionMismatch("true or false", suggestion: "true")
        case "no", "off", "n", "0": throw OptionMismatch("true or false", suggestion: "false")
        default: throw OptionMismatch("true or false")
        }
      }, show: { .bare($0 ? "true" : "false") })
  }
}

extension OptionType where Value == Int {
  /// A whole number in a range: decimal, `0x…` or `0o…`, with `_` between digits.
  package static func int(in range: ClosedRange<Int>) -> OptionType {
    let span = range.upperBound == .max ? "from \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
    return OptionType(
      name: "int \(span)", placeholder: range.lowerBound,
      parse: { (text) throws(OptionMismatch) in
        guard let value = parseInteger(text), range.contains(value) else {
          throw OptionMismatch("a whole number \(span)")
        }
        return value
      }, show: { .bare("\($0)") })
  }

  /// A number of bytes in a range, such as `64MiB`.
  package static func byteSize(in range: ClosedRange<Int>) -> OptionType {
    OptionType(
      name: "bytes", placeholder: range.lowerBound,
      parse: { (text) throws(OptionMismatch) in
        let value = try parseByteSize(text)
        guard range.contains(value) else {
          let (low, high) = (formatByteSize(range.lowerBound), formatByteSize(range.upperBound))
          throw OptionMismatch(range.upperBound == .max ? "a size from \(low)" : "a size from \(low) to \(high)")
        }
        return value
      }, show: { .bare(formatByteSize($0)) })
  }
}

extension OptionType where Value == Double {
  /// A finite number in a range.
  package static func double(in range: ClosedRange<Double>) -> OptionType {
    OptionType(
      name: "number", placeholder: range.lowerBound,
      parse: { (text) throws(OptionMismatch) in
        let isNumber = text.utf8.allSatisfy { $0.isASCIIDigit || "+-.eE".utf8.contains($0) }
        guard isNumber, let value = Double(text), value.isFinite, range.contains(value) else {
          throw OptionMismatch("a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
      }, show: { .bare("\($0)") })
  }
}

extension OptionType where Value == Duration {
  /// A time such as `1h30m` or `250ms`, in a range.
  package static func duration(in range: ClosedRange<Duration> = .zero ... .maxConfigured) -> OptionType {
    OptionType(
      name: "duration", placeholder: range.lowerBound,
      parse: { (text) throws(OptionMismatch) in
        let value = try parseDuration(text)
        guard range.contains(value) else {
          let (low, high) = (formatDuration(range.lowerBound), formatDuration(range.upperBound))
          let isOpen = range.upperBound == .maxConfigured
          throw OptionMismatch(isOpen ? "a duration from \(low)" : "a duration from \(low) to \(high)")
        }
        return value
      }, show: { .bare(formatDuration($0)) })
  }
}

extension OptionType where Value: CaseIterable & RawRepresentable, Value.RawValue == String {
  /// One of the cases of an enumeration, by raw value; `placeholder` is any of them. In any case if raw values are of
  /// small letters and `inAnyCase` says so.
  package static func choice(_ placeholder: Value, inAnyCase: Bool = false) -> OptionType {
    let words = Value.allCases.map(\.rawValue)
    return OptionType(
      name: words.joined(separator: " | "), placeholder: placeholder,
      parse: { (text) throws(OptionMismatch) in
        if let value = Value(rawValue: inAnyCase ? text.lowercased() : text) { return value }
        throw OptionMismatch(alternatives(words), suggestion: nearest(to: text, among: words))
      }, show: { .text($0.rawValue) })
  }
}

/// `"a", "b" or "c"`.
private func alternatives(_ words: [String]) -> String {
  let quoted = words.map { "\"\($0)\"" }
  guard let last = quoted.last, quoted.count > 1 else { return quoted.first ?? "nothing" }
  return quoted.dropLast().joined(separator: ", ") + " or " + last
}

/// A whole number in YAML's notations; nil if it is none or does not fit.
private func parseInteger(_ text: String) -> Int? {
  let digits = text.filter { $0 != "_" }
  guard text.utf8.first != UInt8(ascii: "_"), text.utf8.last != UInt8(ascii: "_") else { return nil }
  if digits.hasPrefix("0x") { return Int(unsigned(digits.dropFirst(2)), radix: 16) }
  if digits.hasPrefix("0o") { return Int(unsigned(digits.dropFirst(2)), radix: 8) }
  return Int(digits)
}

/// The digits, or nothing if they carry a sign.
private func unsigned(_ digits: Substring) -> Substring {
  digits.utf8.first.map { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") } == true ? "" : digits
}
