/// Conditions: `not` binds closest, then `and`, then `or`.
extension OTTLParser {
  /// A condition, or a value that is not yet known to be one: in parentheses both can begin alike.
  enum Operand {
    case condition(OTTLCondition)
    case value(OTTLExpression)
  }

  mutating func condition() throws(OTTLLoadError) -> OTTLCondition {
    // Two steps: what is called with an argument that reads on would still be where it began.
    let operand = try alternatives()
    return try asCondition(operand)
  }

  /// Operands with `or` between them.
  mutating func alternatives() throws(OTTLLoadError) -> Operand {
    try series(.or, of: { (parser) throws(OTTLLoadError) in try parser.conjunction() }, as: { .any($0) })
  }

  private mutating func conjunction() throws(OTTLLoadError) -> Operand {
    try series(.and, of: { (parser) throws(OTTLLoadError) in try parser.negation() }, as: { .all($0) })
  }

  private mutating func series(
    _ word: OTTLToken.Keyword, of read: (inout OTTLParser) throws(OTTLLoadError) -> Operand,
    as kind: ([OTTLCondition]) -> OTTLCondition.Kind
  ) throws(OTTLLoadError) -> Operand {
    let start = next.span
    let first = try read(&self)
    guard next.kind == .keyword(word) else { return first }
    var all = [try asCondition(first)]
    var below = height
    while take(.keyword(word)) {
      let more = try read(&self)
      all.append(try asCondition(more))
      below = max(below, height)
    }
    let span = span(from: start)
    try count(heightBelow: below, at: span)
    return .condition(OTTLCondition(kind: kind(all), span: span))
  }

  private mutating func negation() throws(OTTLLoadError) -> Operand {
    let start = next.span
    guard take(.keyword(.not)) else { return try operand() }
    if next.kind == .keyword(.not) { throw unexpected("one not: a second needs parentheses around its operand") }
    let operand = try operand()
    let condition = try asCondition(operand)
    let span = span(from: start)
    try count(heightBelow: height, at: span)
    return .condition(OTTLCondition(kind: .not(condition), span: span))
  }

  /// A comparison, a value, or anything in parentheses.
  private mutating func operand() throws(OTTLLoadError) -> Operand {
    let start = next.span
    let left: OTTLExpression
    if next.kind == .sign(.openParenthesis) {
      switch try parentheses() {
      case .condition(let condition): return .condition(condition)
      case .value(let value):
        guard value.isComputable else { return .value(value) }
        left = try math(continuing: value, from: start)
      }
    } else {
      left = try value()
    }
    guard case .comparison(let comparison) = next.kind else { return .value(left) }
    let below = height
    advance()
    let right = try value()
    if case .comparison = next.kind { throw unexpected("one comparison: use and between two") }
    let span = span(from: start)
    try count(heightBelow: max(below, height), at: span)
    return .condition(OTTLCondition(kind: .comparison(left, comparison, right), span: span))
  }

  /// What stands in parentheses.
  mutating func parentheses() throws(OTTLLoadError) -> Operand {
    try expect(.openParenthesis)
    let inner = try nested { (parser) throws(OTTLLoadError) in try parser.alternatives() }
    if next.kind != .sign(.closeParenthesis) { throw unexpected("and, or, or )", hint(for: next.kind)) }
    advance()
    return inner
  }

  /// The operand as a condition: of values, `true`, `false` and converters are.
  private func asCondition(_ operand: Operand) throws(OTTLLoadError) -> OTTLCondition {
    switch operand {
    case .condition(let condition): return condition
    case .value(let value):
      switch value.kind {
      case .bool(let bool): return OTTLCondition(kind: .constant(bool), span: value.span)
      case .call(let call): return OTTLCondition(kind: .converter(call), span: value.span)
      case .path, .local, .symbol, .nil, .int, .double, .string, .bytes, .functionName, .list, .map, .math, .negated,
        .lambda:
        throw unexpected("a comparison such as ==", hint(for: next.kind))
      }
    }
  }
}

extension OTTLExpression {
  /// Whether it can stand in parentheses as a value, and be computed with.
  var isComputable: Bool {
    switch kind {
    case .int, .double, .symbol, .path, .local, .call, .math, .negated: true
    case .nil, .bool, .string, .bytes, .functionName, .list, .map, .lambda: false
    }
  }
}
