import LogStore

/// One question to a store: what is asked of which records.
struct SelectQuestion: Sendable {
  /// What is asked, by the last part of the path.
  enum Kind: String, Sendable, CaseIterable {
    case query, hits, facets, patterns, tail
    case fieldNames = "field_names"
    case fieldValues = "field_values"
    case streamContext = "stream_context"
    case statsQuery = "stats_query"
    case statsQueryRange = "stats_query_range"
  }

  /// How records are given.
  enum Format: String, Sendable, CaseIterable {
    /// Lines of JSON.
    case json
    /// One request of OTLP, in protobuf.
    case otlp
    /// A table.
    case csv
  }

  let kind: Kind
  var query: Query
  var pipes: QueryPipes
  /// The time that the search may take, if less than others.
  let timeout: Duration?
  /// The field whose values are asked for, or that hits are told apart by.
  let field: String?
  let format: Format
  private let arguments: SelectArguments

  init(_ kind: Kind, _ arguments: SelectArguments, nowUnixNano: UInt64) throws(SelectRefusal) {
    self.kind = kind
    self.arguments = arguments
    let fields = arguments.all("field")
    if fields.count > 1 { throw SelectRefusal("field: one at most, found \(fields.count)") }
    if kind == .fieldValues && fields.isEmpty { throw SelectRefusal("field: the name of a field is needed") }
    field = fields.first
    let format = arguments["format"] ?? "json"
    guard let known = Format(rawValue: format) else {
      throw SelectRefusal("format: expected json, otlp or csv, found \(format)")
    }
    self.format = known
    timeout = try arguments.duration("timeout")
    (query, pipes) = try Self.query(kind, arguments, nowUnixNano)
    if let times = try arguments.times(nowUnixNano: nowUnixNano) { query = .and([.time(times), query]) }
    pipes.limit = Self.least(pipes.limit, try arguments.count("limit"))
    // Of hits it moves the steps.
    if kind != .hits { pipes.offset = Self.sum(pipes.offset, try arguments.count("offset")) }
  }

  private static func query(
    _ kind: Kind, _ arguments: SelectArguments, _ nowUnixNano: UInt64
  ) throws(SelectRefusal) -> (Query, QueryPipes) {
    if kind == .streamContext { return try context(arguments, nowUnixNano) }
    guard let text = arguments["query"] else { throw SelectRefusal("query: a query is needed, such as query=*") }
    let parsed: (query: Query, pipes: QueryPipes)
    do throws(QueryError) {
      parsed = try QueryParser.parsePiped(text, nowUnixNano: nowUnixNano)
    } catch {
      throw SelectRefusal("\(error)\n\(error.excerpt)")
    }
    if kind == .statsQuery || kind == .statsQueryRange {
      if parsed.pipes.stats == nil { throw SelectRefusal("query: \(kind.rawValue) wants the pipe stats") }
    } else if kind != .query && parsed.pipes != QueryPipes() {
      throw SelectRefusal("pipes are for query only")
    }
    return parsed
  }

  /// The record that `_stream_id` and `_time` name, with what its stream wrote `before` and `after`.
  private static func context(
    _ arguments: SelectArguments, _ nowUnixNano: UInt64
  ) throws(SelectRefusal) -> (Query, QueryPipes) {
    guard let id = arguments["_stream_id"], id.utf8.count == 16, let stream = UInt64(id, radix: 16) else {
      throw SelectRefusal("_stream_id: 16 hexadecimal digits are needed")
    }
    guard let time = try arguments.moment("_time", nowUnixNano: nowUnixNano) else {
      throw SelectRefusal("_time: the time of a record is needed")
    }
    var pipes = QueryPipes()
    pipes.limit = 1
    pipes.context = (try arguments.count("before") ?? 10, try arguments.count("after") ?? 10)
    return (.and([.stream(stream), .time(time...time)]), pipes)
  }

  private static func least(_ a: Int?, _ b: Int?) -> Int? { [a, b].compactMap { $0 }.min() }
  private static func sum(_ a: Int?, _ b: Int?) -> Int? {
    a == nil && b == nil ? nil : (a ?? 0).addingReportingOverflow(b ?? 0).partialValue.magnitudeOrMost
  }

  /// Counts of facets: values of a field that are shown, values that it may have, and how long they may be.
  func facetCounts() throws(SelectRefusal) -> (shown: Int, values: Int, bytes: Int) {
    let values = try arguments.count("max_values_per_field") ?? 1000
    return (pipes.limit ?? 10, values, try arguments.count("max_value_len") ?? 128)
  }

  /// Whether facets have fields that are the same in all records.
  var keepsConstantFields: Bool { ["1", "true"].contains(arguments["keep_const_fields"] ?? "") }

  /// The steps of time that hits are counted in, a day by default.
  func steps() throws(SelectRefusal) -> HitSteps {
    HitSteps(try arguments.duration("step") ?? .seconds(86_400), offset: try arguments.duration("offset") ?? .zero)
  }

  /// What the values of `stats_query` are of, in nanoseconds since 1970.
  func time(nowUnixNano: UInt64) throws(SelectRefusal) -> UInt64 {
    try arguments.moment("time", nowUnixNano: nowUnixNano) ?? nowUnixNano
  }

  /// Whether a table is for a spreadsheet, which must not take a cell for a formula.
  var isForSpreadsheet: Bool { arguments["formulas"] == "disarmed" }

  /// Shapes of messages that are told apart.
  func maxPatterns() throws(SelectRefusal) -> Int {
    let most = StoreView.maxPatterns
    guard let wanted = try arguments.count("max_patterns") else { return most }
    if wanted > most { throw SelectRefusal("max_patterns: \(wanted) are wanted: the limit is \(most)") }
    return wanted
  }

  /// Values of the field that hits are told by, beyond which they are counted together.
  func maxSeries() throws(SelectRefusal) -> Int? { try arguments.count("fields_limit") }

  /// How often a tail looks for new records, and how far back it begins.
  func tailTimes() throws(SelectRefusal) -> (interval: Duration, back: Duration?) {
    let interval = try arguments.duration("refresh_interval") ?? .seconds(1)
    return (min(max(interval, .milliseconds(100)), .seconds(60)), try arguments.duration("start_offset"))
  }
}

extension Int {
  /// Itself; the most that there is for what has become negative.
  fileprivate var magnitudeOrMost: Int { self < 0 ? .max : self }
}
