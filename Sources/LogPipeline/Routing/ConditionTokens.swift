import Options

/// One word, sign or text of an OTTL condition.
enum ConditionToken: Equatable {
  /// Letters, digits, `_` and `.`, as in `resource.attributes`.
  case name(String)
  case text(String)
  case number(Int64)
  /// `==`, `!=`, `<`, `<=`, `>`, `>=`, or one of `()[],`.
  case sign(String)
}

/// What a condition has that is not understood.
struct ConditionError: Error {
  var message: String

  init(_ message: String) { self.message = message }

  /// Something of OTTL that has no counterpart here.
  static func unsupported(_ what: String) -> ConditionError {
    ConditionError("\(what.forDisplay(maxCharacters: 64)) is not yet supported in conditions")
  }
}

extension ConditionToken: CustomStringConvertible {
  var description: String {
    switch self {
    case .name(let name): name
    case .text(let text): "\"\(text)\""
    case .number(let number): "\(number)"
    case .sign(let sign): sign
    }
  }

  /// The tokens of a condition.
  static func tokens(of condition: String) throws(ConditionError) -> [ConditionToken] {
    var rest = Array(condition.unicodeScalars)[...]
    var tokens: [ConditionToken] = []
    while let first = rest.first {
      switch first {
      case " ", "\t", "\n", "\r": rest.removeFirst()
      case "\"": tokens.append(.text(try text(&rest)))
      case "(", ")", "[", "]", ",": tokens.append(.sign(String(rest.removeFirst())))
      case "=", "!", "<", ">": tokens.append(.sign(comparison(&rest)))
      case "0"..."9", "-": tokens.append(.number(try number(&rest)))
      case _ where isName(first): tokens.append(.name(take(&rest, while: isName)))
      default: throw .unsupported("\"\(first)\"")
      }
    }
    return tokens
  }

  private static func isName(_ scalar: Unicode.Scalar) -> Bool {
    scalar.isASCII
      && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || "_.".unicodeScalars.contains(scalar))
  }

  private static func take(
    _ rest: inout ArraySlice<Unicode.Scalar>, while isWanted: (Unicode.Scalar) -> Bool
  ) -> String {
    let taken = rest.prefix(while: isWanted)
    rest.removeFirst(taken.count)
    return String(String.UnicodeScalarView(taken))
  }

  private static func comparison(_ rest: inout ArraySlice<Unicode.Scalar>) -> String {
    var sign = String(rest.removeFirst())
    if rest.first == "=" { sign.unicodeScalars.append(rest.removeFirst()) }
    return sign
  }

  private static func number(_ rest: inout ArraySlice<Unicode.Scalar>) throws(ConditionError) -> Int64 {
    let digits = take(&rest) { ("0"..."9").contains($0) || "-+.eExX".unicodeScalars.contains($0) }
    guard let number = Int64(digits) else { throw .unsupported("the number \(digits)") }
    return number
  }

  /// A text in double quotes, in which `\` stands before `"`, `\`, `n`, `r` and `t`.
  private static func text(_ rest: inout ArraySlice<Unicode.Scalar>) throws(ConditionError) -> String {
    rest.removeFirst()
    var text = String.UnicodeScalarView()
    while let next = rest.popFirst() {
      if next == "\"" { return String(text) }
      if next != "\\" {
        text.append(next)
        continue
      }
      switch rest.popFirst() {
      case "\""?: text.append("\"")
      case "\\"?: text.append("\\")
      case "n"?: text.append("\n")
      case "r"?: text.append("\r")
      case "t"?: text.append("\t")
      case let other?: throw .unsupported("the escape \\\(other)")
      case nil: break
      }
    }
    throw ConditionError("a text has no closing quote")
  }
}
