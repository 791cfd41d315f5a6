import Options

/// Expressions.
extension OTTLCompiler {
  /// The node of an expression.
  mutating func value(_ expression: OTTLExpression) throws(OTTLLoadError) -> UInt32 {
    let node = try uncounted(expression)
    if !isInLambda || constant(of: node) != nil { return node }
    return code.add(OTTLNode(kind: .counted, first: node))
  }

  private mutating func uncounted(_ expression: OTTLExpression) throws(OTTLLoadError) -> UInt32 {
    switch expression.kind {
    case .nil: return 0
    case .bool(let value): return code.add(constant: .bool(value))
    case .int(let value): return code.add(constant: .int(value))
    case .double(let value): return code.add(constant: .double(value))
    case .string(let text): return code.add(constant: .string(text))
    case .bytes(let bytes): return code.add(constant: .bytes(bytes))
    case .symbol(let name): return try symbol(name, at: expression.span)
    case .path(let path): return try self.path(path)
    case .local(let field): return try local(field, at: expression.span)
    case .call(let call): return try converter(call)
    case .list(let items): return try list(items)
    case .map(let entries): return try map(entries)
    case .math(let left, let sign, let right): return try math(left, OTTLMath.Operator(sign), right, expression.span)
    case .negated(let operand): return try negated(operand)
    case .functionName(let name):
      throw OTTLLoadError(
        "expected a value, found the function \(name.forDisplay(maxCharacters: 64))", at: expression.span)
    case .lambda:
      throw OTTLLoadError("expected a value, found a lambda: only some functions take one", at: expression.span)
    }
  }

  private mutating func symbol(_ name: String, at span: OTTLSpan) throws(OTTLLoadError) -> UInt32 {
    guard context == .log, let number = OTTLContext.severities[name] else {
      let known = context == .log ? OTTLContext.severities.keys.sorted() : []
      throw unknown("symbol", name, at: span, among: known)
    }
    return code.add(constant: .int(number))
  }

  private mutating func local(_ field: OTTLField, at span: OTTLSpan) throws(OTTLLoadError) -> UInt32 {
    guard let local = locals.last(where: { $0.name == field.name }) else {
      throw OTTLLoadError(
        "there is no parameter \(field.name.forDisplay(maxCharacters: 64)) of a lambda here", at: span)
    }
    return try index(code.add(OTTLNode(kind: .register, first: local.register)), by: field.keys, at: span)
  }

  /// What keys find in a value; the value itself if there are none.
  mutating func index(
    _ node: UInt32, by keys: [OTTLExpression], at span: OTTLSpan
  ) throws(OTTLLoadError) -> UInt32 {
    if keys.isEmpty { return node }
    var operands = [node]
    for key in keys { operands.append(try self.key(key)) }
    let count = UInt32(truncatingIfNeeded: keys.count)
    let indexed = code.add(OTTLNode(kind: .index, first: code.add(operands: operands), second: count))
    return try folded(indexed, of: operands, at: keys.first?.span ?? span)
  }

  /// A text or a whole number, or what may turn out to be one.
  mutating func key(_ key: OTTLExpression) throws(OTTLLoadError) -> UInt32 {
    let node = try value(key)
    switch constant(of: node) {
    case nil, .string?, .int?: return node
    default: throw OTTLLoadError("expected a text or a whole number as key", at: key.span)
    }
  }

  private mutating func list(_ items: [OTTLExpression]) throws(OTTLLoadError) -> UInt32 {
    var nodes: [UInt32] = []
    for item in items { nodes.append(try value(item)) }
    let constants = nodes.compactMap { constant(of: $0) }
    if constants.count == nodes.count { return code.add(constant: .list(constants)) }
    let count = UInt32(truncatingIfNeeded: nodes.count)
    return code.add(OTTLNode(kind: .list, first: code.add(operands: nodes), second: count))
  }

  private mutating func map(_ entries: [OTTLMapEntry]) throws(OTTLLoadError) -> UInt32 {
    var nodes: [UInt32] = []
    var members: [OTTLConstant.Member] = []
    for entry in entries {
      let node = try value(entry.value)
      nodes += [code.add(constant: .string(entry.key)), node]
      members.removeAll { $0.key == entry.key }
      if let constant = constant(of: node) { members.append(.init(key: entry.key, value: constant)) }
    }
    if stride(from: 1, to: nodes.count, by: 2).allSatisfy({ constant(of: nodes[$0]) != nil }) {
      return code.add(constant: .map(members))
    }
    let count = UInt32(truncatingIfNeeded: nodes.count)
    return code.add(OTTLNode(kind: .map, first: code.add(operands: nodes), second: count))
  }

  private mutating func math(
    _ left: OTTLExpression, _ sign: OTTLMath.Operator, _ right: OTTLExpression, _ span: OTTLSpan
  ) throws(OTTLLoadError) -> UInt32 {
    let operands = [try value(left), try value(right)]
    if sign == .divide, isZero(operands[1]) { throw OTTLLoadError("a number is divided by zero", at: right.span) }
    for (operand, side) in zip(operands, [left, right]) where !isComputable(operand) {
      throw OTTLLoadError("expected a number, a time or a duration to compute with", at: side.span)
    }
    let node = code.add(OTTLNode(kind: .math, detail: sign.rawValue, first: code.add(operands: operands)))
    return try folded(node, of: operands, at: span)
  }

  private mutating func negated(_ operand: OTTLExpression) throws(OTTLLoadError) -> UInt32 {
    let node = try value(operand)
    if !isComputable(node) { throw OTTLLoadError("expected a number behind -", at: operand.span) }
    return try folded(code.add(OTTLNode(kind: .negated, first: node)), of: [node], at: operand.span)
  }

  private func isZero(_ node: UInt32) -> Bool {
    switch constant(of: node) {
    case .int(let value)?: value == 0
    case .double(let value)?: value == 0
    default: false
    }
  }

  private func isComputable(_ node: UInt32) -> Bool {
    switch constant(of: node) {
    case nil, .int?, .double?, .time?, .duration?: true
    default: false
    }
  }
}

extension OTTLMath.Operator {
  init(_ sign: OTTLOperator) {
    switch sign {
    case .add: self = .add
    case .subtract: self = .subtract
    case .multiply: self = .multiply
    case .divide: self = .divide
    }
  }
}
