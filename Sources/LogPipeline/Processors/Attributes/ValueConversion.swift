/// The conversions of the action `convert`; nil leaves a value as it is.
extension LogBatch {
  /// A whole number: of decimal digits, of a double cut towards zero if it fits, of a truth value.
  func int(_ value: Value) -> Value? {
    switch value.kind {
    case .double: Int64(exactly: value.doubleValue.rounded(.towardZero)).map { .int($0) }
    case .bool: .int(value.boolValue ? 1 : 0)
    case .string: parsedInt(value.slice).map { .int($0) }
    case .empty, .int, .array, .map, .bytes: nil
    }
  }

  /// A floating-point number: of decimal text, of a whole number, of a truth value.
  func double(_ value: Value) -> Value? {
    switch value.kind {
    case .int: .double(Double(value.intValue))
    case .bool: .double(value.boolValue ? 1 : 0)
    case .string: parsedDouble(value.slice).map { .double($0) }
    case .empty, .double, .array, .map, .bytes: nil
    }
  }

  /// A truth value: of `true` or `false`, of a number that is 0 or not.
  func bool(_ value: Value) -> Value? {
    switch value.kind {
    case .int: return .bool(value.intValue != 0)
    case .double: return value.doubleValue.isNaN ? nil : .bool(value.doubleValue != 0)
    case .string:
      let text = store[value.slice.range]
      if text.elementsEqual("true".utf8) { return .bool(true) }
      return text.elementsEqual("false".utf8) ? .bool(false) : nil
    case .empty, .bool, .array, .map, .bytes: return nil
    }
  }

  /// The value's text, as `appendText` writes it.
  mutating func string(_ value: Value, with scratch: inout ByteWriter) -> Value? {
    if value.kind == .string { return nil }
    scratch.removeAll()
    scratch.appendText(value, of: self)
    return store(scratch).map { .string($0) }
  }

  private func parsedInt(_ slice: ByteSlice) -> Int64? {
    store.span.bytes.extracting(slice.range).withUnsafeBytes { GoNumber.int($0) }
  }

  private func parsedDouble(_ slice: ByteSlice) -> Double? {
    store.span.bytes.extracting(slice.range).withUnsafeBytes { GoNumber.double($0) }
  }
}
