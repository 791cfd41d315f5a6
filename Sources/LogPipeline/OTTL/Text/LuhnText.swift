/// Check digits of card numbers (ISO/IEC 7812-1, annex B).
enum LuhnText {
  /// Whether the last digit checks the others, spaces left out; false without digits, nil if something else stands
  /// there.
  static func isValid(_ text: UnsafeRawBufferPointer) -> Bool? {
    var (sum, digits): (Int, Int) = (0, 0)
    for byte in text.reversed() where byte != 0x20 {
      guard byte.isDigit else { return nil }
      let value = byte.digitValue &* (digits % 2 == 1 ? 2 : 1)
      sum &+= value > 9 ? value &- 9 : value
      digits &+= 1
    }
    return digits > 0 && sum % 10 == 0
  }
}
