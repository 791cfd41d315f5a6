/// Running the nodes of a program.
extension OTTLRun {
  /// The value of an expression.
  @inline(__always)
  mutating func evaluate(_ index: UInt32) throws(OTTLFault) -> OTTLValue {
    let node = code.nodes[Int(index)]
    switch node.kind {
    case .none: return .none
    case .constant: return code.constants[Int(node.first)]
    case .path: return try get(OTTLPathIndex(index: node.first))
    default: return try evaluate(other: node)
    }
  }

  @inline(never)
  private mutating func evaluate(other node: OTTLNode) throws(OTTLFault) -> OTTLValue {
    switch node.kind {
    case .none: return .none
    case .constant: return code.constants[Int(node.first)]
    case .path: return try get(OTTLPathIndex(index: node.first))
    case .sharedPath: return try shared(node)
    case .call:
      return try call(
        node.detail, of: node.group, OTTLArguments(first: node.first, preparedIndex: node.second))
    case .register: return registers[Int(node.first)]
    case .counted:
      let value = try evaluate(node.first)
      try spend(1 &+ weight(of: value))
      return value
    case .index: return try indexed(node)
    case .math: return try computed(node)
    case .negated:
      let value = try evaluate(node.first)
      return try negated(value)
    case .list: return try written(list: node)
    case .map: return try written(map: node)
    case .pattern, .items, .function: throw .unavailable
    case .compare, .truth, .not, .all, .any, .severity, .absent, .sameText, .matches:
      return .bool(try holds(node))
    }
  }

  /// A path that several parts of a statement ask for.
  private mutating func shared(_ node: OTTLNode) throws(OTTLFault) -> OTTLValue {
    let slot = slots[Int(node.second)]
    if slot.edits == edits { return slot.value }
    let value = try get(OTTLPathIndex(index: node.first))
    // What lies in the memory of a statement goes with it.
    slots[Int(node.second)] = Slot(edits: edits, value: value)
    return value
  }

  /// What is looked up in the result of a converter or in a parameter of a lambda.
  private mutating func indexed(_ node: OTTLNode) throws(OTTLFault) -> OTTLValue {
    var value = try evaluate(code.operands[Int(node.first)])
    for key in 1...node.second { value = try member(of: value, at: code.operands[Int(node.first &+ key)]) }
    return value
  }

  /// How much there is to look at in a value: bytes of a text, members at any depth, and what is in them.
  private func weight(of value: OTTLValue) -> Int {
    switch value.kind {
    case .string, .bytes: return value.text.count
    case .list, .map:
      var weight = value.memberCount
      for index in 0..<value.memberCount {
        weight &+= self.weight(of: member(index, of: value))
        // More would not be allowed, and is not to be counted.
        if weight > limits.maxSteps { return weight }
      }
      return weight
    default: return 0
    }
  }

  /// Counts steps of lambdas; a fault if they are too many for a request.
  mutating func spend(_ more: Int) throws(OTTLFault) {
    steps &+= more
    if steps <= limits.maxSteps { return }
    excess = OTTLExcess(wanted: steps, allowed: limits.maxSteps, unit: .steps, option: "limits.max_steps")
    throw .tooCostly
  }

  /// A list that is written out.
  private mutating func written(list node: OTTLNode) throws(OTTLFault) -> OTTLValue {
    let start = begin()
    for place in node.first..<node.first &+ node.second {
      let value = try evaluate(code.operands[Int(place)])
      try add(value)
    }
    return list(from: start)
  }

  /// A map that is written out; of members of the same key the last counts.
  private mutating func written(map node: OTTLNode) throws(OTTLFault) -> OTTLValue {
    let start = begin()
    for place in stride(from: node.first, to: node.first &+ node.second, by: 2) {
      let key = try evaluate(code.operands[Int(place)])
      let value = try evaluate(code.operands[Int(place &+ 1)])
      try add(key.text, value)
    }
    return uniqueMap(from: start)
  }
}

/// Conditions.
extension OTTLRun {
  /// Whether a condition holds.
  @inline(__always)
  mutating func holds(_ index: UInt32) throws(OTTLFault) -> Bool { try holds(code.nodes[Int(index)]) }

  mutating func holds(_ node: OTTLNode) throws(OTTLFault) -> Bool {
    switch node.kind {
    case .compare:
      let left = try evaluate(code.operands[Int(node.first)])
      let right = try evaluate(code.operands[Int(node.first &+ 1)])
      return compare(left, node.comparison, right)
    case .not: return try !holds(node.first)
    case .all:
      for place in node.first..<node.first &+ node.second {
        if try !holds(code.operands[Int(place)]) { return false }
      }
      return true
    case .any:
      for place in node.first..<node.first &+ node.second {
        if try holds(code.operands[Int(place)]) { return true }
      }
      return false
    case .constant: return try truth(of: code.constants[Int(node.first)])
    case .truth:
      let value = try evaluate(node.first)
      return try truth(of: value)
    case .severity: return holds(severity: node)
    case .absent: return try evaluate(node.first).isNone == (node.detail == 0)
    case .sameText: return try holds(sameText: node)
    case .matches:
      let value = try evaluate(node.first)
      guard let text = try value.kind == .string ? value.text : textLike(value) else { return false }
      return code.patterns[Int(node.second)].matches(bytes(text))
    default: throw .notBool
    }
  }

  @inline(__always)
  private func truth(of value: OTTLValue) throws(OTTLFault) -> Bool {
    guard value.kind == .bool else { throw .notBool }
    return value.boolValue
  }

  @inline(__always)
  private func holds(severity node: OTTLNode) -> Bool {
    let severity = Int64(batch.records[record].severityNumber)
    let limit = code.constants[Int(node.first)].intValue
    return node.comparison.holds(severity < limit, severity == limit)
  }

  @inline(__always)
  private mutating func holds(sameText node: OTTLNode) throws(OTTLFault) -> Bool {
    let value = try evaluate(node.first)
    let isSame = value.kind == .string && isSame(bytes(value.text), bytes(code.constants[Int(node.second)].text))
    return isSame == (node.detail == 0)
  }
}

/// The sign of a comparison, as nodes hold it.
enum OTTLOrder: UInt8, Sendable, CaseIterable {
  case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual

  /// Whether it holds of a left side that is less than the right one, or equal to it, or neither.
  @inline(__always)
  func holds(_ isLess: Bool, _ isEqual: Bool) -> Bool {
    switch self {
    case .equal: isEqual
    case .notEqual: !isEqual
    case .less: isLess
    case .lessOrEqual: isLess || isEqual
    case .greater: !isLess && !isEqual
    case .greaterOrEqual: !isLess
    }
  }
}

extension OTTLNode {
  @inline(__always)
  var comparison: OTTLOrder { OTTLOrder(rawValue: detail) ?? .equal }
}
