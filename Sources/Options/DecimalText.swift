/// A number without sign or exponent, such as `12`, `1.5` or `.5`, kept exactly: `digits` / 10^`scale`.
struct DecimalText {
  private let digits: Int64
  private let scale: Int

  /// Nil unless the text is digits with at most one point; fraction digits past the ninth are cut.
  init?(_ text: Substring) {
    let parts = text.utf8.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
    guard let whole = parts.first, parts.allSatisfy({ $0.allSatisfy(\.isASCIIDigit) }) else { return nil }
    let fraction = parts.count == 2 ? parts[1].prefix(9) : Substring().utf8[...]
    guard !whole.isEmpty || !fraction.isEmpty,
      let digits = Int64(String(Substring(whole)) + String(Substring(fraction)))
    else { return nil }
    self.digits = digits
    scale = fraction.count
  }

  /// This number times `factor`, cut to a whole number; nil if it does not fit.
  func scaled(by factor: Int64) -> Int64? {
    var divisor: Int64 = 1
    for _ in 0..<scale { divisor &*= 10 }
    let product = digits.multipliedFullWidth(by: factor)
    guard product.high < divisor else { return nil }
    return Int64(exactly: divisor.magnitude.dividingFullWidth((product.high.magnitude, product.low)).quotient)
  }

  /// `value` / 10^`digits` as a fraction: `.5` for 500000000 of 9 digits, nothing for 0.
  static func fraction(_ value: UInt64, digits: Int) -> String {
    if value == 0 { return "" }
    var text = String(value)
    text = String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    while text.hasSuffix("0") { text.removeLast() }
    return "." + text
  }
}
