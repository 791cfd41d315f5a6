import Options

/// What is to be done with the records that a query means, behind `|`.
package struct QueryPipes: Sendable, Equatable {
  /// Whether the earliest come first; nil if the query does not say (`sort by (_time)`).
  package var isOldestFirst: Bool?
  /// How many records at most (`limit`, `head`).
  package var limit: Int?
  /// How many are passed over before (`offset`, `skip`).
  package var offset: Int?
  /// The fields that are shown; nil for all (`fields`, `keep`).
  package var fields: [String]?
  /// Records around each, of the same stream (`stream_context`).
  package var context: (before: Int, after: Int)?
  /// How the records are counted, in place of being shown (`stats`).
  package var stats: StatsPipe?

  package init() {}

  package static func == (a: QueryPipes, b: QueryPipes) -> Bool {
    a.isOldestFirst == b.isOldestFirst && a.limit == b.limit && a.offset == b.offset && a.fields == b.fields
      && a.context?.before == b.context?.before && a.context?.after == b.context?.after && a.stats == b.stats
  }
}

/// Records counted by what tells them apart.
package struct StatsPipe: Sendable, Equatable {
  /// The fields whose values tell groups apart; `_time` stands for the steps.
  package var fields: [String] = []
  /// How long the steps of time are that tell them apart too (`_time:5m`).
  package var step: Duration?
  /// What the count is called (`as`).
  package var name = "count(*)"

  package init() {}
}

extension QueryParser {
  private static let knownPipes = "sort, limit, offset, fields, stream_context and stats"

  /// Reads what stands behind the query, up to its end.
  mutating func pipes() throws(QueryError) -> QueryPipes {
    var pipes = QueryPipes()
    while takes("|") {
      let name = take()
      guard name.kind == .word(isPrefix: false) else {
        throw error("the name of a pipe is missing: known are \(Self.knownPipes)", at: name)
      }
      if pipes.stats != nil, !["limit", "head", "offset", "skip"].contains(name.text) {
        throw error("behind stats there may be limit and offset only", at: name)
      }
      switch name.text {
      case "sort", "order": pipes.isOldestFirst = try order()
      case "limit", "head": pipes.limit = try count("limit")
      case "offset", "skip": pipes.offset = try count("offset")
      case "fields", "keep": pipes.fields = try names()
      case "stream_context": pipes.context = try context()
      case "stats":
        if pipes != QueryPipes() { throw error("stats has to be the first pipe", at: name) }
        pipes.stats = try stats()
      default: throw error("the pipe \(name.text) is not known: known are \(Self.knownPipes)", at: name)
      }
    }
    return pipes
  }

  /// `by (_time) desc`: whether the earliest come first.
  private mutating func order() throws(QueryError) -> Bool {
    if token.isWord("by") { _ = take() }
    try expect("(")
    let field = take()
    if field.text != "_time" { throw error("records are sorted by _time only", at: field) }
    var isDescending = takesDirection()
    try expect(")")
    isDescending = isDescending ?? takesDirection()
    return isDescending != true
  }

  private mutating func takesDirection() -> Bool? {
    guard token.isWord("desc") || token.isWord("asc") else { return nil }
    return take().isWord("desc")
  }

  private mutating func count(_ what: String) throws(QueryError) -> Int {
    let start = take()
    guard let number = Int(start.text), number >= 0 else { throw error("\(what) wants a number", at: start) }
    return number
  }

  private mutating func names() throws(QueryError) -> [String]? {
    if takes("*") { return nil }
    var names: [String] = []
    repeat {
      let name = take()
      switch name.kind {
      case .word(isPrefix: false), .quoted(isPrefix: false):
        if !names.contains(name.text) { names.append(name.text) }
      default: throw error("the name of a field is missing", at: name)
      }
      if names.count > Self.maxShownFields {
        throw error("fields has more than \(Self.maxShownFields) names", at: name)
      }
    } while takes(",")
    return names
  }

  /// Fields that are shown at most.
  private static let maxShownFields = 200

  /// `by (field, _time:5m) count() as name`.
  private mutating func stats() throws(QueryError) -> StatsPipe {
    var stats = StatsPipe()
    if token.isWord("by") { _ = take() }
    if takes("("), !takes(")") {
      repeat {
        let name = take()
        switch name.kind {
        case .word(isPrefix: false), .quoted(isPrefix: false): stats.fields.append(name.text)
        default: throw error("the name of a field is missing", at: name)
        }
        if name.text == "_time" { stats.step = try step(of: name) }
      } while takes(",")
      try expect(")")
    }
    if stats.fields.count > Self.maxStatsFields {
      throw error("stats has \(stats.fields.count) fields: the limit is \(Self.maxStatsFields)")
    }
    let function = take()
    if !function.isWord("count") { throw error("stats knows count() only", at: function) }
    try expect("(")
    _ = takes("*")
    try expect(")")
    if token.isWord("as") { _ = take() }
    if token.kind == .word(isPrefix: false) || token.kind == .quoted(isPrefix: false) { stats.name = take().text }
    return stats
  }

  /// Fields that tell groups apart at most.
  private static let maxStatsFields = 16

  private mutating func step(of name: QueryToken) throws(QueryError) -> Duration {
    guard takes(":"), let step = try? parseDuration(take().text), step > .zero else {
      throw error("_time wants a step, such as _time:5m", at: name)
    }
    return step
  }

  private mutating func context() throws(QueryError) -> (before: Int, after: Int) {
    var context = (before: 0, after: 0)
    while token.isWord("before") || token.isWord("after") {
      if take().isWord("before") { context.before = try count("before") } else { context.after = try count("after") }
    }
    return context
  }
}
