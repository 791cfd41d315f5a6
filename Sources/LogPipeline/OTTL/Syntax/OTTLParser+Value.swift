/// Values, and what is computed of them: `*` and `/` bind closer than `+` and `-`.
extension OTTLParser {
  mutating func value() throws(OTTLLoadError) -> OTTLExpression {
    let start = next.span
    switch next.kind {
    case .keyword(.nil): return try constant(.nil)
    case .keyword(.true): return try constant(.bool(true))
    case .keyword(.false): return try constant(.bool(false))
    case .string(let text): return try constant(.string(text))
    case .bytes(let bytes): return try constant(.bytes(bytes))
    case .sign(.openBracket): return try list()
    case .sign(.openBrace): return try map()
    case .sign(.openParenthesis) where isLambda: return try lambda()
    default: return try math(continuing: factor(), from: start)
    }
  }

  private mutating func constant(_ kind: OTTLExpression.Kind) throws(OTTLLoadError) -> OTTLExpression {
    let span = next.span
    advance()
    try count(heightBelow: 0, at: span)
    return OTTLExpression(kind: kind, span: span)
  }

  /// What follows the first value of a sum or a product, which began at `start`.
  mutating func math(
    continuing first: OTTLExpression, from start: OTTLSpan
  ) throws(OTTLLoadError) -> OTTLExpression {
    var sum = try product(continuing: first, from: start)
    while case .op(let op) = next.kind {
      let below = height
      advance()
      let start = next.span
      let right = try product(continuing: factor(), from: start)
      sum = try join(sum, op, right, heightBelow: max(below, height))
    }
    return sum
  }

  private mutating func product(
    continuing first: OTTLExpression, from start: OTTLSpan
  ) throws(OTTLLoadError) -> OTTLExpression {
    var product = first
    product.span = span(from: start)
    while case .op(let op) = next.kind, op == .multiply || op == .divide {
      let below = height
      advance()
      let right = try factor()
      product = try join(product, op, right, heightBelow: max(below, height))
    }
    return product
  }

  private mutating func join(
    _ left: OTTLExpression, _ op: OTTLOperator, _ right: OTTLExpression, heightBelow below: Int
  ) throws(OTTLLoadError) -> OTTLExpression {
    let span = left.span.through(right.span)
    try count(heightBelow: below, at: span)
    return OTTLExpression(kind: .math(left, op, right), span: span)
  }

  /// A number, a name of anything, or a value in parentheses, perhaps with a sign.
  private mutating func factor() throws(OTTLLoadError) -> OTTLExpression {
    let start = next.span
    if take(.op(.add)) { return try spanning(unsigned(), from: start) }
    guard take(.op(.subtract)) else { return try unsigned() }
    switch next.kind {
    case .int(let number): return try spanning(constant(.int(-number)), from: start)
    case .double(let number): return try spanning(constant(.double(-number)), from: start)
    default:
      let operand = try unsigned()
      let span = span(from: start)
      try count(heightBelow: height, at: span)
      return OTTLExpression(kind: .negated(operand), span: span)
    }
  }

  private func spanning(_ value: OTTLExpression, from start: OTTLSpan) -> OTTLExpression {
    OTTLExpression(kind: value.kind, span: span(from: start))
  }

  private mutating func unsigned() throws(OTTLLoadError) -> OTTLExpression {
    switch next.kind {
    case .int(let number): return try constant(.int(number))
    case .double(let number): return try constant(.double(number))
    case .lower: return try path()
    case .upper: return try converter()
    case .sign(.openParenthesis):
      let start = next.span
      guard case .value(let value) = try parentheses(), value.isComputable else {
        throw OTTLLoadError("expected a value, found a condition or a constant in parentheses", at: start)
      }
      return spanning(value, from: start)
    default: throw unexpected("a value", hint(for: next.kind))
    }
  }

  /// Values in brackets; before the first comma none is needed.
  private mutating func list() throws(OTTLLoadError) -> OTTLExpression {
    let start = next.span
    var items: [OTTLExpression] = []
    var below = 0
    var needsComma = false
    advance()
    while next.kind != .sign(.closeBracket) {
      if needsComma && next.kind != .sign(.comma) { throw unexpected(", or ]", hint(for: next.kind)) }
      if !items.isEmpty && take(.sign(.comma)) { needsComma = true }
      items.append(try nested { (parser) throws(OTTLLoadError) in try parser.value() })
      below = max(below, height)
    }
    advance()
    let span = span(from: start)
    try count(heightBelow: below, at: span)
    return OTTLExpression(kind: .list(items), span: span)
  }

  /// Keys in quotes with values, in braces; commas may be left out.
  private mutating func map() throws(OTTLLoadError) -> OTTLExpression {
    let start = next.span
    var entries: [OTTLMapEntry] = []
    var below = 0
    advance()
    while next.kind != .sign(.closeBrace) {
      guard case .string(let key) = next.kind else { throw unexpected("a key in double quotes or }") }
      advance()
      try expect(.colon)
      let value = try nested { (parser) throws(OTTLLoadError) in try parser.value() }
      entries.append(OTTLMapEntry(key: key, value: value))
      below = max(below, height)
      _ = take(.sign(.comma))
    }
    advance()
    let span = span(from: start)
    try count(heightBelow: below, at: span)
    return OTTLExpression(kind: .map(entries), span: span)
  }
}
