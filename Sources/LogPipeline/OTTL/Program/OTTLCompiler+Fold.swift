/// Constants found and computed at load.
extension OTTLCompiler {
  /// The constant that a node gives; nil if it is none.
  func constant(of index: UInt32) -> OTTLConstant? {
    let node = code.nodes[Int(index)]
    switch node.kind {
    case .none: return OTTLConstant.none
    case .constant: return code.constant(code.constants[Int(node.first)])
    case .items:
      var items: [OTTLConstant] = []
      for place in node.first..<node.first + node.second {
        guard let item = constant(of: code.operands[Int(place)]) else { return nil }
        items.append(item)
      }
      return .list(items)
    default: return nil
    }
  }

  /// Whether two constants stand in an order.
  func folded(_ left: OTTLConstant, _ order: OTTLOrder, _ right: OTTLConstant) -> Bool {
    var code = OTTLCode()
    let (left, right) = (code.value(left), code.value(right))
    let run = OTTLRun(code, request: RequestContext())
    return run.compare(left, order, right)
  }

  /// The constant that a node comes to if all its operands are constant; else the node. What is a fault for every
  /// record is an error.
  mutating func folded(
    _ node: UInt32, of operands: [UInt32], at span: OTTLSpan, name: String? = nil
  ) throws(OTTLLoadError) -> UInt32 {
    guard operands.allSatisfy({ isConstant($0) }) else { return node }
    do throws(OTTLFault) {
      guard let constant = try code.computed(node) else { return node }
      return code.add(constant: constant)
    } catch {
      // It may be known or have room where records are at hand.
      if error == .unavailable || error == .noRoom { return node }
      throw OTTLLoadError("\(name.map { "\($0): " } ?? "")\(error.message.text)", at: span)
    }
  }

  /// Whether a node needs no record; a pattern that is compiled does not.
  private func isConstant(_ node: UInt32) -> Bool {
    code.nodes[Int(node)].kind == .pattern || constant(of: node) != nil
  }
}

extension OTTLCode {
  /// What a node comes to that needs no record.
  fileprivate func computed(_ node: UInt32) throws(OTTLFault) -> OTTLConstant? {
    var run = OTTLRun(self, request: RequestContext())
    let value = try run.evaluate(node)
    return run.constant(value)
  }

  /// The constant that a value of the program is.
  func constant(_ value: OTTLValue) -> OTTLConstant? {
    let run = OTTLRun(self, request: RequestContext())
    return run.constant(value)
  }
}

extension OTTLRun {
  /// A value as a constant of its own; nil for one that lies in a batch.
  func constant(_ value: OTTLValue) -> OTTLConstant? {
    switch value.kind {
    case .none: return OTTLConstant.none
    case .bool: return .bool(value.boolValue)
    case .int: return .int(value.intValue)
    case .double: return .double(value.doubleValue)
    case .string: return .string(Array(bytes(value.text)))
    case .bytes: return .bytes(Array(bytes(value.text)))
    case .time: return .time(value.nanoseconds, in: value.zone)
    case .duration: return .duration(value.nanoseconds)
    case .traceID: return .traceID(value.traceIDValue)
    case .spanID: return .spanID(value.spanIDValue)
    case .list, .map: return constant(membersOf: value)
    }
  }

  private func constant(membersOf value: OTTLValue) -> OTTLConstant? {
    var members: [OTTLConstant.Member] = []
    for index in 0..<value.memberCount {
      guard let member = constant(member(index, of: value)) else { return nil }
      members.append(.init(key: Array(bytes(key(index, of: value))), value: member))
    }
    return value.kind == .map ? .map(members) : .list(members.map(\.value))
  }
}
