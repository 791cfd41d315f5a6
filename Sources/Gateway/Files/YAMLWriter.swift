package import Options

/// Writes what was read from a configuration back as YAML, defaults included and secrets redacted.
package struct YAMLWriter {
  /// What to write besides the values.
  package enum Style: Sendable {
    /// Only keys and values, as in `print-config`.
    case values
    /// Also each option's sentence and type, and options without a value as comments, as in the reference file.
    case documented
  }

  private let style: Style
  private var text = ""
  /// Where `#` stands on the lines of a section that is not given; nil outside of one.
  private var commentIndent: Int?

  /// The YAML of a section's options.
  package static func write(_ records: [OptionRecord], style: Style = .values) -> String {
    var writer = YAMLWriter(style: style)
    writer.write(records, indent: 0)
    return writer.text
  }

  private init(style: Style) { self.style = style }

  private mutating func write(_ records: [OptionRecord], indent: Int) {
    for record in records {
      if style == .documented { writeDoc(record, indent: indent) }
      let key = Self.quoted(record.key, isKey: true)
      switch record.value {
      case .absent:
        if style == .documented { writeTemplate("\(key):", record.template, indent: indent) }
      case .scalar(let scalar): line("\(key): \(Self.scalar(scalar))", indent)
      case .list(let items):
        write(items, key: key, indent: indent)
        if style == .documented && !record.template.isEmpty {
          writeTemplate("-", record.template, indent: indent)
        }
      case .section(let children):
        line(children.contains { $0.isWritten } ? "\(key):" : "\(key): {}", indent)
        write(children, indent: indent + 2)
      }
    }
  }

  /// Writes `head` and below it the options of a section that is not given, all as comments.
  private mutating func writeTemplate(_ head: String, _ template: [OptionRecord], indent: Int) {
    let isOutermost = commentIndent == nil
    if isOutermost { commentIndent = indent }
    line(head, indent)
    write(template, indent: indent + 2)
    if isOutermost { commentIndent = nil }
  }

  private mutating func write(_ items: [OptionValue], key: String, indent: Int) {
    let scalars = items.compactMap { item in
      if case .scalar(let scalar) = item { Self.scalar(scalar) } else { nil }
    }
    if scalars.count == items.count {
      line("\(key): [\(scalars.joined(separator: ", "))]", indent)
      return
    }
    line("\(key):", indent)
    for item in items {
      guard case .section(let children) = item else { continue }
      let start = text.endIndex
      write(children, indent: indent + 4)
      markItem(from: start, indent: indent + 2)
    }
  }

  /// Turns the lines from `start` into one list item by a dash on a line of its own before them.
  private mutating func markItem(from start: String.Index, indent: Int) {
    let isEmpty = start == text.endIndex
    text.insert(contentsOf: String(repeating: " ", count: indent) + (isEmpty ? "- {}\n" : "-\n"), at: start)
  }

  private mutating func writeDoc(_ record: OptionRecord, indent: Int) {
    let type = record.type.isEmpty ? "" : " (\(record.type)\(record.isRequired ? ", required" : ""))"
    if !record.doc.isEmpty || !type.isEmpty { line("# \(record.doc)\(type)", indent) }
  }

  private mutating func line(_ content: String, _ indent: Int) {
    let before = String(repeating: " ", count: commentIndent ?? indent)
    let after = commentIndent.map { "# " + String(repeating: " ", count: max(0, indent - $0)) } ?? ""
    text += before + after + content + "\n"
  }

  private static func scalar(_ scalar: ConfigScalarText) -> String {
    switch scalar {
    case .bare(let text): text
    case .text(let text): quoted(text)
    }
  }

  /// The text bare if YAML reads it back as the same text, else in double quotes; `$` is doubled except in keys, which
  /// know no substitution.
  private static func quoted(_ text: String, isKey: Bool = false) -> String {
    let parts = text.split(separator: "$", omittingEmptySubsequences: false)
    let text = isKey ? text : parts.joined(separator: "$$")
    return isPlain(text) ? text : "\"\(escaped(text))\""
  }

  /// Letters, digits and a few signs that mean nothing to YAML, and no word or number that YAML 1.1 reads otherwise.
  private static func isPlain(_ text: String) -> Bool {
    guard let first = text.utf8.first, first.isASCIILetter || first == UInt8(ascii: "/") else { return false }
    let words = ["true", "false", "yes", "no", "on", "off", "y", "n", "null"]
    return text.utf8.allSatisfy { $0.isASCIILetterOrDigit || "_-./".utf8.contains($0) }
      && !words.contains(text.lowercased())
  }

  private static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": escaped += "\\\""
      case "\\": escaped += "\\\\"
      case "\n": escaped += "\\n"
      case "\t": escaped += "\\t"
      case "\r": escaped += "\\r"
      default:
        if needsEscape(scalar) {
          let digits = String(scalar.value, radix: 16)
          escaped += "\\U" + String(repeating: "0", count: max(0, 8 - digits.utf8.count)) + digits
        } else {
          escaped.unicodeScalars.append(scalar)
        }
      }
    }
    return escaped
  }

  /// Characters that YAML 1.1 section 4.1 does not take as they are, or that a reader could not see.
  private static func needsEscape(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: true
    default: false
    }
  }
}

extension OptionRecord {
  /// True if the option puts a key into the YAML, not only a comment.
  fileprivate var isWritten: Bool {
    if case .absent = value { false } else { true }
  }
}
