import Options

/// Calls: names, arity and kinds of arguments are checked here, so that a run need not.
extension OTTLCompiler {
  /// The node of a converter's call, and what is looked up in its result.
  mutating func converter(_ call: OTTLCall) throws(OTTLLoadError) -> UInt32 {
    guard let entry = functions[call.name], !entry.function.isEditor else {
      throw unknown("converter", call.name, at: call.nameSpan, among: functions.names(ofEditors: false))
    }
    return try index(try self.call(entry, call), by: call.keys, at: call.span)
  }

  /// The node of a call; a constant if it needs no record.
  mutating func call(_ entry: OTTLFunctionTable.Entry, _ call: OTTLCall) throws(OTTLLoadError) -> UInt32 {
    let function = entry.function
    let given = try arguments(of: call, for: function)
    var operands: [UInt32] = []
    for (parameter, argument) in zip(function.parameters, given) {
      operands.append(try operand(parameter, argument, of: call))
    }
    var node = OTTLNode(kind: .call, detail: entry.id, group: entry.group)
    node.second = try prepared(function, operands, given, call)
    if entry.isSet, let value = given.last ?? nil { try check(operands[1], at: value.span, fits: operands[0]) }
    node.first = code.add(operands: operands)
    let index = code.add(node)
    // What has no arguments gives something else each time.
    if operands.isEmpty || function.isEditor { return index }
    return try folded(index, of: operands, at: call.span, name: call.name)
  }

  /// The arguments by parameter; nil for one that is left out.
  private func arguments(
    of call: OTTLCall, for function: OTTLFunction
  ) throws(OTTLLoadError) -> [OTTLExpression?] {
    var given = [OTTLExpression?](repeating: nil, count: function.parameters.count)
    for (place, argument) in call.arguments.enumerated() {
      guard let name = argument.name.map({ Self.snakeCase($0) }) else {
        if place >= given.count { throw tooMany(call, function, at: argument.span) }
        given[place] = argument.value
        continue
      }
      guard let index = function.parameters.firstIndex(where: { $0.name == name }) else {
        throw OTTLLoadError(
          "\(call.name) has no parameter \(name.forDisplay(maxCharacters: 64))"
            + suggestion(for: name, among: function.parameters.map(\.name)), at: argument.span)
      }
      if given[index] != nil { throw OTTLLoadError("\(name) is given twice", at: argument.span) }
      given[index] = argument.value
    }
    for (parameter, argument) in zip(function.parameters, given) where argument == nil && !parameter.isOptional {
      throw OTTLLoadError(
        "\(call.name) lacks the argument \(parameter.name): it takes \(function.arity), "
          + "\(call.arguments.count) given", at: call.span)
    }
    return given
  }

  private func tooMany(_ call: OTTLCall, _ function: OTTLFunction, at span: OTTLSpan) -> OTTLLoadError {
    OTTLLoadError("\(call.name) takes \(function.arity), \(call.arguments.count) given", at: span)
  }

  /// `namedCapturesOnly` and `named_captures_only` are the same name.
  private static func snakeCase(_ name: String) -> String {
    var snake = ""
    for character in name {
      if character.isUppercase { snake += "_" }
      snake += character.lowercased()
    }
    return snake
  }

  /// What the function makes of its constant arguments, plus one; 0 if it makes nothing.
  mutating func prepared(
    _ function: OTTLFunction, _ operands: [UInt32], _ given: [OTTLExpression?], _ call: OTTLCall
  ) throws(OTTLLoadError) -> UInt32 {
    guard let prepare = function.prepare else { return 0 }
    var constants: [OTTLConstant?] = []
    for (index, operand) in operands.enumerated() {
      let isAbsent = given[index] == nil && operand == 0
      constants.append(isAbsent ? nil : constant(of: operand) ?? text(ofPattern: operand))
    }
    do throws(OTTLProblem) {
      guard let made = try prepare(OTTLConstants(values: constants, given: given.map { $0 != nil })) else { return 0 }
      code.prepared.append(made)
      return UInt32(truncatingIfNeeded: code.prepared.count)
    } catch {
      let argument = error.parameter.flatMap { given.indices.contains($0) ? given[$0] : nil }
      throw OTTLLoadError("\(call.name): \(error.message)", at: argument?.span ?? call.span)
    }
  }

  /// The text of a pattern that was compiled.
  private func text(ofPattern node: UInt32) -> OTTLConstant? {
    let node = code.nodes[Int(node)]
    return node.kind == .pattern ? .text(code.patterns[Int(node.first)].text) : nil
  }
}

extension OTTLFunction {
  /// How many arguments it takes, in words.
  fileprivate var arity: String {
    let (least, most) = (requiredCount, parameters.count)
    return least == most ? "\(most) argument\(most == 1 ? "" : "s")" : "\(least) to \(most) arguments"
  }
}
