import Options

/// One argument at a time.
extension OTTLCompiler {
  /// The node of an argument, or of what its parameter has if there is none.
  mutating func operand(
    _ parameter: OTTLParameter, _ argument: OTTLExpression?, of call: OTTLCall
  ) throws(OTTLLoadError) -> UInt32 {
    guard let argument else { return try fallback(parameter, of: call) }
    // Not node 0, which stands for an argument that is not given.
    if parameter.isOptional, case .value(.any) = parameter.kind, case .nil = argument.kind {
      return code.add(OTTLNode(kind: .none))
    }
    switch parameter.kind {
    case .value(let wanted): return try value(argument, wanted, parameter)
    case .constant(let wanted): return try constant(argument, wanted, parameter)
    case .choice(let words): return try choice(argument, words, parameter)
    case .pattern: return try pattern(argument, parameter)
    case .values(let wanted): return try items(argument, wanted, parameter, areConstant: false)
    case .constants(let wanted): return try items(argument, wanted, parameter, areConstant: true)
    case .path: return try target(argument, parameter, hasMembers: false)
    case .members: return try target(argument, parameter, hasMembers: true)
    case .converter: return try handedOver(argument, parameter)
    case .lambda(let count): return try lambda(argument, count, parameter)
    }
  }

  private mutating func fallback(_ parameter: OTTLParameter, of call: OTTLCall) throws(OTTLLoadError) -> UInt32 {
    guard let fallback = parameter.fallback else { return 0 }
    let node = code.add(constant: fallback)
    guard case .pattern = parameter.kind, case .string(let text) = fallback else { return node }
    return try compiled(text, at: call.span, parameter)
  }

  private func expected(_ what: String, _ parameter: OTTLParameter, at span: OTTLSpan) -> OTTLLoadError {
    OTTLLoadError("\(parameter.name): expected \(what)", at: span)
  }

  private mutating func value(
    _ argument: OTTLExpression, _ wanted: OTTLWanted, _ parameter: OTTLParameter
  ) throws(OTTLLoadError) -> UInt32 {
    let node = try value(argument)
    if let kind = constant(of: node)?.kind, !wanted.takes(kind) {
      throw expected("\(wanted.shown), found \(kind.shown)", parameter, at: argument.span)
    }
    return node
  }

  private mutating func constant(
    _ argument: OTTLExpression, _ wanted: OTTLWanted, _ parameter: OTTLParameter
  ) throws(OTTLLoadError) -> UInt32 {
    let node = try value(argument, wanted, parameter)
    if constant(of: node) == nil { throw expected("\(wanted.shown) that is constant", parameter, at: argument.span) }
    return node
  }

  private mutating func choice(
    _ argument: OTTLExpression, _ words: [String], _ parameter: OTTLParameter
  ) throws(OTTLLoadError) -> UInt32 {
    let listed = words.map { "\"\($0)\"" }.joined(separator: ", ")
    let node = try value(argument)
    guard case .string(let text)? = constant(of: node) else {
      throw expected("one of \(listed)", parameter, at: argument.span)
    }
    guard let index = words.firstIndex(where: { Array($0.utf8) == text }) else {
      let found = String(decoding: text, as: UTF8.self)
      throw expected(
        "one of \(listed), found \"\(found.forDisplay(maxCharacters: 64))\"\(suggestion(for: found, among: words))",
        parameter, at: argument.span)
    }
    return code.add(constant: .int(Int64(index)))
  }

  private mutating func pattern(
    _ argument: OTTLExpression, _ parameter: OTTLParameter
  ) throws(OTTLLoadError) -> UInt32 {
    let node = try value(argument, .string, parameter)
    guard case .string(let text)? = constant(of: node) else { return node }
    return try compiled(text, at: argument.span, parameter)
  }

  private mutating func compiled(
    _ text: [UInt8], at span: OTTLSpan, _ parameter: OTTLParameter
  ) throws(OTTLLoadError) -> UInt32 {
    do throws(PatternError) {
      code.patterns.append(try Pattern(String(decoding: text, as: UTF8.self)))
    } catch {
      throw OTTLLoadError(
        "\(parameter.name): the pattern \(error.message.forDisplay(maxCharacters: 200))", at: span)
    }
    return code.add(OTTLNode(kind: .pattern, first: UInt32(truncatingIfNeeded: code.patterns.count - 1)))
  }

  private mutating func items(
    _ argument: OTTLExpression, _ wanted: OTTLWanted, _ parameter: OTTLParameter, areConstant: Bool
  ) throws(OTTLLoadError) -> UInt32 {
    guard case .list(let items) = argument.kind else {
      // What is computed gives its elements when there is a record.
      if !areConstant { return try value(argument, .list, parameter) }
      throw expected("a list in brackets", parameter, at: argument.span)
    }
    var nodes: [UInt32] = []
    for item in items {
      nodes.append(
        try areConstant ? constant(item, wanted, parameter) : value(item, wanted, parameter))
    }
    let count = UInt32(truncatingIfNeeded: nodes.count)
    return code.add(OTTLNode(kind: .items, first: code.add(operands: nodes), second: count))
  }

  private mutating func target(
    _ argument: OTTLExpression, _ parameter: OTTLParameter, hasMembers: Bool
  ) throws(OTTLLoadError) -> UInt32 {
    guard case .path(let path) = argument.kind else { throw expected("a path", parameter, at: argument.span) }
    let node = try self.path(path)
    let field = code.paths[Int(code.nodes[Int(node)].first)].field
    code.nodes[Int(node)].detail = 1
    if !field.isOfRecord { editsOuter = true }
    if field.isOfRequest {
      throw OTTLLoadError("\(parameter.name): \(path) cannot be changed: it is the request's", at: argument.span)
    }
    if hasMembers && !field.hasMembers {
      throw expected("the path of a map or list, found \(path)", parameter, at: argument.span)
    }
    return node
  }

  /// The name of a converter, which is compiled as a call whose first argument is a register.
  private mutating func handedOver(
    _ argument: OTTLExpression, _ parameter: OTTLParameter
  ) throws(OTTLLoadError) -> UInt32 {
    let name: String
    switch argument.kind {
    case .functionName(let given), .symbol(let given): name = given
    default: throw expected("the name of a converter", parameter, at: argument.span)
    }
    guard let entry = functions[name], !entry.function.isEditor else {
      throw unknown("converter", name, at: argument.span, among: functions.names(ofEditors: false))
    }
    guard entry.function.parameters.count > 0, entry.function.requiredCount <= 1 else {
      throw expected("a converter of one argument, found \(name)", parameter, at: argument.span)
    }
    let register = takeRegisters(1)
    var operands = [code.add(OTTLNode(kind: .register, first: register))]
    let call = OTTLCall(
      name: name, nameSpan: argument.span, arguments: [], keys: [], span: argument.span)
    for other in entry.function.parameters.dropFirst() { operands.append(try fallback(other, of: call)) }
    var node = OTTLNode(kind: .call, detail: entry.id, group: entry.group)
    node.second = try prepared(
      entry.function, operands, Array(repeating: nil, count: operands.count), call)
    node.first = code.add(operands: operands)
    return function(code.add(node), register, parameters: 1)
  }

  private mutating func lambda(
    _ argument: OTTLExpression, _ count: Int, _ parameter: OTTLParameter
  ) throws(OTTLLoadError) -> UInt32 {
    guard case .lambda(let lambda) = argument.kind else {
      throw expected("a lambda of \(count) parameters", parameter, at: argument.span)
    }
    if lambda.parameters.count != count {
      throw expected(
        "a lambda of \(count) parameters, found one of \(lambda.parameters.count)", parameter, at: argument.span)
    }
    let first = takeRegisters(count)
    let outer = locals.count
    for (place, name) in lambda.parameters.enumerated() {
      if let name { locals.append((name, first + UInt32(truncatingIfNeeded: place))) }
    }
    let body: UInt32
    let wasInLambda = isInLambda
    isInLambda = true
    defer { isInLambda = wasInLambda }
    switch lambda.body {
    case .value(let value): body = try self.value(value)
    case .condition(let condition): body = try self.condition(condition)
    }
    locals.removeLast(locals.count - outer)
    return function(body, first, parameters: count)
  }

  private mutating func takeRegisters(_ count: Int) -> UInt32 {
    code.registerCount += count
    return UInt32(truncatingIfNeeded: code.registerCount - count)
  }

  private mutating func function(_ body: UInt32, _ register: UInt32, parameters: Int) -> UInt32 {
    let operands = code.add(operands: [body, register])
    return code.add(OTTLNode(kind: .function, first: operands, second: UInt32(truncatingIfNeeded: parameters)))
  }
}
