import Glibc

/// Numbers and truth values of text, as Go's package `strconv` reads them.
enum GoNumber {
  /// An optional sign and decimal digits; nil for anything else, and for a number that does not fit.
  static func int(_ text: UnsafeRawBufferPointer) -> Int64? {
    var index = 0
    let isNegative = text.first == UInt8(ascii: "-")
    if isNegative || text.first == UInt8(ascii: "+") { index = 1 }
    guard index < text.count else { return nil }
    var result: Int64 = 0
    while index < text.count {
      let digit = text[index] &- UInt8(ascii: "0")
      guard digit < 10 else { return nil }
      let (product, isTooLarge) = result.multipliedReportingOverflow(by: 10)
      let (sum, overflow) = product.addingReportingOverflow(isNegative ? 0 &- Int64(digit) : Int64(digit))
      if isTooLarge || overflow { return nil }
      result = sum
      index &+= 1
    }
    return result
  }

  /// One of the words that `ParseBool` takes.
  static func bool(_ text: UnsafeRawBufferPointer) -> Bool? {
    switch text.count {
    case 1:
      if "1tT".utf8.contains(text[0]) { return true }
      return "0fF".utf8.contains(text[0]) ? false : nil
    case 4: return ["true", "TRUE", "True"].contains { text.elementsEqual($0.utf8) } ? true : nil
    case 5: return ["false", "FALSE", "False"].contains { text.elementsEqual($0.utf8) } ? false : nil
    default: return nil
    }
  }

  /// Decimal, or hexadecimal with an exponent, with underscores between digits, or a name of infinity or NaN; of at
  /// most 128 bytes. Nil for a number that a double cannot hold.
  static func double(_ text: UnsafeRawBufferPointer) -> Double? {
    guard (1...128).contains(text.count) else { return nil }
    if let named = named(text) { return named }
    let isHexadecimal = text.contains { $0 | 0x20 == UInt8(ascii: "x") }
    guard !isHexadecimal || text.contains(where: { $0 | 0x20 == UInt8(ascii: "p") }) else { return nil }
    guard text.allSatisfy({ isOfNumber($0, isHexadecimal: isHexadecimal) }) else { return nil }
    guard underscoresPartDigits(text, isHexadecimal: isHexadecimal) else { return nil }
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
  private static func underscoresPartDigits(_ text: UnsafeRawBufferPointer, isHexadecimal: Bool) -> Bool {
    func isDigit(_ byte: UInt8) -> Bool {
      byte &- UInt8(ascii: "0") < 10 || isHexadecimal && (byte | 0x20) &- UInt8(ascii: "a") < 6
    }
    for index in text.indices where text[index] == UInt8(ascii: "_") {
      guard index > 0, index &+ 1 < text.count, isDigit(text[index &+ 1]) else { return false }
      guard isDigit(text[index &- 1]) || text[index &- 1] | 0x20 == UInt8(ascii: "x") else { return false }
    }
    return true
  }

  /// `inf` and `infinity`, perhaps with a sign, and `nan` without one, in any case.
  private static func named(_ text: UnsafeRawBufferPointer) -> Double? {
    let isNegative = text.first == UInt8(ascii: "-")
    let name = text.dropFirst(isNegative || text.first == UInt8(ascii: "+") ? 1 : 0)
    func isNamed(_ word: StaticString) -> Bool {
      name.count == word.utf8CodeUnitCount && zip(name, word.rawBytes).allSatisfy { $0 | 0x20 == $1 }
    }
    if isNamed("nan"), name.count == text.count { return .nan }
    guard isNamed("inf") || isNamed("infinity") else { return nil }
    return isNegative ? -.infinity : .infinity
  }
}
