/// Converters of types, and of maps and lists.
enum OTTLValueFunction: UInt8, CaseIterable, Sendable {
  case int, double, bool, isInt, isDouble, isBool, isList, isEmpty, coalesce, containsValue, keys, values, sliceToMap,
    sort

  var declaration: OTTLFunction {
    switch self {
    case .int: OTTLFunction("Int", [.init("target", .value(.intLike))])
    case .double: OTTLFunction("Double", [.init("target", .value(.doubleLike))])
    case .bool: OTTLFunction("Bool", [.init("target", .value(.boolLike))])
    case .isInt: OTTLFunction("IsInt", [.init("target", .value(.any))])
    case .isDouble: OTTLFunction("IsDouble", [.init("target", .value(.any))])
    case .isBool: OTTLFunction("IsBool", [.init("target", .value(.any))])
    case .isList: OTTLFunction("IsList", [.init("target", .value(.any))])
    case .isEmpty: OTTLFunction("IsEmpty", [.init("value", .value(.any))])
    case .coalesce: OTTLFunction("Coalesce", [.init("values", .values(.any))])
    case .containsValue:
      OTTLFunction("ContainsValue", [.init("target", .value(.list)), .init("item", .value(.any))])
    case .keys: OTTLFunction("Keys", [.init("target", .value(.map))])
    case .values: OTTLFunction("Values", [.init("target", .value(.map))])
    case .sliceToMap:
      OTTLFunction(
        "SliceToMap",
        [
          .init("target", .value(.list)), .optional("key_path", .constants(.string)),
          .optional("value_path", .constants(.string)),
        ])
    case .sort:
      OTTLFunction(
        "Sort", [.init("target", .value(.any)), .optional("order", .choice(["asc", "desc"]), default: .int(0))])
    }
  }

  static func call(
    _ id: UInt8, _ call: OTTLArguments, _ run: inout OTTLRun
  ) throws(OTTLFault) -> OTTLValue {
    switch OTTLValueFunction(rawValue: id) {
    case .int?: return try call.intLike(0, &run).map { .int($0) } ?? .none
    case .double?: return try call.doubleLike(0, &run).map { .double($0) } ?? .none
    case .bool?: return try call.boolLike(0, &run).map { .bool($0) } ?? .none
    case .isInt?: return .bool(try call.value(0, &run).kind == .int)
    case .isDouble?: return .bool(try call.value(0, &run).kind == .double)
    case .isBool?: return .bool(try call.value(0, &run).kind == .bool)
    case .isList?: return .bool(try call.value(0, &run).kind == .list)
    case .isEmpty?: return .bool(isEmpty(try call.value(0, &run)))
    case .coalesce?:
      let items = try call.items(0, &run)
      for index in 0..<items.count {
        let value = try items.value(index, &run)
        if !value.isNone { return value }
      }
      return .none
    case .containsValue?:
      let (list, item) = (try call.list(0, &run), try call.value(1, &run))
      for index in 0..<list.memberCount where run.compare(run.member(index, of: list), .equal, item) {
        return .bool(true)
      }
      return .bool(false)
    case .keys?, .values?:
      let map = try call.map(0, &run)
      let start = run.begin()
      for index in 0..<map.memberCount {
        try run.add(
          id == OTTLValueFunction.keys.rawValue ? .string(run.key(index, of: map)) : run.member(index, of: map))
      }
      return run.list(from: start)
    case .sliceToMap?: return try run.sliceToMap(call)
    case .sort?: return try run.sort(try call.value(0, &run), isDescending: try call.int(1, &run) == 1)
    case nil: throw .unavailable
    }
  }

  /// Whether a value is nil or the one of its type that says nothing: 0, false, no characters, bytes or members.
  private static func isEmpty(_ value: OTTLValue) -> Bool {
    switch value.kind {
    case .none: true
    case .bool: !value.boolValue
    case .int: value.intValue == 0
    case .double: value.doubleValue == 0
    case .string, .bytes: value.text.isEmpty
    case .list, .map: value.memberCount == 0
    case .time, .duration: value.nanoseconds == 0
    case .traceID: value.traceIDValue.isNone
    case .spanID: value.spanIDValue == 0
    }
  }
}

extension OTTLRun {
  // MARK: Lists to maps

  /// A map of a list's elements: under what a path finds in each, or their indices; of each all of it, or what another
  /// path finds.
  fileprivate mutating func sliceToMap(_ call: OTTLArguments) throws(OTTLFault) -> OTTLValue {
    let list = try call.list(0, &self)
    let start = begin()
    for index in 0..<list.memberCount {
      let element = member(index, of: list)
      let value = call.has(2, self) ? try found(at: 2, of: call, in: element) : element
      guard call.has(1, self) else {
        out.appendDecimal(UInt64(index))
        try add(try finishText(), value)
        continue
      }
      let key = try found(at: 1, of: call, in: element)
      guard key.kind == .string else { throw key.isNone ? .nothing : .wrongType }
      try add(key.text, value)
    }
    return uniqueMap(from: start)
  }

  /// What the keys of a parameter, one after the other, lead to in a map; a fault if they lead nowhere.
  private mutating func found(
    at parameter: Int, of call: OTTLArguments, in element: OTTLValue
  ) throws(OTTLFault) -> OTTLValue {
    var value = element
    let path = try call.items(parameter, &self)
    for step in 0..<path.count {
      let key = try path.value(step, &self)
      guard value.kind == .map else { throw .wrongType }
      guard let place = index(of: bytes(key.text), in: value) else { throw .nothing }
      value = member(place, of: value)
    }
    return value
  }

  // MARK: Sort

  /// What the elements of a list are compared as.
  private enum SortKind { case int, double, text }

  /// A list in order: numbers as such, all else by their texts, equal ones as they stood; each keeps its type. A value
  /// that is no list, and a list with maps, lists or bytes in it, stay as they are.
  fileprivate mutating func sort(_ value: OTTLValue, isDescending: Bool) throws(OTTLFault) -> OTTLValue {
    guard value.kind == .list, value.memberCount > 0, let kind = sortKind(of: value) else { return value }
    // First what is compared.
    let start = begin()
    for index in 0..<value.memberCount {
      let element = member(index, of: value)
      switch kind {
      case .int: try add(element)
      case .double: try add(.double(element.kind == .int ? Double(element.intValue) : element.doubleValue))
      case .text: try add(.string(try textOf(element)))
      }
    }
    var order = Array(0..<value.memberCount)
    order.sort { a, b in
      let (left, right) = (open[start &+ (isDescending ? b : a)].value, open[start &+ (isDescending ? a : b)].value)
      return switch kind {
      case .int: left.intValue < right.intValue
      case .double: Self.precedes(left.doubleValue, right.doubleValue)
      case .text: compare(left, .less, right)
      }
    }
    for (place, index) in order.enumerated() { open[start &+ place].value = member(index, of: value) }
    return list(from: start)
  }

  /// NaN comes before all numbers, so that there is one order.
  private static func precedes(_ a: Double, _ b: Double) -> Bool { a.isNaN ? !b.isNaN : a < b }

  private func sortKind(of list: OTTLValue) -> SortKind? {
    var kind: SortKind?
    for index in 0..<list.memberCount {
      switch (member(index, of: list).kind, kind) {
      case (.int, nil): kind = .int
      case (.double, nil), (.double, .int?): kind = .double
      case (.int, _), (.double, _): break
      case (.string, _), (.bool, _), (.none, _): kind = .text
      default: return nil
      }
    }
    return kind
  }
}
