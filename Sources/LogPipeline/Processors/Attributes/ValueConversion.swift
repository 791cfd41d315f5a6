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

  /// A number as Go's `strconv.ParseFloat` takes it: decimal, or hexadecimal with an exponent, with underscores between
  /// digits, or a name of infinity or NaN; of at most 128 bytes. Nil for one that a double cannot hold.
  private func parsedDouble(_ slice: ByteSlice) -> Double? {
    let text = store[slice.range]
    guard (1...128).contains(text.count) else { return nil }
    if let named = Self.namedDouble(text) { return named }
    let isHexadecimal = text.contains { $0 | 0x20 == UInt8(ascii: "x") }
    guard !isHexadecimal || text.contains(where: { $0 | 0x20 == UInt8(ascii: "p") }) else { return nil }
    guard text.allSatisfy({ Self.isOfNumber($0, isHexadecimal: isHexadecimal) }) else { return nil }
    guard Self.underscoresPartDigits(text, isHexadecimal: isHexadecimal) else { return nil }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 129) { copy in
      var count = 0
      for byte in text where byte != UInt8(ascii: "_") {
        copy.initializeElement(at: count, to: CChar(bitPattern: byte))
        count &+= 1
      }
      copy.initializeElement(at: count, to: 0)
      guard let start = copy.baseAddress else { return nil }
      var end: UnsafeMutablePointer<CChar>?
      let number = strtod(start, &end)
      return end == start + count && number.isFinite ? number : nil
    }
  }

  private static func isOfNumber(_ byte: UInt8, isHexadecimal: Bool) -> Bool {
    if byte &- UInt8(ascii: "0") < 10 { return true }
    return (isHexadecimal ? "+-._xXpPabcdefABCDEF" : "+-._eE").utf8.contains(byte)
  }

  /// Whether each underscore stands between two digits, of which a prefix such as `0x` is one.
  private static func underscoresPartDigits(_ text: ArraySlice<UInt8>, isHexadecimal: Bool) -> Bool {
    func isDigit(_ byte: UInt8) -> Bool {
      byte &- UInt8(ascii: "0") < 10 || isHexadecimal && (byte | 0x20) &- UInt8(ascii: "a") < 6
    }
    for index in text.indices where text[index] == UInt8(ascii: "_") {
      guard index > text.startIndex, index + 1 < text.endIndex, isDigit(text[index + 1]) else { return false }
      guard isDigit(text[index - 1]) || text[index - 1] | 0x20 == UInt8(ascii: "x") else { return false }
    }
    return true
  }

  /// `inf` and `infinity`, perhaps with a sign, and `nan` without one, in any case.
  private static func namedDouble(_ text: ArraySlice<UInt8>) -> Double? {
    let isNegative = text.first == UInt8(ascii: "-")
    let name = text.dropFirst(isNegative || text.first == UInt8(ascii: "+") ? 1 : 0).map { $0 | 0x20 }
    if name == Array("nan".utf8), name.count == text.count { return .nan }
    guard name == Array("inf".utf8) || name == Array("infinity".utf8) else { return nil }
    return isNegative ? -.infinity : .infinity
  }
}
