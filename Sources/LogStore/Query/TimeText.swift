import Options

/// Dates and times as text: RFC 3339, cut where one likes (`2026-01-31`, `2026-01-31T10:30`), or seconds,
/// milliseconds, microseconds or nanoseconds since 1970, told apart by their size.
package enum TimeText {
  private static let second: UInt64 = 1_000_000_000

  /// The nanoseconds that a time covers: all of the day, minute or second that it names; nil if it is none.
  package static func range(_ text: String) -> ClosedRange<UInt64>? {
    if let number = UInt64(text), text.utf8.count > 4 { return moment(number) }
    let (local, offset) = zone(of: text)
    guard let offset else { return nil }
    let parts = local.split(separator: local.contains("T") ? "T" : " ", maxSplits: 1, omittingEmptySubsequences: false)
    let date = parts.first?.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) } ?? []
    guard (1...3).contains(date.count), let year = date[0], (1970...2500).contains(year) else { return nil }
    guard date.count > 1 else { return parts.count == 1 ? range(year, 1, years: 1, offset) : nil }
    guard let month = date[1], (1...12).contains(month) else { return nil }
    guard date.count > 2 else { return parts.count == 1 ? range(year, month, years: 0, offset) : nil }
    guard let day = date[2], (1...daysOfMonth(month, year)).contains(day) else { return nil }
    let days = days(year, month) + day - 1
    if parts.count == 1 { return span(days * 86_400 + offset, 86_400) }
    return clock(parts[1]).flatMap { clock in
      guard let span = span(days * 86_400 + offset + clock.seconds, clock.width) else { return nil }
      guard let fraction = clock.fraction else { return span }
      let start = span.lowerBound + fraction.nanos
      return start...start + fraction.width - 1
    }
  }

  /// The moment that a text means: the start of a time, `now`, or a duration that counts back from there; nil if it is
  /// none.
  package static func start(_ text: String, nowUnixNano: UInt64) -> UInt64? {
    if text == "now" { return nowUnixNano }
    if let range = range(text) { return range.lowerBound }
    let length = text.hasPrefix("-") ? String(text.dropFirst()) : text
    guard let duration = try? parseDuration(length), duration >= .zero else { return nil }
    return nowUnixNano - min(nowUnixNano, duration.unixNano)
  }

  private static func moment(_ number: UInt64) -> ClosedRange<UInt64>? {
    let unit: UInt64 =
      number < 100_000_000_000
      ? second : number < 100_000_000_000_000 ? 1_000_000 : number < 100_000_000_000_000_000 ? 1000 : 1
    let (start, isTooLate) = number.multipliedReportingOverflow(by: unit)
    let (last, isPastAll) = start.addingReportingOverflow(unit - 1)
    return isTooLate ? nil : start...(isPastAll ? .max : last)
  }

  /// A text without its zone, and what is to be added to its seconds; nil for a zone that is none.
  private static func zone(of text: String) -> (Substring, Int?) {
    if text.hasSuffix("Z") { return (text.dropLast(), 0) }
    guard let time = text.firstIndex(of: "T"), let sign = text[time...].lastIndex(where: { $0 == "+" || $0 == "-" })
    else { return (Substring(text), 0) }
    let parts = text[text.index(after: sign)...].split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let hours = Int(parts[0]), let minutes = Int(parts[1]), (0...23).contains(hours),
      (0...59).contains(minutes)
    else { return (text[..<sign], nil) }
    let seconds = hours * 3600 + minutes * 60
    return (text[..<sign], text[sign] == "+" ? -seconds : seconds)
  }

  /// `10`, `10:30`, `10:30:00`, `10:30:00.123`: the seconds of the day, how many are meant, and the part of one.
  private static func clock(
    _ text: Substring
  ) -> (seconds: Int, width: Int, fraction: (nanos: UInt64, width: UInt64)?)? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard (1...3).contains(parts.count), let hour = Int(parts[0]), (0...23).contains(hour) else { return nil }
    if parts.count == 1 { return (hour * 3600, 3600, nil) }
    guard let minute = Int(parts[1]), (0...59).contains(minute) else { return nil }
    if parts.count == 2 { return (hour * 3600 + minute * 60, 60, nil) }
    let seconds = parts[2].split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(seconds.count), let whole = Int(seconds[0]), (0...59).contains(whole) else { return nil }
    let start = hour * 3600 + minute * 60 + whole
    if seconds.count == 1 { return (start, 1, nil) }
    let digits = seconds[1]
    guard (1...9).contains(digits.utf8.count), let fraction = UInt64(digits) else { return nil }
    let width = (digits.utf8.count..<9).reduce(UInt64(1)) { width, _ in width * 10 }
    return (start, 1, (fraction * width, width))
  }

  /// All of a year, or of a month.
  private static func range(_ year: Int, _ month: Int, years: Int, _ offset: Int) -> ClosedRange<UInt64>? {
    let days = years == 1 ? self.days(year + 1, 1) - self.days(year, 1) : daysOfMonth(month, year)
    return span(self.days(year, month) * 86_400 + offset, days * 86_400)
  }

  private static func span(_ start: Int, _ seconds: Int) -> ClosedRange<UInt64>? {
    guard start >= 0 else { return nil }
    let nanos = UInt64(start) * second
    return nanos...nanos + UInt64(seconds) * second - 1
  }

  /// Days from 1970 to the first of a month.
  private static func days(_ year: Int, _ month: Int) -> Int {
    let before = year - 1
    let leapDays = before / 4 - before / 100 + before / 400 - 477
    return (year - 1970) * 365 + leapDays + (1..<month).reduce(0) { $0 + daysOfMonth($1, year) }
  }

  private static func daysOfMonth(_ month: Int, _ year: Int) -> Int {
    if month == 2 { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28 }
    return [4, 6, 9, 11].contains(month) ? 30 : 31
  }
}
