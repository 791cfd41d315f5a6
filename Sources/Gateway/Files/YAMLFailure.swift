/// Where and why a YAML text cannot be parsed, in words for those who do not know libyaml.
struct YAMLFailure {
  /// Counted from 1; the column in characters.
  typealias Position = (line: Int, column: Int)

  /// What libyaml says: what it was at and since where, what it found wrong and where.
  let context: String
  let contextPosition: Position
  let problem: String
  let position: Position
  /// The last text in quotes before that.
  let quoted: (start: Position, end: Position)?
  /// The character at `position`; nil at the end.
  let character: Unicode.Scalar?

  /// Where to look, and what is wrong there.
  var told: (position: Position, problem: String) {
    if context.hasSuffix("a quoted scalar"), problem == "found unexpected end of stream" {
      return (contextPosition, "the quote that opens here is not closed")
    }
    if let quoted, quoted.end == position { return afterQuote(quoted) }
    if context.hasPrefix("while parsing a flow "), problem.hasPrefix("did not find expected ','") { return unclosed }
    if problem == "did not find expected <document start>" {
      return (position, "this is no YAML map of keys and values, as in \"receivers:\"")
    }
    if problem.contains("tab character") || (isUnexpectedCharacter && character == "\t") {
      return (position, "found a tab: YAML indents with spaces")
    }
    if isUnexpectedCharacter, let character {
      return (position, "a value cannot start with \"\(character)\": put it in quotes")
    }
    return (position, context.isEmpty ? problem : "\(context), \(problem)")
  }

  private var isUnexpectedCharacter: Bool { problem == "found character that cannot start any token" }

  /// A quote that was forgotten ends with the next one, and what stands there goes on as if it were not quoted.
  private func afterQuote(_ quoted: (start: Position, end: Position)) -> (Position, String) {
    if quoted.start.line == quoted.end.line {
      return (position, "found text after the quote that closes here: is a quote missing, or to be doubled?")
    }
    return (
      quoted.start,
      "the quote that opens here closes in line \(quoted.end.line), column \(quoted.end.column - 1): is one missing?"
    )
  }

  /// A bracket that lacks its counterpart, or a comma between what stands in it.
  private var unclosed: (Position, String) {
    let (open, close) = context.hasSuffix("mapping") ? ("{", "}") : ("[", "]")
    if contextPosition.line == position.line {
      return (position, "expected \",\" or \"\(close)\" for the \"\(open)\" in column \(contextPosition.column)")
    }
    return (
      contextPosition,
      "the \"\(open)\" that opens here is not closed: expected \",\" or \"\(close)\" "
        + "in line \(position.line), column \(position.column)"
    )
  }
}
