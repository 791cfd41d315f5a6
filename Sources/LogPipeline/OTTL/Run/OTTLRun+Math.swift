/// Computing with numbers, times and durations.
extension OTTLRun {
  /// What `detail` makes of two operands: whole numbers wrap around and are divided towards zero, as Go has it.
  mutating func computed(_ node: OTTLNode) throws(OTTLFault) -> OTTLValue {
    let left = try evaluate(code.operands[Int(node.first)])
    let right = try evaluate(code.operands[Int(node.first &+ 1)])
    return try OTTLMath.computed(left, OTTLMath.Operator(rawValue: node.detail) ?? .add, right)
  }

  /// Minus a number.
  func negated(_ value: OTTLValue) throws(OTTLFault) -> OTTLValue { try OTTLMath.negated(value) }
}

/// Operations on values that lie nowhere but in themselves.
enum OTTLMath {
  enum Operator: UInt8, Sendable, CaseIterable {
    case add, subtract, multiply, divide
  }

  static func computed(
    _ left: OTTLValue, _ sign: Operator, _ right: OTTLValue
  ) throws(OTTLFault) -> OTTLValue {
    switch (left.kind, right.kind) {
    case (.int, .int): return .int(try int(left.intValue, sign, right.intValue))
    case (.double, .double): return .double(try double(left.doubleValue, sign, right.doubleValue))
    case (.int, .double): return .double(try double(Double(left.intValue), sign, right.doubleValue))
    case (.double, .int): return .double(try double(left.doubleValue, sign, Double(right.intValue)))
    case (.time, .time) where sign == .subtract: return .duration(left.nanoseconds &- right.nanoseconds)
    case (.time, .duration) where sign == .subtract:
      return .time(left.nanoseconds &- right.nanoseconds, in: left.zone)
    case (.duration, .duration) where sign == .subtract: return .duration(left.nanoseconds &- right.nanoseconds)
    case (.time, .duration) where sign == .add:
      return .time(left.nanoseconds &+ right.nanoseconds, in: left.zone)
    case (.duration, .time) where sign == .add:
      return .time(left.nanoseconds &+ right.nanoseconds, in: right.zone)
    case (.duration, .duration) where sign == .add: return .duration(left.nanoseconds &+ right.nanoseconds)
    case (.none, _), (_, .none): throw .nothing
    default: throw .wrongType
    }
  }

  private static func int(_ left: Int64, _ sign: Operator, _ right: Int64) throws(OTTLFault) -> Int64 {
    switch sign {
    case .add: return left &+ right
    case .subtract: return left &- right
    case .multiply: return left &* right
    case .divide:
      if right == 0 { throw .divisionByZero }
      // The lowest number by -1 does not fit and is itself again.
      return right == -1 ? 0 &- left : left / right
    }
  }

  private static func double(_ left: Double, _ sign: Operator, _ right: Double) throws(OTTLFault) -> Double {
    switch sign {
    case .add: return left + right
    case .subtract: return left - right
    case .multiply: return left * right
    case .divide:
      if right == 0 { throw .divisionByZero }
      return left / right
    }
  }

  /// Minus a number, of which the lowest is itself again.
  static func negated(_ value: OTTLValue) throws(OTTLFault) -> OTTLValue {
    switch value.kind {
    case .int: return .int(0 &- value.intValue)
    case .double: return .double(-value.doubleValue)
    case .none: throw .nothing
    default: throw .wrongType
    }
  }
}
