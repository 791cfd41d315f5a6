import LogPipeline
import Options

/// Reads queries: words, "phrases", `word*`, `field:value`, `field:="exact"`, `field:~"regex"`, `field:>5`, `field:*`,
/// `field:""`, `field:(a or b)`, `field:in(a, b)`, `severity>=warn`, `trace_id:…`, `_time:5m`, `_time:[a, b)`, with
/// `AND`, `OR`, `NOT`, `-`, `!` and brackets. Terms side by side must all hold.
package struct QueryParser {
  /// Characters of a query at most.
  package static let maxCharacters = 16 << 10
  /// Brackets within brackets at most.
  static let maxDepth = 64
  /// Patterns of a query at most: each takes time and memory before anything is searched.
  static let maxPatterns = 16
  /// Terms of a query at most.
  static let maxTerms = 256

  private let query: String
  private let nowUnixNano: UInt64
  private let tokens: [QueryToken]
  private var index = 0
  private var depth = 0
  private var terms = 0
  private var patterns = 0

  /// Reads a query; times in it count back from `nowUnixNano`. An empty one means all records.
  package static func parse(_ query: String, nowUnixNano: UInt64) throws(QueryError) -> Query {
    let (result, pipes) = try parsePiped(query, nowUnixNano: nowUnixNano)
    if pipes != QueryPipes() {
      throw QueryError(message: "pipes are not expected here", query: query, offset: 0)
    }
    return result
  }

  /// Reads a query with what is to be done with the records that it means.
  package static func parsePiped(
    _ query: String, nowUnixNano: UInt64
  ) throws(QueryError) -> (query: Query, pipes: QueryPipes) {
    let characters = query.unicodeScalars.count
    guard characters <= maxCharacters else {
      throw QueryError(
        message: "the query has \(characters) characters: the limit is \(maxCharacters)", query: query, offset: 0)
    }
    var parser = try QueryParser(query, nowUnixNano)
    let isEmpty = parser.token.kind == .end || parser.token.isSign("|")
    let result = isEmpty ? Query.all : try parser.alternatives(of: nil)
    let pipes = try parser.pipes()
    if parser.token.kind != .end { throw parser.error("\(parser.token.text) is not expected here") }
    return (result, pipes)
  }

  private init(_ query: String, _ nowUnixNano: UInt64) throws(QueryError) {
    self.query = query
    self.nowUnixNano = nowUnixNano
    tokens = try QueryLexer.tokens(of: query)
  }

  var token: QueryToken { tokens[min(index, tokens.count - 1)] }

  func error(_ message: String, at token: QueryToken? = nil) -> QueryError {
    QueryError(message: message, query: query, offset: (token ?? self.token).offset)
  }

  mutating func take() -> QueryToken {
    defer { index += 1 }
    return token
  }

  mutating func takes(_ sign: String) -> Bool {
    guard token.isSign(sign) else { return false }
    index += 1
    return true
  }

  mutating func expect(_ sign: String) throws(QueryError) {
    if !takes(sign) { throw error("\(sign) is missing") }
  }

  // MARK: Operators

  private mutating func alternatives(of field: FieldName?) throws(QueryError) -> Query {
    var list = [try conjunction(of: field)]
    while token.isWord("or") {
      index += 1
      list.append(try conjunction(of: field))
    }
    return list.count == 1 ? list[0] : .or(list)
  }

  private mutating func conjunction(of field: FieldName?) throws(QueryError) -> Query {
    var list = [try term(of: field)]
    while true {
      if token.isWord("and") {
        index += 1
      } else if token.kind == .end || token.isSign(")") || token.isSign("|") || token.isWord("or") {
        return list.count == 1 ? list[0] : .and(list)
      }
      list.append(try term(of: field))
    }
  }

  private mutating func term(of field: FieldName?) throws(QueryError) -> Query {
    (terms, depth) = (terms + 1, depth + 1)
    defer { depth -= 1 }
    if terms > Self.maxTerms { throw error("the query has more than \(Self.maxTerms) terms") }
    if depth > Self.maxDepth { throw error("the query is nested more than \(Self.maxDepth) levels deep") }
    if token.isWord("not") || token.isSign("-") || token.isSign("!") {
      index += 1
      return .not(try term(of: field))
    }
    if takes("(") {
      let inner = try alternatives(of: field)
      try expect(")")
      return inner
    }
    if let field { return try value(of: field) }
    if takes("*") { return .all }
    return try namedTerm()
  }

  /// `field:…`, `field>=…`, or what is looked for anywhere.
  private mutating func namedTerm() throws(QueryError) -> Query {
    let first = token
    switch first.kind {
    case .word(isPrefix: false), .quoted(isPrefix: false):
      index += 1
      let isNamed = token.isSign(":")
      if isNamed || token.kind == .sign && token.isJoined && ["=", "~", ">", "<", ">=", "<="].contains(token.text) {
        if isNamed { index += 1 }
        let field = FieldName(first.text)
        if field == .time { return try time() }
        return takes("(") ? try group(of: field) : try value(of: field)
      }
      index -= 1
    default: break
    }
    return try value(of: .field(.anywhere))
  }

  private mutating func group(of field: FieldName) throws(QueryError) -> Query {
    depth += 1
    defer { depth -= 1 }
    if depth > Self.maxDepth { throw error("the query is nested more than \(Self.maxDepth) levels deep") }
    let inner = try alternatives(of: field)
    try expect(")")
    return inner
  }

  // MARK: Values

  private mutating func value(of field: FieldName) throws(QueryError) -> Query {
    let negated = takes("!")
    let result = try plainValue(of: field)
    return negated ? .not(result) : result
  }

  private mutating func plainValue(of field: FieldName) throws(QueryError) -> Query {
    let start = token
    if takes("=") { return try exact(field, try text("a value after =")) }
    if takes("~") { return try pattern(field) }
    if takes("*") { return field.present }
    if let comparison = start.kind == .sign ? QueryComparison.Operator(rawValue: start.text) : nil {
      index += 1
      let text = try text("a value after \(comparison.rawValue)")
      return try compared(field, comparison, text, at: start)
    }
    if start.isSign("-") {
      let number = try text("a value")
      return .field(field.place, .words(Needle(number)))
    }
    let isOperator = start.isWord("or") || start.isWord("and")
    if isOperator || start.kind == .sign || start.kind == .end { throw error("a value is missing") }
    index += 1
    if start.isWord("in"), takes("(") { return try list(of: field) }
    return try words(field, start)
  }

  /// The text of a value; a sign `-` before it belongs to it.
  private mutating func text(_ what: String) throws(QueryError) -> String {
    let isNegative = takes("-")
    switch token.kind {
    case .word(isPrefix: false), .quoted(isPrefix: false): return (isNegative ? "-" : "") + take().text
    default: throw error("\(what) is missing")
    }
  }

  private mutating func list(of field: FieldName) throws(QueryError) -> Query {
    var list: [Query] = []
    repeat {
      terms += 1
      if terms > Self.maxTerms { throw error("the query has more than \(Self.maxTerms) terms") }
      list.append(try exact(field, try text("a value")))
    } while takes(",")
    try expect(")")
    return .or(list)
  }

  private mutating func words(_ field: FieldName, _ token: QueryToken) throws(QueryError) -> Query {
    let isPrefix = token.kind == .word(isPrefix: true) || token.kind == .quoted(isPrefix: true)
    if token.text.isEmpty { return isPrefix ? field.present : .not(field.present) }
    if !isPrefix, let special = try special(field, token.text, at: token) { return special }
    return .field(field.place, .words(Needle(token.text, isPrefix: isPrefix)))
  }

  private func exact(_ field: FieldName, _ text: String) throws(QueryError) -> Query {
    if let special = try special(field, text, at: token) { return special }
    return text.isEmpty ? .not(field.present) : .field(field.place, .exact(Array(text.utf8)))
  }

  /// What a value means for fields that are no texts; nil for any other.
  private func special(_ field: FieldName, _ text: String, at token: QueryToken) throws(QueryError) -> Query? {
    switch field {
    case .severity: return .severity(mask(try severities(text, at: token)))
    case .level:
      // An attribute of this name may say it too.
      let named = Query.field(.named("level"), .words(Needle(text)))
      return Severity.numbers(text).map { .or([.severity(mask($0)), named]) } ?? named
    case .field(.traceID):
      let bytes = HexBytes.bytes(of: text)
      return bytes?.count == 16 ? bytes.map(Query.trace) : nil
    case .stream:
      guard text.utf8.count == 16, let id = UInt64(text, radix: 16) else {
        throw error("\(text) is no stream id: 16 hexadecimal digits", at: token)
      }
      return .stream(id)
    case .time, .field: return nil
    }
  }

  private mutating func pattern(_ field: FieldName) throws(QueryError) -> Query {
    let start = token
    let text = try text("a pattern after ~")
    patterns += 1
    if patterns > Self.maxPatterns { throw error("the query has more than \(Self.maxPatterns) patterns", at: start) }
    do {
      return .field(field.place, .pattern(try Pattern(text)))
    } catch {
      throw self.error("the pattern \(error.message)", at: start)
    }
  }

  private func compared(
    _ field: FieldName, _ comparison: QueryComparison.Operator, _ text: String, at token: QueryToken
  ) throws(QueryError) -> Query {
    guard field == .severity || field == .level else {
      return .field(field.place, .compare(QueryComparison(comparison, text)))
    }
    let numbers = try severities(text, at: token)
    let mask =
      switch comparison {
      case .atLeast: mask(numbers.lowerBound...Severity.maxNumber)
      case .above: mask(numbers.upperBound...Severity.maxNumber) & ~mask(numbers)
      case .atMost: mask(1...max(numbers.upperBound, 1))
      case .below: mask(1...max(numbers.upperBound, 1)) & ~mask(numbers)
      }
    return .severity(mask)
  }

  private func severities(_ text: String, at token: QueryToken) throws(QueryError) -> ClosedRange<Int> {
    if let numbers = Severity.numbers(text) { return numbers }
    let known = Severity.names.joined(separator: ", ")
    throw error("\(text) is no severity: \(known), or a number from 0 to \(Severity.maxNumber)", at: token)
  }

  private func mask(_ numbers: ClosedRange<Int>) -> UInt32 {
    numbers.reduce(0) { $0 | 1 &<< UInt32($1) }
  }

  // MARK: Times

  private mutating func time() throws(QueryError) -> Query {
    let opening = token
    if takes("[") || takes("(") {
      let lower = try moment()
      try expect(",")
      let upper = try moment()
      let closing = token
      guard takes("]") || takes(")") else { throw error("] or ) is missing") }
      let (after, isPastAll) = lower.upperBound.addingReportingOverflow(1)
      let first = opening.text == "[" ? lower.lowerBound : after
      let last = closing.text == "]" ? upper.upperBound : upper.lowerBound &- 1
      let isEmpty = closing.text == ")" && upper.lowerBound == 0 || opening.text == "(" && isPastAll
      guard !isEmpty, first <= last else {
        throw error("the range ends before it starts", at: opening)
      }
      return .time(first...last)
    }
    if let comparison = token.kind == .sign ? QueryComparison.Operator(rawValue: token.text) : nil {
      index += 1
      let moment = try moment()
      switch comparison {
      case .atLeast: return .time(moment.lowerBound...UInt64.max)
      case .above: return moment.upperBound == .max ? .not(.all) : .time(moment.upperBound + 1...UInt64.max)
      case .atMost: return .time(0...moment.upperBound)
      case .below: return moment.lowerBound == 0 ? .not(.all) : .time(0...moment.lowerBound - 1)
      }
    }
    let start = token
    let text = try timeText()
    if let duration = try? parseDuration(text), duration >= .zero {
      // Clocks of senders may be a little ahead.
      return .time(nowUnixNano - min(nowUnixNano, duration.unixNano)...UInt64.max)
    }
    guard let moment = TimeText.range(text) else { throw noTime(text, at: start) }
    return .time(moment)
  }

  private func noTime(_ text: String, at token: QueryToken) -> QueryError {
    error("\(text) is no time: a duration such as 5m, or a date such as 2026-01-31T10:30:00Z", at: token)
  }

  /// A moment, as wide as it was given: a day, an hour, a second.
  private mutating func moment() throws(QueryError) -> ClosedRange<UInt64> {
    let start = token
    let text = try timeText()
    if text == "now" { return nowUnixNano...nowUnixNano }
    if let duration = try? parseDuration(text), duration >= .zero, text != "0" {
      let moment = nowUnixNano - min(nowUnixNano, duration.unixNano)
      return moment...moment
    }
    guard let moment = TimeText.range(text) else { throw noTime(text, at: start) }
    return moment
  }

  /// A time may hold colons, which are signs of their own.
  private mutating func timeText() throws(QueryError) -> String {
    var text = try text("a time")
    while token.isSign(":"), token.isJoined {
      index += 1
      text += ":" + (try self.text("a time"))
    }
    return text
  }
}

/// The fields of queries by their names.
enum FieldName: Equatable {
  case time
  case severity
  case level
  case stream
  case field(QueryField)

  init(_ name: String) {
    switch name {
    case "_time": self = .time
    case "severity", "severity_number": self = .severity
    case "level": self = .level
    case "_stream_id": self = .stream
    case "_msg", "body": self = .field(.message)
    case "severity_text": self = .field(.severityText)
    case "event_name": self = .field(.eventName)
    case "trace_id": self = .field(.traceID)
    case "span_id": self = .field(.spanID)
    case "scope.name": self = .field(.scopeName)
    case "scope.version": self = .field(.scopeVersion)
    case "service": self = .field(.named("service.name"))
    default: self = .field(.named(name))
    }
  }

  /// Where texts of it are looked for.
  var place: QueryField {
    switch self {
    case .field(let field): field
    case .time, .severity: .severityText
    case .level: .named("level")
    case .stream: .anywhere
    }
  }

  /// That a record has it.
  var present: Query {
    switch self {
    case .severity: .severity(~1)
    case .time, .stream, .field(.anywhere): .all
    case .level: .or([.severity(~1), .field(.named("level"), .present)])
    case .field(let field): .field(field, .present)
    }
  }
}

/// Hexadecimal text.
enum HexBytes {
  /// The bytes that digits stand for; nil if one is none, or their count is odd.
  static func bytes(of text: String) -> [UInt8]? {
    let digits = text.utf8.map { Character(UnicodeScalar($0)).hexDigitValue }
    guard digits.count % 2 == 0, !digits.contains(nil) else { return nil }
    return stride(from: 0, to: digits.count, by: 2).map { UInt8((digits[$0] ?? 0) << 4 | (digits[$0 + 1] ?? 0)) }
  }

  static func text(of bytes: some Sequence<UInt8>) -> String {
    bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }
}
