import Glibc

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

  /// An optional sign and decimal digits, as Go's `strconv.ParseInt` takes them.
  private func parsedInt(_ slice: ByteSlice) -> Int64? {
    var text = store[slice.range]
    let isNegative = text.first == UInt8(ascii: "-")
    if isNegative || text.first == UInt8(ascii: "+") { text = text.dropFirst() }
    guard !text.isEmpty else { return nil }
    var result: Int64 = 0
    for byte in text {
      let digit = Int64(byte) - 0x30
      guard (0...9).contains(digit) else { return nil }
      let (product, isTooLarge) = result.multipliedReportingOverflow(by: 10)
      let (sum, overflow) = product.addingReportingOverflow(isNegative ? -digit : digit)
      if isTooLarge || overflow { return nil }
      result = sum
    }
    return result
  }

  /// A finite number in decimal, of at most 128 bytes.
  private func parsedDouble(_ slice: ByteSlice) -> Double? {
    let text = store[slice.range]
    let isNumber = text.allSatisfy { ($0 >= 0x30 && $0 <= 0x39) || "+-.eE".utf8.contains($0) }
    guard isNumber, (1...128).contains(text.count) else { return nil }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 129) { copy in
      for (index, byte) in text.enumerated() { copy.initializeElement(at: index, to: CChar(bitPattern: byte)) }
      copy.initializeElement(at: text.count, to: 0)
      guard let start = copy.baseAddress else { return nil }
      var end: UnsafeMutablePointer<CChar>?
      let number = strtod(start, &end)
      return end == start + text.count && number.isFinite ? number : nil
    }
  }
}
