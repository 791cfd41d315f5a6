/// A date and a time of day of the proleptic Gregorian calendar, without a zone.
struct CivilTime: Equatable {
  var year = 0
  /// 1...12
  var month = 1
  /// 1...31
  var day = 1
  var hour = 0
  var minute = 0
  var second = 0
  var nanosecond = 0

  static let secondsOfDay: Int64 = 86_400
  static let nanosecondsOfSecond: Int64 = 1_000_000_000

  init() {}

  /// The time that a clock shows which is `offset` seconds ahead of UTC.
  init(unixNano: Int64, offset: Int64) {
    var (seconds, nanoseconds) = unixNano.quotientAndRemainder(dividingBy: Self.nanosecondsOfSecond)
    if nanoseconds < 0 { (seconds, nanoseconds) = (seconds &- 1, nanoseconds &+ Self.nanosecondsOfSecond) }
    seconds = seconds &+ offset
    var (days, ofDay) = seconds.quotientAndRemainder(dividingBy: Self.secondsOfDay)
    if ofDay < 0 { (days, ofDay) = (days &- 1, ofDay &+ Self.secondsOfDay) }
    let date = CivilDate(daysSince1970: Int(days))
    (year, month, day) = (date.year, date.month, date.day)
    (hour, minute, second) = (Int(ofDay / 3600), Int(ofDay / 60 % 60), Int(ofDay % 60))
    nanosecond = Int(nanoseconds)
  }

  /// Seconds from 1970 on as a clock of UTC would count them; a day beyond its month's last is one of the next month.
  var unixSeconds: Int64 {
    let ofDay = Int64(hour) &* 3600 &+ Int64(minute) &* 60 &+ Int64(second)
    return Int64(Self.days(year: year, month: month)) &* Self.secondsOfDay &+ Int64(day &- 1) &* Self.secondsOfDay
      &+ ofDay
  }

  /// Nanoseconds since 1970 of a clock that is so many seconds ahead of UTC; nil if they do not fit.
  func unixNano(offset: Int64) -> Int64? {
    let (product, isTooLarge) = (unixSeconds &- offset).multipliedReportingOverflow(by: Self.nanosecondsOfSecond)
    let (sum, overflow) = product.addingReportingOverflow(Int64(nanosecond))
    return isTooLarge || overflow ? nil : sum
  }

  /// Days from 1970 to the first of a month; years are counted from March on, so that leap days come last.
  private static func days(year: Int, month: Int) -> Int {
    let year = month <= 2 ? year &- 1 : year
    let era = (year >= 0 ? year : year &- 399) / 400
    let ofEra = year &- era &* 400
    let marchMonth = month > 2 ? month &- 3 : month &+ 9
    let ofYear = (153 &* marchMonth &+ 2) / 5
    return era &* 146_097 &+ ofEra &* 365 &+ ofEra / 4 &- ofEra / 100 &+ ofYear &- 719_468
  }

  static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

  static func daysOfMonth(_ month: Int, _ year: Int) -> Int {
    switch month {
    case 2: isLeap(year) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// 0 for Sunday.
  var weekday: Int {
    let days = Self.days(year: year, month: month) &+ day &- 1
    let remainder = (days &+ 4) % 7
    return remainder < 0 ? remainder &+ 7 : remainder
  }

  /// 1...366
  var yearDay: Int { Self.days(year: year, month: month) &- Self.days(year: year, month: 1) &+ day }

  /// Sets month and day by the day of the year; false if the year has no such day.
  mutating func set(yearDay: Int) -> Bool {
    guard yearDay >= 1, yearDay <= (Self.isLeap(year) ? 366 : 365) else { return false }
    let date = CivilDate(daysSince1970: Self.days(year: year, month: 1) &+ yearDay &- 1)
    (month, day) = (date.month, date.day)
    return true
  }
}
