import Options

/// A condition of a routing table, in the part of OTTL that this gateway has: comparisons of attributes, severity,
/// body and scope with constants, `IsMatch`, `and`, `or`, `not` and parentheses; `request["…"]` compared with a text.
enum RoutingCondition {
  case request(RequestMatcher)
  case records(RecordMatcher.Condition)

  /// What the paths of a condition begin at.
  enum Context: String, Sendable, CaseIterable {
    case resource, log, request
  }

  /// Parses a condition; without a context, paths must name theirs, but for `attributes`, which are the resource's.
  init(_ text: String, context: Context?) throws(ConditionError) {
    var parser = ConditionParser(tokens: try ConditionToken.tokens(of: text), context: context)
    self = context == .request ? .request(try parser.request()) : .records(try parser.condition())
    try parser.end()
  }

  /// Parses `route() where …` as a condition.
  init(statement text: String, context: Context?) throws(ConditionError) {
    let tokens = try ConditionToken.tokens(of: text)
    let start: [ConditionToken] = [.name("route"), .sign("("), .sign(")")]
    guard tokens.starts(with: start) else { throw .unsupported("a statement other than route()") }
    if tokens.count == start.count {
      self = .records(.all([]))
      return
    }
    guard tokens[start.count] == .name("where") else { throw .unsupported("\(tokens[start.count])") }
    if context == .request { throw ConditionError("the context request takes a condition, not a statement") }
    var parser = ConditionParser(tokens: Array(tokens.dropFirst(start.count + 1)), context: context)
    self = .records(try parser.condition())
    try parser.end()
  }
}

/// Reads tokens from left to right; `not` binds closest, then `and`, then `or`.
private struct ConditionParser {
  private static let maxDepth = 64

  private var rest: ArraySlice<ConditionToken>
  private let context: RoutingCondition.Context?

  init(tokens: [ConditionToken], context: RoutingCondition.Context?) {
    rest = tokens[...]
    self.context = context
  }

  /// Throws if something is left.
  func end() throws(ConditionError) {
    if let next = rest.first { throw .unsupported("\(next)") }
  }

  private mutating func next() throws(ConditionError) -> ConditionToken {
    guard let next = rest.popFirst() else { throw ConditionError("the condition ends too early") }
    return next
  }

  private mutating func take(_ token: ConditionToken) -> Bool {
    guard rest.first == token else { return false }
    rest.removeFirst()
    return true
  }

  private mutating func expect(_ sign: String) throws(ConditionError) {
    let found = try next()
    if found != .sign(sign) { throw ConditionError("expected \(sign), found \(found)") }
  }

  mutating func condition(depth: Int = 0) throws(ConditionError) -> RecordMatcher.Condition {
    if depth > Self.maxDepth { throw ConditionError("more than \(Self.maxDepth) levels of parentheses and not") }
    var alternatives = [try conjunction(depth)]
    while take(.name("or")) { alternatives.append(try conjunction(depth)) }
    return alternatives.count == 1 ? alternatives[0] : .any(alternatives)
  }

  private mutating func conjunction(_ depth: Int) throws(ConditionError) -> RecordMatcher.Condition {
    var parts = [try operand(depth)]
    while take(.name("and")) { parts.append(try operand(depth)) }
    return parts.count == 1 ? parts[0] : .all(parts)
  }

  private mutating func operand(_ depth: Int) throws(ConditionError) -> RecordMatcher.Condition {
    if depth > Self.maxDepth { throw ConditionError("more than \(Self.maxDepth) levels of parentheses and not") }
    if take(.name("not")) { return .not(try operand(depth + 1)) }
    if take(.sign("(")) {
      let inner = try condition(depth: depth + 1)
      try expect(")")
      return inner
    }
    if take(.name("true")) { return .all([]) }
    if take(.name("false")) { return .any([]) }
    return take(.name("IsMatch")) ? try isMatch() : try comparison()
  }

  private mutating func isMatch() throws(ConditionError) -> RecordMatcher.Condition {
    try expect("(")
    let subject = try subject()
    try expect(",")
    guard case .text(let text) = try next() else { throw ConditionError("IsMatch takes a pattern in quotes") }
    try expect(")")
    let pattern: Pattern
    do { pattern = try Pattern(text) } catch { throw ConditionError("the pattern \(error.message)") }
    return try subject.matches(.patterns([pattern]))
  }

  private mutating func comparison() throws(ConditionError) -> RecordMatcher.Condition {
    let subject = try subject()
    guard case .sign(let sign) = try next() else { throw ConditionError("expected a comparison such as ==") }
    let value = try constant()
    switch sign {
    case "==": return try subject.equals(value)
    case "!=": return .not(try subject.equals(value))
    case ">=": return try subject.isAtLeast(value, plus: 0)
    case ">": return try subject.isAtLeast(value, plus: 1)
    case "<": return .not(try subject.isAtLeast(value, plus: 0))
    case "<=": return .not(try subject.isAtLeast(value, plus: 1))
    default: throw .unsupported(sign)
    }
  }

  /// `request["name"]` and `==` or `!=` and a text, as in the Collector; `!=` needs the field to be there.
  mutating func request() throws(ConditionError) -> RequestMatcher {
    guard take(.name("request")) else { throw .unsupported("a request condition other than request[\"…\"] == \"…\"") }
    let name = try key()
    let sign = try next()
    guard sign == .sign("==") || sign == .sign("!="), case .text(let value) = try next() else {
      throw .unsupported("a request condition other than request[\"…\"] == \"…\"")
    }
    return RequestMatcher(field: name, .strict([Array(value.utf8)]), isNegated: sign == .sign("!="))
  }

  private mutating func key() throws(ConditionError) -> String {
    try expect("[")
    guard case .text(let key) = try next() else { throw .unsupported("an index that is not a text in quotes") }
    try expect("]")
    return key
  }

  private mutating func constant() throws(ConditionError) -> Constant {
    switch try next() {
    case .text(let text): return .string(text)
    case .number(let number): return .int(number)
    case .name("true"): return .bool(true)
    case .name("false"): return .bool(false)
    case .name("nil"): return .empty
    case .name(let name):
      guard let severity = Self.severity(name) else { throw .unsupported(name) }
      return .int(severity)
    case .sign(let sign): throw .unsupported(sign)
    }
  }

  /// The number of `SEVERITY_NUMBER_INFO` and its like.
  private static func severity(_ name: String) -> Int64? {
    guard name.hasPrefix("SEVERITY_NUMBER_") else { return nil }
    let word = String(name.dropFirst("SEVERITY_NUMBER_".count))
    if word == "UNSPECIFIED" { return 0 }
    guard word.first?.isLetter == true, let number = try? OptionType<Int>.severity.parse(word) else { return nil }
    return Int64(number)
  }

  private mutating func subject() throws(ConditionError) -> ConditionSubject {
    let token = try next()
    guard case .name(let path) = token else { throw .unsupported("\(token)") }
    switch path {
    case "attributes" where context == .log: return .attribute(try key())
    case "attributes", "resource.attributes": return .resourceAttribute(try key())
    case "log.attributes": return .attribute(try allowed(path, key()))
    case "severity_number", "log.severity_number": return try allowed(path, .severityNumber)
    case "severity_text", "log.severity_text": return try allowed(path, .severityText)
    case "body", "log.body": return try allowed(path, .body)
    case "instrumentation_scope.name", "scope.name": return try allowed(path, .scopeName)
    default: throw .unsupported(path)
    }
  }

  /// What a path stands for, if the context has it.
  private func allowed<T>(_ path: String, _ subject: T) throws(ConditionError) -> T {
    if context == .log || context == nil && path.hasPrefix("log.") { return subject }
    throw ConditionError("\(path) needs context: log")
  }
}

/// What a condition asks about.
private enum ConditionSubject {
  case attribute(String)
  case resourceAttribute(String)
  case severityNumber, severityText, body, scopeName

  /// The condition that the text of the subject matches.
  func matches(_ text: TextMatcher) throws(ConditionError) -> RecordMatcher.Condition {
    switch self {
    case .attribute(let key): return .attribute(AttributeMatcher(key: key, .text(text)))
    case .resourceAttribute(let key): return .resourceAttribute(AttributeMatcher(key: key, .text(text)))
    case .severityText: return .severityText(text)
    case .body: return .body(text)
    case .scopeName: return .scope([ScopeMatcher(name: text, version: nil)])
    case .severityNumber: throw .unsupported("IsMatch of severity_number")
    }
  }

  func equals(_ value: Constant) throws(ConditionError) -> RecordMatcher.Condition {
    switch (self, value) {
    case (.attribute, _), (.resourceAttribute, _): return attribute(equals: value)
    case (.severityNumber, .int(let number)):
      return .all([try isAtLeast(value, plus: 0), .not(try isAtLeast(.int(number), plus: 1))])
    case (.severityText, .string(let text)), (.body, .string(let text)), (.scopeName, .string(let text)):
      return try matches(.strict([Array(text.utf8)]))
    default: throw .unsupported("this comparison")
    }
  }

  /// `nil` equals what is absent or empty; a whole number also a floating-point one of the same value.
  private func attribute(equals value: Constant) -> RecordMatcher.Condition {
    switch value {
    case .empty: .any([.not(attribute(.any)), attribute(.equal(.empty))])
    case .int(let number): .any([attribute(.equal(value)), attribute(.equal(.double(Double(number))))])
    default: attribute(.equal(value))
    }
  }

  private func attribute(_ expected: AttributeMatcher.Expected) -> RecordMatcher.Condition {
    switch self {
    case .resourceAttribute(let key): .resourceAttribute(AttributeMatcher(key: key, expected))
    case .attribute(let key): .attribute(AttributeMatcher(key: key, expected))
    case .severityNumber, .severityText, .body, .scopeName: .any([])
    }
  }

  /// That the severity number is at least `value` + `step`; no severity is number 0.
  func isAtLeast(_ value: Constant, plus step: Int64) throws(ConditionError) -> RecordMatcher.Condition {
    guard case .severityNumber = self, case .int(let number) = value else {
      throw .unsupported("comparing the order of anything but severity_number with a whole number")
    }
    let (sum, overflow) = number.addingReportingOverflow(step)
    if overflow || sum > Int32.max { return .any([]) }
    let minimum = Int32(clamping: sum)
    return .severityNumber(minimum: minimum, matchUndefined: minimum <= 0)
  }
}
