import Options

/// A grok expression: a regular expression in which `%{NAME}`, `%{NAME:field}` and `%{NAME:field:type}` stand for other
/// patterns, compiled for RE2.
struct GrokPattern: Sendable {
  /// Patterns in patterns, counted from the expression on.
  static let maxDepth = 16

  /// What a capture is turned into.
  enum Kind: Sendable {
    case text, int, double, bool

    init?(_ name: Substring) {
      switch name {
      case "", "string": self = .text
      case "int", "long": self = .int
      case "float", "double": self = .double
      case "bool", "boolean": self = .bool
      default: return nil
      }
    }
  }

  /// A group of the pattern and the field that it gives.
  struct Field: Sendable {
    let name: [UInt8]
    let kind: Kind
    let group: Int
  }

  let pattern: Pattern
  let fields: [Field]

  /// Compiles an expression; `definitions` are patterns of the user's own, as `NAME=pattern`.
  ///
  /// Captures without a field's name are kept unless `namedOnly`, and then only those of the expression itself.
  init(_ text: String, namedOnly: Bool, definitions: [String] = []) throws(TextFormatError) {
    var expansion = Expansion(namedOnly: namedOnly)
    for definition in definitions { try expansion.define(definition) }
    try expansion.expand(text, depth: 0)
    if namedOnly, expansion.captures.isEmpty { throw TextFormatError("names no field") }
    do {
      pattern = try Pattern(expansion.regex)
    } catch {
      throw TextFormatError(error.message)
    }
    let names = pattern.groupNames
    fields = expansion.captures.enumerated().compactMap { index, capture in
      names.firstIndex { $0 == "g\(index)" }.map { Field(name: capture.name, kind: capture.kind, group: $0 + 1) }
    }
  }

  /// An expression on its way to a regular expression.
  private struct Expansion {
    let namedOnly: Bool
    var own: [String: String] = [:]
    var regex = ""
    var captures: [(name: [UInt8], kind: Kind)] = []

    init(namedOnly: Bool) { self.namedOnly = namedOnly }

    mutating func define(_ definition: String) throws(TextFormatError) {
      guard let equals = definition.firstIndex(of: "=") else {
        throw TextFormatError("has a definition without =: NAME=pattern is expected")
      }
      let name = String(definition[..<equals])
      if name.isEmpty || name.contains(":") { throw TextFormatError("has a definition whose name is empty or holds :") }
      own[name] = String(definition[definition.index(after: equals)...])
    }

    mutating func expand(_ text: String, depth: Int) throws(TextFormatError) {
      if depth > GrokPattern.maxDepth {
        throw TextFormatError("nests patterns \(depth) deep: the limit is \(GrokPattern.maxDepth)")
      }
      var rest = Substring(text)
      while let start = rest.firstRange(of: "%{") {
        regex += rest[..<start.lowerBound]
        rest = rest[start.upperBound...]
        guard let end = rest.firstIndex(of: "}") else { throw TextFormatError("has a %{ without }") }
        try refer(rest[..<end], depth: depth)
        rest = rest[rest.index(after: end)...]
      }
      regex += rest
      if regex.utf8.count > Pattern.maxTextBytes {
        throw TextFormatError("has more than \(Pattern.maxTextBytes) bytes, with all that it names")
      }
    }

    private mutating func refer(_ reference: Substring, depth: Int) throws(TextFormatError) {
      let parts = reference.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      let name = String(parts[0])
      guard let definition = own[name] ?? GrokDefinitions.all[name] else {
        let known = GrokDefinitions.all.keys.sorted() + own.keys.sorted()
        throw TextFormatError(
          "names \(name.forDisplay(maxCharacters: 64)), which is no pattern\(suggestion(for: name, among: known)): "
            + "`sluice ottl functions --grok` lists all")
      }
      guard let kind = Kind(parts.count > 2 ? parts[2] : "") else {
        throw TextFormatError("names the type \(parts[2]): int, long, float, double, bool and string are known")
      }
      let field = parts.count > 1 ? String(parts[1]) : ""
      if !field.isEmpty || !namedOnly && depth == 0 {
        regex += "(?P<g\(captures.count)>"
        captures.append((Array((field.isEmpty ? name : field).utf8), kind))
      } else {
        regex += "(?:"
      }
      try expand(definition, depth: depth + 1)
      regex += ")"
    }
  }

  /// Adds the fields of a text; nothing if it does not match, false if a capture is not of its type.
  func read(_ text: UnsafeRawBufferPointer, into found: inout FoundFields) -> Bool {
    pattern.withCaptures(in: text) { captures in
      for field in fields {
        guard let range = captures[field.group] else { continue }
        guard let value = Self.value(of: text, range, field.kind) else { return false }
        let start = found.written.count
        found.written.append(field.name)
        found.add(found.piece(since: start), value)
      }
      return !found.isFull
    } ?? true
  }

  private static func value(of text: UnsafeRawBufferPointer, _ range: Range<Int>, _ kind: Kind) -> FoundFields.Value? {
    let part = text.part(range)
    switch kind {
    case .text: return .text(FoundFields.Piece(range))
    case .int: return GoNumber.int(part).map { .int($0) }
    case .double: return GoNumber.double(part).map { .double($0) }
    case .bool: return GoNumber.bool(part).map { .bool($0) }
    }
  }
}
