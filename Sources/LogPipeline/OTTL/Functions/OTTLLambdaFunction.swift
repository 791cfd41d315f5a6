/// Converters that are handed lambdas: the key or index of each member and its value.
enum OTTLLambdaFunction: UInt8, CaseIterable, Sendable {
  case all, any, filter, find, mapEach, mapKeys, reduce, when

  var declaration: OTTLFunction {
    let source = OTTLParameter("source", .value(.any))
    let predicate = OTTLParameter("predicate", .lambda(parameters: 2))
    return switch self {
    case .all: OTTLFunction("All", [source, predicate])
    case .any: OTTLFunction("Any", [source, predicate])
    case .filter: OTTLFunction("Filter", [source, predicate])
    case .find: OTTLFunction("Find", [source, predicate, .optional("mapper", .lambda(parameters: 2))])
    case .mapEach: OTTLFunction("MapEach", [source, .init("mapper", .lambda(parameters: 2))])
    case .mapKeys: OTTLFunction("MapKeys", [source, .init("mapper", .lambda(parameters: 2))])
    case .reduce:
      OTTLFunction("Reduce", [source, .init("seed", .value(.any)), .init("reducer", .lambda(parameters: 3))])
    case .when:
      OTTLFunction(
        "When",
        [
          .init("condition", .lambda(parameters: 0)), .init("true_value", .value(.any)),
          .init("false_value", .value(.any)),
        ])
    }
  }

  static func call(
    _ id: UInt8, _ call: OTTLArguments, _ run: inout OTTLRun
  ) throws(OTTLFault) -> OTTLValue {
    guard let function = OTTLLambdaFunction(rawValue: id) else { throw .unavailable }
    if function == .when {
      let holds = try truth(try run.applied(call, 0, to: (.none, .none, .none)))
      return try call.value(holds ? 1 : 2, &run)
    }
    let source = try call.value(0, &run)
    guard source.kind == .map || source.kind == .list else { throw source.isNone ? .nothing : .wrongType }
    switch function {
    case .all, .any:
      for index in 0..<source.memberCount where try run.holds(call, index, of: source) == (function == .any) {
        return .bool(function == .any)
      }
      return .bool(function == .all)
    case .find:
      for index in 0..<source.memberCount where try run.holds(call, index, of: source) {
        guard call.has(2, run) else { return run.member(index, of: source) }
        return try run.applied(call, 2, index, of: source)
      }
      return .none
    case .filter: return try run.filtered(call, source)
    case .mapEach: return try run.mapped(call, source)
    case .mapKeys: return try run.keyed(call, source)
    case .reduce: return try run.reduced(call, source)
    case .when: throw .unavailable
    }
  }

  fileprivate static func truth(_ value: OTTLValue) throws(OTTLFault) -> Bool {
    guard value.kind == .bool else { throw .notBool }
    return value.boolValue
  }
}

extension OTTLRun {
  /// What a lambda makes of a member.
  fileprivate mutating func applied(
    _ call: OTTLArguments, _ parameter: Int, _ index: Int, of source: OTTLValue
  ) throws(OTTLFault) -> OTTLValue {
    try applied(call, parameter, to: (name(index, of: source), member(index, of: source), .none))
  }

  /// What a lambda makes of values; each call is a step.
  fileprivate mutating func applied(
    _ call: OTTLArguments, _ parameter: Int, to values: (OTTLValue, OTTLValue, OTTLValue)
  ) throws(OTTLFault) -> OTTLValue {
    try spend(1)
    let wasInLambda = isInLambda
    isInLambda = true
    defer { isInLambda = wasInLambda }
    return try call.apply(parameter, to: values, &self)
  }

  /// The key of a member of a map, the index of an element of a list.
  private func name(_ index: Int, of source: OTTLValue) -> OTTLValue {
    source.kind == .map ? .string(key(index, of: source)) : .int(Int64(index))
  }

  /// Whether the predicate holds of a member.
  fileprivate mutating func holds(
    _ call: OTTLArguments, _ index: Int, of source: OTTLValue
  ) throws(OTTLFault) -> Bool {
    try OTTLLambdaFunction.truth(try applied(call, 1, index, of: source))
  }

  fileprivate mutating func filtered(_ call: OTTLArguments, _ source: OTTLValue) throws(OTTLFault) -> OTTLValue {
    let start = begin()
    for index in 0..<source.memberCount where try holds(call, index, of: source) {
      try add(key(index, of: source), member(index, of: source))
    }
    return source.kind == .map ? map(from: start) : list(from: start)
  }

  fileprivate mutating func mapped(_ call: OTTLArguments, _ source: OTTLValue) throws(OTTLFault) -> OTTLValue {
    let start = begin()
    for index in 0..<source.memberCount {
      let value = try applied(call, 1, index, of: source)
      try add(key(index, of: source), value)
    }
    return source.kind == .map ? map(from: start) : list(from: start)
  }

  /// A map under keys that a lambda makes; of the same key the last counts.
  fileprivate mutating func keyed(_ call: OTTLArguments, _ source: OTTLValue) throws(OTTLFault) -> OTTLValue {
    let start = begin()
    for index in 0..<source.memberCount {
      let key = try applied(call, 1, index, of: source)
      guard key.kind == .string else { throw key.isNone ? .nothing : .wrongType }
      try add(key.text, member(index, of: source))
    }
    return uniqueMap(from: start)
  }

  fileprivate mutating func reduced(_ call: OTTLArguments, _ source: OTTLValue) throws(OTTLFault) -> OTTLValue {
    var result = try call.value(1, &self)
    for index in 0..<source.memberCount {
      result = try applied(call, 2, to: (result, name(index, of: source), member(index, of: source)))
    }
    return result
  }
}
