/// The arguments of one call, by parameter; each is evaluated when it is asked for, and again if it is asked again.
struct OTTLArguments: Sendable {
  /// Where the node of the first argument stands in `OTTLCode.operands`.
  let first: UInt32
  /// Which of `OTTLCode.prepared` is this call's, plus one; 0 for none.
  let preparedIndex: UInt32

  /// The node of an argument; node 0 if it is not given and has no default.
  @inline(__always)
  func node(_ parameter: Int, _ run: borrowing OTTLRun) -> UInt32 { run.code.operands[Int(first) &+ parameter] }

  /// Whether an argument is given, or has a default.
  @inline(__always)
  func has(_ parameter: Int, _ run: borrowing OTTLRun) -> Bool { node(parameter, run) != 0 }

  /// What `OTTLFunction.prepare` gave for this call; nil if that was nothing, or of another type.
  @inline(__always)
  func prepared<T: OTTLPrepared>(_: T.Type, _ run: borrowing OTTLRun) -> T? {
    preparedIndex == 0 ? nil : run.code.prepared[Int(preparedIndex) &- 1] as? T
  }
}

/// Values of one kind; a fault for another.
extension OTTLArguments {
  /// A value of any kind.
  @inline(__always)
  func value(_ parameter: Int, _ run: inout OTTLRun) throws(OTTLFault) -> OTTLValue {
    try run.evaluate(node(parameter, run))
  }

  /// A value that has to be of a kind.
  @inline(__always)
  private func value(
    _ parameter: Int, of kind: OTTLValue.Kind, _ run: inout OTTLRun
  ) throws(OTTLFault) -> OTTLValue {
    let value = try value(parameter, &run)
    if value.kind != kind { throw value.isNone ? .nothing : .wrongType }
    return value
  }

  /// A string.
  @inline(__always)
  func text(_ parameter: Int, _ run: inout OTTLRun) throws(OTTLFault) -> OTTLText {
    try value(parameter, of: .string, &run).text
  }

  /// A whole number; of a choice its index.
  @inline(__always)
  func int(_ parameter: Int, _ run: inout OTTLRun) throws(OTTLFault) -> Int64 {
    try value(parameter, of: .int, &run).intValue
  }

  func double(_ parameter: Int, _ run: inout OTTLRun) throws(OTTLFault) -> Double {
    try value(parameter, of: .double, &run).doubleValue
  }

  func bool(_ parameter: Int, _ run: inout OTTLRun) throws(OTTLFault) -> Bool {
    try value(parameter, of: .bool, &run).boolValue
  }

  /// A time, with its clock.
  func time(_ parameter: Int, _ run: inout OTTLRun) throws(OTTLFault) -> OTTLValue {
    try value(parameter, of: .time, &run)
  }

  /// Nanoseconds.
  func duration(_ parameter: Int, _ run: inout OTTLRun) throws(OTTLFault) -> Int64 {
    try value(parameter, of: .duration, &run).nanoseconds
  }

  /// A value that is a map, to be read.
  func map(_ parameter: Int, _ run: inout OTTLRun) throws(OTTLFault) -> OTTLValue {
    try value(parameter, of: .map, &run)
  }

  /// A value that is a list, to be read.
  func list(_ parameter: Int, _ run: inout OTTLRun) throws(OTTLFault) -> OTTLValue {
    try value(parameter, of: .list, &run)
  }
}

/// Values that are made of other kinds (`OTTLRun+Conversion`); nil of nil.
extension OTTLArguments {
  /// The text of any value: bytes and ids in hexadecimal digits, all else but texts in JSON.
  @inline(__always)
  func textLike(_ parameter: Int, _ run: inout OTTLRun) throws(OTTLFault) -> OTTLText? {
    let value = try value(parameter, &run)
    return try value.kind == .string ? value.text : run.textLike(value)
  }

  /// A whole number; also nil of text that is none.
  func intLike(_ parameter: Int, _ run: inout OTTLRun) throws(OTTLFault) -> Int64? {
    let value = try value(parameter, &run)
    return try run.intLike(value)
  }

  func doubleLike(_ parameter: Int, _ run: inout OTTLRun) throws(OTTLFault) -> Double? {
    let value = try value(parameter, &run)
    return try run.doubleLike(value)
  }

  func boolLike(_ parameter: Int, _ run: inout OTTLRun) throws(OTTLFault) -> Bool? {
    let value = try value(parameter, &run)
    return try run.boolLike(value)
  }

  /// Bytes, those of a string, or of a number with the highest first.
  func bytesLike(_ parameter: Int, _ run: inout OTTLRun) throws(OTTLFault) -> OTTLText? {
    let value = try value(parameter, &run)
    return try run.bytesLike(value)
  }
}

/// Arguments that are more than a value.
extension OTTLArguments {
  /// The elements of a list, written out or computed; none if it is not given.
  func items(_ parameter: Int, _ run: inout OTTLRun) throws(OTTLFault) -> OTTLItems {
    let index = node(parameter, run)
    let node = run.code.nodes[Int(index)]
    if node.kind == .items { return OTTLItems(first: node.first, count: Int(node.second), list: nil) }
    if index == 0 { return OTTLItems(first: 0, count: 0, list: nil) }
    let list = try list(parameter, &run)
    return OTTLItems(first: 0, count: list.memberCount, list: list)
  }

  /// A regular expression: compiled at load if it is constant, now if it is not.
  @inline(__always)
  func pattern(_ parameter: Int, _ run: inout OTTLRun) throws(OTTLFault) -> Pattern {
    let node = run.code.nodes[Int(node(parameter, run))]
    if node.kind == .pattern { return run.code.patterns[Int(node.first)] }
    return try run.pattern(of: try text(parameter, &run))
  }

  /// A path, for `OTTLRun.get` and `OTTLRun.set`.
  func path(_ parameter: Int, _ run: borrowing OTTLRun) -> OTTLPathIndex {
    OTTLPathIndex(index: run.code.nodes[Int(node(parameter, run))].first)
  }

  /// The members of the map or list at a path, to be edited; a fault if there is none.
  func members(_ parameter: Int, _ run: inout OTTLRun) throws(OTTLFault) -> OTTLMembers {
    try run.openMembers(at: path(parameter, run))
  }

  /// What a lambda makes of values; it takes as many as it has parameters.
  func apply(
    _ parameter: Int, to values: (OTTLValue, OTTLValue, OTTLValue), _ run: inout OTTLRun
  ) throws(OTTLFault) -> OTTLValue {
    let function = run.code.nodes[Int(node(parameter, run))]
    guard function.kind == .function else { throw .unavailable }
    let registers = Int(run.code.operands[Int(function.first) &+ 1])
    if function.second > 0 { run.registers[registers] = values.0 }
    if function.second > 1 { run.registers[registers &+ 1] = values.1 }
    if function.second > 2 { run.registers[registers &+ 2] = values.2 }
    return try run.evaluate(run.code.operands[Int(function.first)])
  }

  /// What a converter makes of a value.
  func apply(_ parameter: Int, to value: OTTLValue, _ run: inout OTTLRun) throws(OTTLFault) -> OTTLValue {
    try apply(parameter, to: (value, .none, .none), &run)
  }
}

/// The elements of a list that a call is given; those of one that is written out are evaluated when they are asked for.
struct OTTLItems {
  /// Where the node of the first stands in `OTTLCode.operands`.
  fileprivate let first: UInt32
  let count: Int
  /// What was computed; nil for a list that is written out.
  fileprivate let list: OTTLValue?

  /// One element, counted from 0.
  func value(_ index: Int, _ run: inout OTTLRun) throws(OTTLFault) -> OTTLValue {
    if let list { return run.member(index, of: list) }
    guard index >= 0, index < count else { return .none }
    return try run.evaluate(run.code.operands[Int(first) &+ index])
  }
}

/// A path of a program.
struct OTTLPathIndex: Sendable {
  let index: UInt32
}
