/// How clocks change every year: the form of POSIX for `TZ`, such as `CET-1CEST,M3.5.0,M10.5.0/3`.
struct TimeZoneRule: Sendable, Equatable {
  private var standard: TimeZoneTable.Period
  private var summer: TimeZoneTable.Period?
  private var (summerStart, summerEnd) = (Day(), Day())

  /// When in a year clocks change.
  private struct Day: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
      /// The day of the year from 1 on, leap days not counted.
      case julian(Int)
      /// The day of the year from 0 on.
      case ofYear(Int)
      /// A weekday of a week of a month; week 5 is the last.
      case weekday(month: Int, week: Int, day: Int)
    }

    var kind = Kind.ofYear(0)
    /// Seconds from midnight on.
    var seconds: Int64 = 7200

    /// Seconds since 1970 of a year's change, as a clock of the zone shows it.
    func unixSeconds(_ year: Int) -> Int64 {
      var time = CivilTime()
      time.year = year
      switch kind {
      case .julian(let day): time.day = day + (CivilTime.isLeap(year) && day >= 60 ? 1 : 0)
      case .ofYear(let day): time.day = day + 1
      case .weekday(let month, let week, let weekday):
        time.month = month
        let first = (weekday + 7 - time.weekday) % 7 + 1
        let last = CivilTime.daysOfMonth(month, year)
        time.day = first + (week - 1) * 7
        while time.day > last { time.day -= 7 }
      }
      return time.unixSeconds &+ seconds
    }
  }

  var periods: [TimeZoneTable.Period] { summer.map { [standard, $0] } ?? [standard] }

  /// Reads a rule; nil if it is none.
  init?(_ text: [UInt8]) {
    var reader = Reader(rest: text[...])
    guard let name = reader.name(), let offset = reader.time() else { return nil }
    standard = TimeZoneTable.Period(offset: 0 &- offset, name: name)
    if reader.rest.isEmpty { return }
    guard let summerName = reader.name() else { return nil }
    var summerOffset = standard.offset &+ 3600
    if let first = reader.rest.first, first != UInt8(ascii: ",") {
      guard let given = reader.time() else { return nil }
      summerOffset = 0 &- given
    }
    summer = TimeZoneTable.Period(offset: summerOffset, name: summerName)
    guard let start = reader.day(), let end = reader.day(), reader.rest.isEmpty else { return nil }
    (summerStart, summerEnd) = (start, end)
  }

  /// What holds at a time.
  func period(at seconds: Int64) -> TimeZoneTable.Period {
    guard let summer else { return standard }
    let (shown, overflow) = seconds.addingReportingOverflow(standard.offset)
    guard !overflow, (-(1 << 40)...(1 << 40)).contains(shown) else { return standard }
    let year = CivilDate(daysSince1970: Int(shown >= 0 ? shown / 86_400 : (shown - 86_399) / 86_400)).year
    let start = summerStart.unixSeconds(year) &- standard.offset
    let end = summerEnd.unixSeconds(year) &- summer.offset
    // South of the equator summer begins late in a year and ends in the next.
    let isSummer = start < end ? seconds >= start && seconds < end : seconds >= start || seconds < end
    return isSummer ? summer : standard
  }

  /// A rule's text on its way.
  private struct Reader {
    var rest: ArraySlice<UInt8>

    /// Letters, or anything in angle brackets.
    mutating func name() -> [UInt8]? {
      if rest.first == UInt8(ascii: "<") {
        guard let end = rest.firstIndex(of: UInt8(ascii: ">")) else { return nil }
        defer { rest = rest[(end + 1)...] }
        return Array(rest[(rest.startIndex + 1)..<end])
      }
      let name = rest.prefix(while: \.isLetter)
      rest = rest.dropFirst(name.count)
      return name.count >= 3 ? Array(name) : nil
    }

    mutating func number() -> Int? {
      let digits = rest.prefix(while: \.isDigit)
      guard (1...3).contains(digits.count) else { return nil }
      rest = rest.dropFirst(digits.count)
      return digits.reduce(0) { $0 * 10 + $1.digitValue }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
      guard rest.first == byte else { return false }
      rest.removeFirst()
      return true
    }

    /// Hours, perhaps with minutes and seconds, in seconds.
    mutating func time() -> Int64? {
      let isNegative = take(UInt8(ascii: "-"))
      if !isNegative { _ = take(UInt8(ascii: "+")) }
      guard let hours = number(), hours <= 167 else { return nil }
      var seconds = Int64(hours) * 3600
      for scale: Int64 in [60, 1] where take(UInt8(ascii: ":")) {
        guard let part = number(), part < 60 else { return nil }
        seconds += Int64(part) * scale
      }
      return isNegative ? -seconds : seconds
    }

    mutating func day() -> Day? {
      guard take(UInt8(ascii: ",")) else { return nil }
      var day = Day()
      if take(UInt8(ascii: "M")) {
        guard let month = number(), take(UInt8(ascii: ".")), let week = number(), take(UInt8(ascii: ".")),
          let weekday = number(), (1...12).contains(month), (1...5).contains(week), weekday <= 6
        else { return nil }
        day.kind = .weekday(month: month, week: week, day: weekday)
      } else if take(UInt8(ascii: "J")) {
        guard let number = number(), (1...365).contains(number) else { return nil }
        day.kind = .julian(number)
      } else {
        guard let number = number(), number <= 365 else { return nil }
        day.kind = .ofYear(number)
      }
      guard take(UInt8(ascii: "/")) else { return day }
      guard let seconds = time() else { return nil }
      day.seconds = seconds
      return day
    }
  }
}
