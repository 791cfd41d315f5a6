/// Whole numbers to any base, as Go's `strconv.ParseInt` reads them.
enum IntegerText {
  /// A number to a base from 2 to 36, or to the one that its prefix says if the base is 0; nil if it is none.
  ///
  /// With base 0 digits may be parted by underscores.
  static func parse(_ text: UnsafeRawBufferPointer, base: Int64) -> Int64? {
    guard base == 0 || (2...36).contains(base) else { return nil }
    var place = 0
    let isNegative = text.first == UInt8(ascii: "-")
    if isNegative || text.first == UInt8(ascii: "+") { place = 1 }
    var radix = base
    if base == 0 {
      guard underscoresPartDigits(text.part(place..<text.count)) else { return nil }
      radix = prefixRadix(text, &place)
    }
    guard place < text.count else { return nil }
    return magnitude(text.part(place..<text.count), radix: radix, isNegative: isNegative, mayPart: base == 0)
  }

  private static func magnitude(
    _ digits: UnsafeRawBufferPointer, radix: Int64, isNegative: Bool, mayPart: Bool
  ) -> Int64? {
    var number: Int64 = 0
    for byte in digits {
      if mayPart, byte == UInt8(ascii: "_") { continue }
      guard let digit = digit(byte), digit < radix else { return nil }
      let (product, isTooLarge) = number.multipliedReportingOverflow(by: radix)
      let (sum, overflow) = product.addingReportingOverflow(isNegative ? 0 &- digit : digit)
      if isTooLarge || overflow { return nil }
      number = sum
    }
    return number
  }

  private static func digit(_ byte: UInt8) -> Int64? {
    if byte.isDigit { return Int64(byte &- 0x30) }
    return byte.isLetter ? Int64(byte | 0x20) &- 0x61 &+ 10 : nil
  }

  /// The base that a prefix such as `0x` says, and the place behind it; 8 for a mere zero.
  private static func prefixRadix(_ text: UnsafeRawBufferPointer, _ place: inout Int) -> Int64 {
    guard place &+ 1 < text.count, text[place] == UInt8(ascii: "0") else { return 10 }
    switch text[place &+ 1] | 0x20 {
    case UInt8(ascii: "x"): place &+= 2
    case UInt8(ascii: "b"): place &+= 2
    case UInt8(ascii: "o"): place &+= 2
    default:
      place &+= 1
      return 8
    }
    switch text[place &- 1] | 0x20 {
    case UInt8(ascii: "x"): return 16
    case UInt8(ascii: "b"): return 2
    default: return 8
    }
  }

  /// Whether each underscore stands behind a digit or a prefix, and before a digit.
  private static func underscoresPartDigits(_ text: UnsafeRawBufferPointer) -> Bool {
    for place in 0..<text.count where text[place] == UInt8(ascii: "_") {
      guard place > 0, place &+ 1 < text.count, text[place &- 1].isAlphanumeric, text[place &+ 1].isAlphanumeric else {
        return false
      }
    }
    return true
  }
}
