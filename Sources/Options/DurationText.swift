extension Duration {
  /// The longest configurable time: 2^63 - 1 nanoseconds, about 292 years, as in Go.
  package static let maxConfigured = Duration.nanoseconds(Int64.max)
}

/// The units of a duration, longest first, with their nanoseconds.
private let durationUnits: [(name: String, nanoseconds: Int64)] = [
  ("d", 86_400_000_000_000), ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000),
  ("us", 1000), ("ns", 1),
]

/// Reads a duration in Go's notation, and with days of 24 hours: numbers with units, as in `7d`, `1h30m`, `1.5s`,
/// `250ms`; `0` needs no unit.
///
/// A bare number is refused with the number in seconds as suggestion. Fractions are cut at whole nanoseconds.
package func parseDuration(_ text: String) throws(OptionMismatch) -> Duration {
  var rest = Substring(text).utf8[...]
  let isNegative = rest.first == UInt8(ascii: "-")
  if isNegative || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
  if rest.elementsEqual("0".utf8) { return .zero }
  guard !rest.isEmpty else { throw OptionMismatch("a duration like \"10s\" or \"1h30m\"") }
  var total: Int64 = 0
  while !rest.isEmpty {
    let number = rest.prefix { $0.isASCIIDigit || $0 == UInt8(ascii: ".") }
    rest = rest[number.endIndex...]
    let unit = rest.prefix { !($0.isASCIIDigit || $0 == UInt8(ascii: ".")) }
    rest = rest[unit.endIndex...]
    let part = try nanoseconds(Substring(number), unit: Substring(unit), of: text)
    let (sum, overflow) = total.addingReportingOverflow(part)
    guard !overflow else { throw OptionMismatch("a duration of at most \(formatDuration(.maxConfigured))") }
    total = sum
  }
  return .nanoseconds(isNegative ? -total : total)
}

/// One number with its unit.
private func nanoseconds(_ number: Substring, unit: Substring, of text: String) throws(OptionMismatch) -> Int64 {
  guard let decimal = DecimalText(number) else { throw OptionMismatch("a duration like \"10s\" or \"1h30m\"") }
  let name = unit == "µs" || unit == "μs" ? "us" : String(unit)
  guard let unit = durationUnits.first(where: { $0.name == name }) else {
    if name.isEmpty {
      throw OptionMismatch("a duration with a unit", suggestion: text.utf8.count < 20 ? text + "s" : nil)
    }
    throw OptionMismatch("a duration with the units ns, us, ms, s, m, h or d")
  }
  guard let value = decimal.scaled(by: unit.nanoseconds) else {
    throw OptionMismatch("a duration of at most \(formatDuration(.maxConfigured))")
  }
  return value
}

/// Writes a duration in the shortest form that reads back as the same: `7d`, `1h30m`, `1.5s`, `250ms`, `0s`.
package func formatDuration(_ duration: Duration) -> String {
  let (seconds, attoseconds) = duration.components
  let isNegative = seconds < 0 || attoseconds < 0
  let nanoseconds = attoseconds.magnitude / 1_000_000_000
  var text = isNegative ? "-" : ""
  if attoseconds == 0, seconds != 0, seconds % 86_400 == 0 { return text + "\(seconds.magnitude / 86_400)d" }
  let (hours, minutes) = (seconds.magnitude / 3600, seconds.magnitude / 60 % 60)
  if hours > 0 { text += "\(hours)h" }
  if minutes > 0 { text += "\(minutes)m" }
  let wholeSeconds = seconds.magnitude % 60
  if wholeSeconds == 0 && nanoseconds == 0 { return hours > 0 || minutes > 0 ? text : "0s" }
  if seconds == 0,
    let unit = durationUnits.last(where: { unit in
      unit.nanoseconds < 1_000_000_000 && nanoseconds % unit.nanoseconds.magnitude == 0
        && nanoseconds / unit.nanoseconds.magnitude < 1000
    })
  {
    return text + "\(nanoseconds / unit.nanoseconds.magnitude)\(unit.name)"
  }
  return text + "\(wholeSeconds)\(DecimalText.fraction(nanoseconds, digits: 9))s"
}
