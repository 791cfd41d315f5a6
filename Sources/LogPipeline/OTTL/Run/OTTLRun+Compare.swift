import Glibc

/// Comparing values: what cannot be compared is unequal, and never a fault.
extension OTTLRun {
  /// Whether two values stand in an order.
  @inline(__always)
  func compare(_ left: OTTLValue, _ order: OTTLOrder, _ right: OTTLValue) -> Bool {
    switch (left.kind, right.kind) {
    case (.int, .int): return order.holds(left.intValue < right.intValue, left.intValue == right.intValue)
    case (.string, .string):
      let (a, b) = (bytes(left.text), bytes(right.text))
      if order == .equal { return isSame(a, b) }
      return order == .notEqual ? !isSame(a, b) : Self.compare(a, order, b)
    case (.none, .none): return order == .equal || order == .lessOrEqual || order == .greaterOrEqual
    case (.none, _), (_, .none): return order == .notEqual
    default: return compare(others: left, order, right)
    }
  }

  @inline(never)
  private func compare(others left: OTTLValue, _ order: OTTLOrder, _ right: OTTLValue) -> Bool {
    switch (left.kind, right.kind) {
    case (.double, .double): return Self.compare(left.doubleValue, order, right.doubleValue)
    case (.int, .double): return Self.compare(Double(left.intValue), order, right.doubleValue)
    case (.double, .int): return Self.compare(left.doubleValue, order, Double(right.intValue))
    case (.bool, .bool):
      return order.holds(!left.boolValue && right.boolValue, left.boolValue == right.boolValue)
    case (.time, .time), (.duration, .duration):
      return order.holds(left.nanoseconds < right.nanoseconds, left.nanoseconds == right.nanoseconds)
    case (.bytes, .bytes): return Self.compare(bytes(left.text), order, bytes(right.text))
    case (.traceID, .traceID): return Self.isEqual(left.traceIDValue == right.traceIDValue, order)
    case (.spanID, .spanID): return Self.isEqual(left.spanIDValue == right.spanIDValue, order)
    case (.map, .map), (.list, .list): return Self.isEqual(isEqual(left, right), order)
    default: return order == .notEqual
    }
  }

  /// Values that are equal or not and have no order.
  private static func isEqual(_ isEqual: Bool, _ order: OTTLOrder) -> Bool {
    order == .equal ? isEqual : order == .notEqual && !isEqual
  }

  /// As IEEE 754 has it: NaN stands in no order and is unequal to all.
  private static func compare(_ left: Double, _ order: OTTLOrder, _ right: Double) -> Bool {
    switch order {
    case .equal: left == right
    case .notEqual: left != right
    case .less: left < right
    case .lessOrEqual: left <= right
    case .greater: left > right
    case .greaterOrEqual: left >= right
    }
  }

  private static func compare(
    _ left: UnsafeRawBufferPointer, _ order: OTTLOrder, _ right: UnsafeRawBufferPointer
  ) -> Bool {
    let shared = min(left.count, right.count)
    var difference = 0
    if shared > 0, let a = left.baseAddress, let b = right.baseAddress { difference = Int(memcmp(a, b, shared)) }
    if difference == 0 { difference = left.count &- right.count }
    return order.holds(difference < 0, difference == 0)
  }

  /// Whether two values are the same: of one kind and equal, maps in any order. Nesting is bounded.
  func isEqual(_ left: OTTLValue, _ right: OTTLValue) -> Bool {
    guard left.kind == right.kind else { return false }
    switch left.kind {
    case .map: return isEqual(map: left, right)
    case .list:
      guard left.memberCount == right.memberCount else { return false }
      for index in 0..<left.memberCount where !isEqual(member(index, of: left), member(index, of: right)) {
        return false
      }
      return true
    default: return compare(left, .equal, right)
    }
  }

  private func isEqual(map left: OTTLValue, _ right: OTTLValue) -> Bool {
    guard left.memberCount == right.memberCount else { return false }
    let keys = KeyPlaces(of: right, in: self)
    for index in 0..<left.memberCount {
      guard let place = keys.place(of: bytes(key(index, of: left)), in: right, self) else { return false }
      if !isEqual(member(index, of: left), member(place, of: right)) { return false }
    }
    return true
  }
}
