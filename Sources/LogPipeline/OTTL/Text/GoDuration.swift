/// Durations as Go writes and reads them: `1h2m3.5s`, in nanoseconds.
enum GoDuration {
  private static let nanoseconds: (micro: Int64, milli: Int64, second: Int64) = (1_000, 1_000_000, 1_000_000_000)

  /// The duration that a text stands for; nil if it stands for none, or for more than 292 years.
  static func parse(_ text: UnsafeRawBufferPointer) -> Int64? {
    var place = 0
    let isNegative = text.first == UInt8(ascii: "-")
    if isNegative || text.first == UInt8(ascii: "+") { place = 1 }
    if text.count == place &+ 1, text[place] == UInt8(ascii: "0") { return 0 }
    guard place < text.count else { return nil }
    var sum: Int64 = 0
    while place < text.count {
      guard let part = part(of: text, &place) else { return nil }
      let (next, overflow) = sum.addingReportingOverflow(part)
      if overflow { return nil }
      sum = next
    }
    if isNegative { return sum }
    return sum == .min ? nil : 0 &- sum
  }

  /// Minus a number with its unit: negative numbers reach one further.
  private static func part(of text: UnsafeRawBufferPointer, _ place: inout Int) -> Int64? {
    let start = place
    var whole: Int64 = 0
    while place < text.count, text[place].isDigit {
      let (product, isTooLarge) = whole.multipliedReportingOverflow(by: 10)
      let (next, overflow) = product.subtractingReportingOverflow(Int64(text[place].digitValue))
      if isTooLarge || overflow { return nil }
      whole = next
      place &+= 1
    }
    var digits = place &- start
    var fraction = (digits: 0.0, scale: 1.0)
    if place < text.count, text[place] == UInt8(ascii: ".") {
      place &+= 1
      let fractionStart = place
      fraction = readFraction(of: text, &place)
      digits &+= place &- fractionStart
    }
    guard digits > 0, let unit = readUnit(of: text, &place) else { return nil }
    let (product, isTooLarge) = whole.multipliedReportingOverflow(by: unit)
    if isTooLarge { return nil }
    // A fraction is below one, and a unit below 2^42.
    let (result, overflow) = product.subtractingReportingOverflow(
      Int64(fraction.digits * (Double(unit) / fraction.scale)))
    return overflow ? nil : result
  }

  /// Digits as a whole number, and what to divide it by.
  private static func readFraction(of text: UnsafeRawBufferPointer, _ place: inout Int) -> (
    digits: Double, scale: Double
  ) {
    var digits: UInt64 = 0
    var scale = 1.0
    while place < text.count, text[place].isDigit {
      if scale < 1e17 {
        digits = digits &* 10 &+ UInt64(text[place].digitValue)
        scale *= 10
      }
      place &+= 1
    }
    return (Double(digits), scale)
  }

  private static func readUnit(of text: UnsafeRawBufferPointer, _ place: inout Int) -> Int64? {
    let start = place
    while place < text.count, !text[place].isDigit, text[place] != UInt8(ascii: ".") { place &+= 1 }
    let unit = text.part(start..<place)
    if unit.isEqual("s") { return nanoseconds.second }
    if unit.isEqual("ms") { return nanoseconds.milli }
    if unit.isEqual("m") { return nanoseconds.second &* 60 }
    if unit.isEqual("h") { return nanoseconds.second &* 3600 }
    if unit.isEqual("ns") { return 1 }
    // Both characters for micro, U+00B5 and U+03BC.
    return unit.isEqual("us") || unit.isEqual("\u{B5}s") || unit.isEqual("\u{3BC}s") ? nanoseconds.micro : nil
  }

  /// Appends a duration as Go writes it: `1h2m3.5s`, `1.5ms`, `0s`.
  static func append(_ duration: Int64, to writer: inout ByteWriter) {
    if duration == 0 { return writer.append("0s") }
    if duration < 0 { writer.append(UInt8(ascii: "-")) }
    let nanos = duration.magnitude
    if nanos < 1_000_000_000 {
      if nanos < 1_000 {
        writer.appendDecimal(nanos)
        return writer.append("ns")
      }
      let isMicro = nanos < 1_000_000
      append(nanos, over: isMicro ? 1_000 : 1_000_000, to: &writer)
      return isMicro ? writer.append("\u{B5}s") : writer.append("ms")
    }
    let seconds = nanos / 1_000_000_000
    if seconds >= 3600 {
      writer.appendDecimal(seconds / 3600)
      writer.append("h")
    }
    if seconds >= 60 {
      writer.appendDecimal(seconds / 60 % 60)
      writer.append("m")
    }
    append(nanos % 60_000_000_000, over: 1_000_000_000, to: &writer)
    writer.append("s")
  }

  /// Appends a number over a power of ten, without zeros at its end.
  private static func append(_ number: UInt64, over scale: UInt64, to writer: inout ByteWriter) {
    writer.appendDecimal(number / scale)
    var rest = number % scale
    if rest == 0 { return }
    var digits = 0
    var power = scale
    while power > 1 {
      digits &+= 1
      power /= 10
    }
    while rest % 10 == 0 {
      rest /= 10
      digits &-= 1
    }
    writer.append(UInt8(ascii: "."))
    writer.appendDecimal(rest, digits: digits)
  }
}
