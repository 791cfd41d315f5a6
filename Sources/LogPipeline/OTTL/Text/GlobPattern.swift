/// Patterns of file names for whole texts: `*` any characters, `?` one, `[a-z]` and `[!a-z]` one of some, `{a,b}` one
/// of several patterns, `\` before a character that is meant as it is.
struct GlobPattern: Sendable {
  /// Levels of `{}` in each other.
  static let maxDepth = 16

  private let pattern: Pattern

  /// Throws for a pattern that has no end or is too large.
  init(_ text: String) throws(TextFormatError) {
    var translation = Translation(rest: Array(text.unicodeScalars)[...])
    try translation.run()
    do {
      pattern = try Pattern("(?s)\\A(?:" + translation.regex + ")\\z")
    } catch {
      throw TextFormatError(error.message)
    }
  }

  func matches(_ text: UnsafeRawBufferPointer) -> Bool { pattern.matches(text) }

  /// A glob on its way to a regular expression, which is matched in time linear in the text.
  private struct Translation {
    var rest: ArraySlice<Unicode.Scalar>
    var regex = ""
    var depth = 0

    mutating func run() throws(TextFormatError) {
      while let next = rest.popFirst() { try take(next) }
      if depth > 0 { throw TextFormatError("has a { without }") }
    }

    private mutating func take(_ next: Unicode.Scalar) throws(TextFormatError) {
      switch next {
      case "*": regex += ".*"
      case "?": regex += "."
      case "[": try takeClass()
      case "{":
        depth += 1
        if depth > GlobPattern.maxDepth {
          throw TextFormatError("nests {} \(depth) levels deep: the limit is \(GlobPattern.maxDepth)")
        }
        regex += "(?:"
      case "}" where depth > 0:
        depth -= 1
        regex += ")"
      case "," where depth > 0: regex += "|"
      case "\\":
        guard let escaped = rest.popFirst() else { throw TextFormatError("ends with a \\") }
        regex += GlobPattern.quoted(escaped)
      default: regex += GlobPattern.quoted(next)
      }
    }

    private mutating func takeClass() throws(TextFormatError) {
      guard let end = rest.firstIndex(of: "]") else { throw TextFormatError("has a [ without ]") }
      var members = rest[..<end]
      rest = rest[(end + 1)...]
      let isNegated = members.first == "!" || members.first == "^"
      if isNegated { members = members.dropFirst() }
      if members.isEmpty { throw TextFormatError("has a [] without characters") }
      regex += isNegated ? "[^" : "["
      for (index, member) in zip(members.indices, members) {
        // A hyphen between two characters is a range.
        let isRange = member == "-" && index > members.startIndex && index + 1 < members.endIndex
        regex += isRange ? "-" : GlobPattern.quoted(member)
      }
      regex += "]"
    }
  }

  /// A character as a regular expression that stands for it.
  private static func quoted(_ scalar: Unicode.Scalar) -> String {
    let isPlain = !scalar.isASCII || UInt8(ascii: scalar).isWord || scalar == " " || scalar == "/"
    return isPlain ? String(scalar) : "\\x{" + String(scalar.value, radix: 16) + "}"
  }
}
