/// The dates of HTTP (RFC 9110 section 5.6.7) and the waits they stand for (section 10.2.3, `Retry-After`).
package enum HTTPDate {
  /// The wait that a `Retry-After` asks for: seconds or a date; nil if it is neither. A date gone by is no wait.
  package static func retryAfter(_ value: String, unixSeconds now: Int) -> Duration? {
    let text = value.trimmed
    if !text.isEmpty, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) {
      return .seconds(min(Int(text) ?? longestSeconds, longestSeconds))
    }
    guard let date = unixSeconds(text) else { return nil }
    return .seconds(min(max(date.subtractingReportingOverflow(now).partialValue, 0), longestSeconds))
  }

  /// Waits longer than this are cut to it: ten years.
  private static let longestSeconds = 315_360_000

  /// Seconds since 1970 of a date in one of the three forms that recipients must accept.
  package static func unixSeconds(_ date: String) -> Int? {
    let words = date.split(whereSeparator: { $0 == " " || $0 == "," || $0 == "-" }).map(String.init)
    switch words.count {
    case 6:  // Sun, 06 Nov 1994 08:49:37 GMT, and Sunday, 06-Nov-94 08:49:37 GMT
      guard words[5] == "GMT" else { return nil }
      return seconds(day: words[1], month: words[2], year: words[3], time: words[4])
    case 5:  // Sun Nov  6 08:49:37 1994
      return seconds(day: words[2], month: words[1], year: words[4], time: words[3])
    default:
      return nil
    }
  }

  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  private static func seconds(day: String, month: String, year: String, time: String) -> Int? {
    let clock = time.split(separator: ":", omittingEmptySubsequences: false).map { number(String($0), 0...60) }
    guard clock.count == 3, let hour = clock[0], hour < 24, let minute = clock[1], minute < 60, let second = clock[2],
      let day = number(day, 1...31), let month = months.firstIndex(of: month), var year = number(year, 0...9999)
    else { return nil }
    // RFC 9110: two digits of a year mean the most recent century they can; dates here are near the present.
    if year < 100 { year += year < 70 ? 2000 : 1900 }
    return days(year: year, month: month + 1, day: day) * 86_400 + hour * 3600 + minute * 60 + second
  }

  private static func number(_ text: String, _ range: ClosedRange<Int>) -> Int? {
    guard text.utf8.count <= 4, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let number = Int(text),
      range.contains(number)
    else { return nil }
    return number
  }

  /// Days from 1970-01-01 in the Gregorian calendar, counting years from March so that leap days come last.
  private static func days(year: Int, month: Int, day: Int) -> Int {
    let marchYear = month > 2 ? year : year - 1
    let era = (marchYear >= 0 ? marchYear : marchYear - 399) / 400
    let yearOfEra = marchYear - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}

extension String {
  /// Without spaces and tabs at both ends.
  fileprivate var trimmed: String {
    let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
    let start = drop(while: isSpace)
    guard let last = start.lastIndex(where: { !isSpace($0) }) else { return "" }
    return String(start[...last])
  }
}
