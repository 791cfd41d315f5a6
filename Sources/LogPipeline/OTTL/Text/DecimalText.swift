import Glibc

/// Numbers with a point as Go's `strconv.ParseFloat` reads them.
enum DecimalText {
  /// The most bytes of a number.
  static let maxBytes = 128

  /// The number that a text stands for; nil if it stands for none, or for one that a double cannot hold.
  static func double(_ text: UnsafeRawBufferPointer) -> Double? {
    guard (1...maxBytes).contains(text.count) else { return nil }
    if let named = named(text) { return named }
    let isHexadecimal = text.contains { $0 | 0x20 == UInt8(ascii: "x") }
    guard !isHexadecimal || text.contains(where: { $0 | 0x20 == UInt8(ascii: "p") }) else { return nil }
    guard text.allSatisfy({ isOfNumber($0, isHexadecimal: isHexadecimal) }) else { return nil }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: maxBytes + 1) { copy in
      copy.initialize(repeating: 0)
      for place in 0..<text.count { copy[place] = CChar(bitPattern: text[place]) }
      guard let start = copy.baseAddress else { return nil }
      var end: UnsafeMutablePointer<CChar>?
      let number = strtod(start, &end)
      return end == start + text.count && number.isFinite ? number : nil
    }
  }

  private static func isOfNumber(_ byte: UInt8, isHexadecimal: Bool) -> Bool {
    if byte.isDigit || byte == 0x2B || byte == 0x2D || byte == 0x2E || byte | 0x20 == 0x65 { return true }
    return isHexadecimal && (byte.isHexDigit || byte | 0x20 == UInt8(ascii: "x") || byte | 0x20 == UInt8(ascii: "p"))
  }

  /// `inf`, `infinity` and `nan` in any case.
  private static func named(_ text: UnsafeRawBufferPointer) -> Double? {
    let hasSign = text[0] == UInt8(ascii: "-") || text[0] == UInt8(ascii: "+")
    let name = text.part((hasSign ? 1 : 0)..<text.count)
    if !hasSign, name.equalsIgnoringCase("nan") { return .nan }
    guard name.equalsIgnoringCase("inf") || name.equalsIgnoringCase("infinity") else { return nil }
    return text[0] == UInt8(ascii: "-") ? -.infinity : .infinity
  }
}

/// Truth values as Go's `strconv.ParseBool` reads them.
enum BoolText {
  static func parse(_ text: UnsafeRawBufferPointer) -> Bool? {
    if text.count == 1 {
      switch text[0] {
      case UInt8(ascii: "1"), UInt8(ascii: "t"), UInt8(ascii: "T"): return true
      case UInt8(ascii: "0"), UInt8(ascii: "f"), UInt8(ascii: "F"): return false
      default: return nil
      }
    }
    if text.isEqual("true") || text.isEqual("TRUE") || text.isEqual("True") { return true }
    return text.isEqual("false") || text.isEqual("FALSE") || text.isEqual("False") ? false : nil
  }
}

extension UnsafeRawBufferPointer {
  /// Whether these are the same letters, which `text` has in lower case.
  func equalsIgnoringCase(_ text: StaticString) -> Bool {
    let other = text.rawBytes
    guard count == other.count else { return false }
    for place in 0..<count where self[place].lowercased != other[place] { return false }
    return true
  }
}
