extension TimeLayout {
  /// What a text says.
  struct Reading: Equatable {
    /// Nanoseconds since 1970.
    var unixNano: Int64
    /// How many seconds ahead of UTC the text says that its clock is; nil if it leaves that to the zone.
    var offset: Int64?
  }

  /// The time that a text says; nil if it does not have this layout, or does not fit.
  ///
  /// Where the layout has no zone it is that of `zone`. Without a year it is that of `now`, or the one before if it
  /// would lie more than a week ahead; without a date it is today's.
  func read(_ text: UnsafeRawBufferPointer, in zone: TimeZoneTable, now: Int64) -> Reading? {
    var reader = TimeReader(text: text)
    for (index, element) in elements.enumerated() {
      // Digits of a fraction behind seconds are read even if the layout has none.
      var fractionFollows = false
      if index + 1 < elements.count, case .fraction = elements[index + 1] { fractionFollows = true }
      guard read(element, with: &reader, fractionFollows) else { return nil }
    }
    guard reader.isAtEnd, reader.finish() else { return nil }
    return resolve(reader, in: endsWithZ ? .utc : zone, now: now)
  }

  private func read(_ element: Element, with reader: inout TimeReader, _ fractionFollows: Bool) -> Bool {
    switch element {
    case .literal(let range): return text.withUnsafeBytes { reader.skip($0.part(range)) }
    case .character(let byte): return withUnsafeBytes(of: byte) { reader.skip($0) }
    case .year: return reader.readYear()
    case .shortYear: return reader.readShortYear()
    case .monthName, .shortMonthName: return reader.readMonthName(isShort: element == .shortMonthName)
    case .weekdayName, .shortWeekdayName: return reader.readWeekdayName(isShort: element == .shortWeekdayName)
    case .month(let padding): return reader.number(in: 1...12, padding).map { reader.time.month = $0 } != nil
    case .day(let padding): return reader.number(in: 0...99, padding).map { reader.time.day = $0 } != nil
    case .yearDay(let padding): return reader.readYearDay(padding)
    case .hour: return reader.number(in: 0...23, .none).map { reader.time.hour = $0 } != nil
    case .halfDayHour(let padding): return reader.number(in: 0...12, padding).map { reader.time.hour = $0 } != nil
    case .minute(let padding): return reader.number(in: 0...59, padding).map { reader.time.minute = $0 } != nil
    case .second(let padding): return reader.readSecond(padding, fractionFollows: fractionFollows)
    case .halfDay(let isUpper): return reader.readHalfDay(isUpper: isUpper)
    case .fraction(_, let digits, let isLoose): return reader.readFraction(digits, isLoose: isLoose)
    case .offset(let form): return reader.readOffset(form)
    case .zoneName: return reader.readZoneName()
    }
  }

  private func resolve(_ reader: TimeReader, in zone: TimeZoneTable, now: Int64) -> Reading? {
    var time = reader.time
    guard let known = offset(of: reader, in: zone) else { return nil }
    func unixNano(_ time: CivilTime) -> Int64? {
      switch known {
      case .seconds(let offset): time.unixNano(offset: offset)
      case .zone: zone.unixNano(time)
      }
    }
    let today = CivilTime(unixNano: now, offset: 0)
    if !hasDate {
      (time.year, time.month, time.day) = (today.year, today.month, today.day)
    } else if time.year <= 0 {
      time.year = today.year
      let week = 7 &* CivilTime.secondsOfDay &* CivilTime.nanosecondsOfSecond
      let (limit, overflow) = now.addingReportingOverflow(week)
      if !overflow, let nano = unixNano(time), nano > limit { time.year &-= 1 }
    }
    guard let nano = unixNano(time) else { return nil }
    if case .seconds(let offset) = known { return Reading(unixNano: nano, offset: offset) }
    return Reading(unixNano: nano, offset: endsWithZ ? 0 : nil)
  }

  private enum Known { case seconds(Int64), zone }

  /// The offset that the text says; nil if it names a zone that is not known.
  private func offset(of reader: TimeReader, in zone: TimeZoneTable) -> Known? {
    if let offset = reader.offset { return .seconds(offset) }
    guard let name = reader.zoneName else { return .zone }
    return (zone.offset(named: reader.text.part(name)) ?? TimeZoneTable.commonOffset(named: reader.text.part(name)))
      .map { .seconds($0) }
  }
}

/// A text on its way to a time.
struct TimeReader {
  let text: UnsafeRawBufferPointer
  private var place = 0
  var time = CivilTime()
  /// Seconds ahead of UTC.
  private(set) var offset: Int64?
  private(set) var zoneName: Range<Int>?
  private var yearDay: Int?
  private var isAfternoon: Bool?

  init(text: UnsafeRawBufferPointer) { self.text = text }

  var isAtEnd: Bool { place == text.count }

  private var next: UInt8 { place < text.count ? text[place] : 0 }

  /// Skips what a layout has literally; spaces stand for any number of spaces.
  mutating func skip(_ literal: UnsafeRawBufferPointer) -> Bool {
    var index = 0
    while index < literal.count {
      if literal[index] == 0x20 {
        if place < text.count, text[place] != 0x20 { return false }
        while index < literal.count, literal[index] == 0x20 { index &+= 1 }
        while next == 0x20 { place &+= 1 }
        continue
      }
      guard place < text.count, text[place] == literal[index] else { return false }
      place &+= 1
      index &+= 1
    }
    return true
  }

  /// Digits, between these numbers of them.
  private mutating func digits(_ counts: ClosedRange<Int>) -> Int? {
    var number = 0
    var count = 0
    while count < counts.upperBound, next.isDigit {
      number = number &* 10 &+ next.digitValue
      place &+= 1
      count &+= 1
    }
    return count >= counts.lowerBound ? number : nil
  }

  /// A number of one or two digits; nil if it is out of a range.
  mutating func number(in range: ClosedRange<Int>, _ padding: TimeLayout.Padding) -> Int? {
    if padding == .space, next == 0x20 { place &+= 1 }
    guard let number = digits(padding == .zero ? 2...2 : 1...2), range.contains(number) else { return nil }
    return number
  }

  mutating func readYear() -> Bool {
    guard let year = digits(4...4) else { return false }
    time.year = year
    return true
  }

  mutating func readShortYear() -> Bool {
    guard let year = digits(2...2) else { return false }
    time.year = year >= 69 ? 1900 &+ year : 2000 &+ year
    return true
  }

  mutating func readYearDay(_ padding: TimeLayout.Padding) -> Bool {
    if padding == .space { while next == 0x20, place < text.count { place &+= 1 } }
    guard let day = digits(padding == .zero ? 3...3 : 1...3) else { return false }
    yearDay = day
    return true
  }

  mutating func readMonthName(isShort: Bool) -> Bool {
    guard let index = name(of: CalendarNames.months, isShort: isShort) else { return false }
    time.month = index &+ 1
    return true
  }

  mutating func readWeekdayName(isShort: Bool) -> Bool { name(of: CalendarNames.weekdays, isShort: isShort) != nil }

  /// Which of some names stands here, in any case.
  private mutating func name(of names: [StaticString], isShort: Bool) -> Int? {
    for (index, name) in names.enumerated() {
      let name = isShort ? name.rawBytes.part(0..<3) : name.rawBytes
      let part = text.part(place..<max(place, place &+ name.count))
      guard part.count == name.count, zip(part, name).allSatisfy({ $0 | 0x20 == $1 | 0x20 }) else { continue }
      place &+= name.count
      return index
    }
    return nil
  }

  mutating func readSecond(_ padding: TimeLayout.Padding, fractionFollows: Bool) -> Bool {
    guard let second = number(in: 0...59, padding) else { return false }
    time.second = second
    return fractionFollows || readFraction(9, isLoose: true)
  }

  mutating func readHalfDay(isUpper: Bool) -> Bool {
    let part = text.part(place..<max(place, place &+ 2))
    let isPM = part.isEqual(isUpper ? "PM" : "pm")
    guard isPM || part.isEqual(isUpper ? "AM" : "am") else { return false }
    isAfternoon = isPM
    place &+= 2
    return true
  }

  /// A separator and digits, of which nine count; nothing is enough if `isLoose`.
  mutating func readFraction(_ count: Int, isLoose: Bool) -> Bool {
    let isFraction = next == UInt8(ascii: ".") || next == UInt8(ascii: ",")
    guard isFraction, place &+ 1 < text.count, text[place &+ 1].isDigit else { return isLoose }
    place &+= 1
    let start = place
    var (nanosecond, digits) = (0, 0)
    while next.isDigit, isLoose || place &- start < count {
      if digits < 9 {
        nanosecond = nanosecond &* 10 &+ next.digitValue
        digits &+= 1
      }
      place &+= 1
    }
    if !isLoose, digits < count { return false }
    for _ in digits..<9 { nanosecond &*= 10 }
    time.nanosecond = nanosecond
    return true
  }

  mutating func readOffset(_ form: TimeLayout.Offset) -> Bool {
    if form.hasZ, next == UInt8(ascii: "Z") {
      place &+= 1
      offset = 0
      return true
    }
    let isNegative = next == UInt8(ascii: "-")
    guard isNegative || next == UInt8(ascii: "+") else { return false }
    place &+= 1
    guard let hours = digits(2...2), hours <= 24 else { return false }
    var seconds = hours &* 3600
    for (isThere, scale) in [(form.minutes, 60), (form.seconds, 1)] where isThere {
      if form.colons {
        guard next == UInt8(ascii: ":") else { return false }
        place &+= 1
      }
      guard let number = digits(2...2), number <= 60 else { return false }
      seconds &+= number &* scale
    }
    offset = Int64(isNegative ? 0 &- seconds : seconds)
    return true
  }

  /// Three to five capital letters, or `GMT` with hours.
  mutating func readZoneName() -> Bool {
    let start = place
    while next.isUpper, place &- start < 6 { place &+= 1 }
    let name = text.part(start..<place)
    guard (3...5).contains(name.count), name.count == 3 || name.last == UInt8(ascii: "T") || name.isEqual("WITA") else {
      return false
    }
    if name.isEqual("GMT"), next == UInt8(ascii: "+") || next == UInt8(ascii: "-") {
      let isNegative = next == UInt8(ascii: "-")
      place &+= 1
      guard let hours = digits(1...2), hours < 24 else { return false }
      offset = Int64(isNegative ? 0 &- hours : hours) &* 3600
      return true
    }
    zoneName = start..<place
    return true
  }

  /// Puts together what several elements say; false if there is no such time.
  mutating func finish() -> Bool {
    if let isAfternoon {
      if isAfternoon, time.hour < 12 { time.hour &+= 12 }
      if !isAfternoon, time.hour == 12 { time.hour = 0 }
    }
    if let yearDay { return time.set(yearDay: yearDay) }
    return time.day >= 1 && time.day <= CivilTime.daysOfMonth(time.month, time.year)
  }
}
