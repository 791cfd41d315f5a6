import Options

/// Reads the tokens of one statement, condition or value, from left to right and each once.
struct OTTLParser {
  private let tokens: [OTTLToken]
  private var position = 0
  /// How many levels of parts are being read.
  private var depth = 0
  /// How many parts were read.
  private var parts = 0
  /// The levels of the part that was read last, it included.
  var height = 0
  /// The parameters of the lambdas that are being read.
  var locals: [String] = []
  /// The context of paths that name none; nil leaves them without.
  let bareContext: String?

  private init(_ text: String, bareContext: String? = nil) throws(OTTLLoadError) {
    tokens = try OTTLLexer.tokens(of: text)
    self.bareContext = bareContext
  }

  /// An editor's call, and perhaps `where` and a condition; paths that name no context are of `bareContext`.
  static func statement(_ text: String, bareContext: String? = nil) throws(OTTLLoadError) -> OTTLStatement {
    var parser = try OTTLParser(text, bareContext: bareContext)
    let editor = try parser.editor()
    var condition: OTTLCondition?
    if case .lower(let word) = parser.next.kind {
      if word != "where" { throw parser.unexpected("where or the end", suggestion(for: word, among: ["where"])) }
      parser.advance()
      condition = try parser.condition()
    }
    try parser.end(expected: condition == nil ? "where or the end" : "and, or, or the end")
    return OTTLStatement(text: text, editor: editor, condition: condition)
  }

  /// What is true or false of a record; paths that name no context are of `bareContext`, if that is given.
  static func condition(_ text: String, bareContext: String? = nil) throws(OTTLLoadError) -> OTTLConditionText {
    var parser = try OTTLParser(text, bareContext: bareContext)
    let condition = try parser.condition()
    try parser.end(expected: "and, or, or the end")
    return OTTLConditionText(text: text, condition: condition)
  }

  /// What has a value; spans refer to the text. Paths that name no context are of `bareContext`.
  static func value(_ text: String, bareContext: String? = nil) throws(OTTLLoadError) -> OTTLExpression {
    var parser = try OTTLParser(text, bareContext: bareContext)
    let value = try parser.value()
    try parser.end(expected: "the end")
    return value
  }

  private func end(expected: String) throws(OTTLLoadError) {
    if next.kind != .end { throw unexpected(expected, hint(for: next.kind)) }
  }
}

extension OTTLParser {
  /// The token that is read next.
  var next: OTTLToken { tokens[position] }

  /// The token behind the next; at the end that itself.
  func token(after distance: Int) -> OTTLToken { tokens[min(position + distance, tokens.count - 1)] }

  /// The part of the text from a token's start to the end of what was read last.
  func span(from start: OTTLSpan) -> OTTLSpan {
    OTTLSpan(start: start.start, end: position == 0 ? start.end : tokens[position - 1].span.end)
  }

  /// Goes on to the token behind the next.
  mutating func advance() {
    if position < tokens.count - 1 { position += 1 }
  }

  /// Goes on if the next is this.
  mutating func take(_ kind: OTTLToken.Kind) -> Bool {
    guard next.kind == kind else { return false }
    advance()
    return true
  }

  /// Goes on if the next is this sign; otherwise that was expected, or what `others` says.
  mutating func expect(_ sign: OTTLToken.Sign, or others: String? = nil) throws(OTTLLoadError) {
    if take(.sign(sign)) { return }
    throw unexpected(others.map { "\(sign.text) or \($0)" } ?? sign.text, hint(for: next.kind))
  }

  /// The problem that the next token is not what was expected.
  func unexpected(_ expected: String, _ hint: String = "") -> OTTLLoadError {
    OTTLLoadError("expected \(expected), found \(next.kind.shown)\(hint)", at: next.span)
  }

  /// Reads a part one level further in.
  mutating func nested<T>(
    _ read: (inout OTTLParser) throws(OTTLLoadError) -> T
  ) throws(OTTLLoadError) -> T {
    depth += 1
    if depth > OTTLTextLimits.maxDepth { throw tooDeep(depth, at: next.span) }
    let part = try read(&self)
    depth -= 1
    return part
  }

  /// Counts a part that has these levels below it.
  mutating func count(heightBelow below: Int, at span: OTTLSpan) throws(OTTLLoadError) {
    parts += 1
    if parts > OTTLTextLimits.maxParts {
      throw OTTLLoadError("\(parts) parts or more: the limit is \(OTTLTextLimits.maxParts)", at: span)
    }
    height = below + 1
    if height > OTTLTextLimits.maxDepth { throw tooDeep(height, at: span) }
  }

  private func tooDeep(_ levels: Int, at span: OTTLSpan) -> OTTLLoadError {
    OTTLLoadError("\(levels) levels of parts within parts: the limit is \(OTTLTextLimits.maxDepth)", at: span)
  }

  /// What is said beside an unexpected token that looks like something known.
  func hint(for kind: OTTLToken.Kind) -> String {
    switch kind {
    case .sign(.equals): ": two values are compared with =="
    case .upper(let word) where OTTLToken.Keyword(rawValue: word.lowercased()) != nil: ": write \(word.lowercased())"
    case .lower(let word): suggestion(for: word, among: OTTLToken.Keyword.allCases.map(\.rawValue))
    default: ""
    }
  }
}

extension OTTLToken.Kind {
  /// What a message calls it.
  var shown: String {
    switch self {
    case .keyword(let word): word.rawValue
    case .upper(let name), .lower(let name): name.forDisplay(maxCharacters: 64)
    case .int(let number): "\(number)"
    case .double(let number): "\(number)"
    case .bytes: "bytes"
    case .string(let text): "\"\(String(decoding: text, as: UTF8.self).forDisplay(maxCharacters: 64))\""
    case .comparison(let comparison): comparison.rawValue
    case .op(let op): op.rawValue
    case .arrow: "=>"
    case .sign(let sign): sign.text
    case .end: "the end"
    }
  }
}
