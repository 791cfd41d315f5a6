/// A piece of a query's text.
struct QueryToken: Equatable {
  enum Kind: Equatable {
    /// Bare text, with a `*` behind it or without.
    case word(isPrefix: Bool)
    case quoted(isPrefix: Bool)
    /// One of `QueryLexer.signs`.
    case sign
    case end
  }

  var kind: Kind
  var text: String
  /// Where it starts, in characters.
  var offset: Int
  /// Whether nothing stands between it and the one before.
  var isJoined: Bool

  /// Whether it is the word, in any case, not quoted.
  func isWord(_ word: String) -> Bool { kind == .word(isPrefix: false) && text.lowercased() == word }
  func isSign(_ sign: String) -> Bool { kind == .sign && text == sign }
}

/// Cuts the text of a query into tokens.
struct QueryLexer {
  private static let signs = [">=", "<=", "(", ")", "[", "]", ":", ",", "=", "~", ">", "<", "!", "|", "-", "*"]
  private let query: String
  private let characters: [Character]
  private var index = 0

  static func tokens(of query: String) throws(QueryError) -> [QueryToken] {
    var lexer = QueryLexer(query)
    var tokens: [QueryToken] = []
    repeat { tokens.append(try lexer.next()) } while tokens.last?.kind != .end
    return tokens
  }

  private init(_ query: String) {
    self.query = query
    characters = Array(query)
  }

  private mutating func next() throws(QueryError) -> QueryToken {
    let before = index
    while index < characters.count, characters[index].isWhitespace { index += 1 }
    let start = index
    let isJoined = start == before && start > 0
    func token(_ kind: QueryToken.Kind, _ text: String) -> QueryToken {
      QueryToken(kind: kind, text: text, offset: start, isJoined: isJoined)
    }
    guard index < characters.count else { return token(.end, "") }
    let character = characters[index]
    if character == "\"" || character == "'" || character == "`" {
      let text = try quoted(character)
      return token(.quoted(isPrefix: takesStar()), text)
    }
    // Inside of a word these are part of it: only before one do they stand for themselves.
    if let sign = Self.signs.first(where: { characters[index...].starts(with: $0) }) {
      index += sign.count
      return token(.sign, sign)
    }
    while index < characters.count, isOfWord(characters[index]) { index += 1 }
    if index == start { throw QueryError(message: "\(character) makes no sense here", query: query, offset: start) }
    let text = String(characters[start..<index])
    return token(.word(isPrefix: takesStar()), text)
  }

  private func isOfWord(_ character: Character) -> Bool {
    !character.isWhitespace && !"()[]{}:\"'`,=<>~!*|".contains(character)
  }

  private mutating func takesStar() -> Bool {
    guard index < characters.count, characters[index] == "*" else { return false }
    index += 1
    return true
  }

  /// The inside of quotes; a backslash takes the next character as it is, but for `n`, `t` and `r`, except between
  /// backticks.
  private mutating func quoted(_ quote: Character) throws(QueryError) -> String {
    let start = index
    var text = ""
    index += 1
    while index < characters.count {
      let character = characters[index]
      index += 1
      if character == quote { return text }
      if character == "\\", quote != "`", index < characters.count {
        let escaped: [Character: Character] = ["n": "\n", "t": "\t", "r": "\r"]
        text.append(escaped[characters[index]] ?? characters[index])
        // A pattern's own escapes stay as they are.
        if !"ntr\\\"'".contains(characters[index]) { text.insert("\\", at: text.index(before: text.endIndex)) }
        index += 1
      } else {
        text.append(character)
      }
    }
    throw QueryError(message: "the quote \(quote) has no end", query: query, offset: start)
  }
}
