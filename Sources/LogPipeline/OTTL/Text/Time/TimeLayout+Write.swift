extension TimeLayout {
  /// Appends a time as the layout says, in UTC or in a zone.
  func append(unixNano: Int64, in zone: TimeZoneTable, to writer: inout ByteWriter) {
    append(unixNano: unixNano, on: zone.period(atUnixNano: unixNano), to: &writer)
  }

  /// Appends a time as the layout says, as a clock shows it.
  func append(unixNano: Int64, on clock: TimeZoneTable.Period, to writer: inout ByteWriter) {
    let time = CivilTime(unixNano: unixNano, offset: clock.offset)
    for element in elements { append(element, of: time, clock, to: &writer) }
  }

  private func append(
    _ element: Element, of time: CivilTime, _ clock: TimeZoneTable.Period, to writer: inout ByteWriter
  ) {
    switch element {
    case .literal(let range): text.withUnsafeBytes { writer.append($0.part(range)) }
    case .character(let byte): writer.append(byte)
    case .year: Self.append(time.year, 4, .zero, to: &writer)
    case .shortYear: Self.append(time.year % 100, 2, .zero, to: &writer)
    case .monthName: writer.append(CalendarNames.months[time.month - 1])
    case .shortMonthName: writer.append(CalendarNames.months[time.month - 1].rawBytes.part(0..<3))
    case .weekdayName: writer.append(CalendarNames.weekdays[time.weekday])
    case .shortWeekdayName: writer.append(CalendarNames.weekdays[time.weekday].rawBytes.part(0..<3))
    case .month(let padding): Self.append(time.month, 2, padding, to: &writer)
    case .day(let padding): Self.append(time.day, 2, padding, to: &writer)
    case .yearDay(let padding): Self.append(time.yearDay, 3, padding, to: &writer)
    case .hour: Self.append(time.hour, 2, .zero, to: &writer)
    case .halfDayHour(let padding): Self.append((time.hour &+ 11) % 12 &+ 1, 2, padding, to: &writer)
    case .minute(let padding): Self.append(time.minute, 2, padding, to: &writer)
    case .second(let padding): Self.append(time.second, 2, padding, to: &writer)
    case .halfDay(true): writer.append(time.hour >= 12 ? "PM" : "AM")
    case .halfDay(false): writer.append(time.hour >= 12 ? "pm" : "am")
    case .fraction(let separator, let digits, let isLoose):
      Self.append(fraction: time.nanosecond, separator, digits, isLoose, to: &writer)
    case .offset(let form): Self.append(clock.offset, form, to: &writer)
    // A clock without a name is named by its offset.
    case .zoneName where clock.name.isEmpty:
      Self.append(clock.offset, Offset(minutes: clock.offset % 3600 != 0), to: &writer)
    case .zoneName: clock.name.withUnsafeBytes { writer.append($0) }
    }
  }

  private static func append(_ number: Int, _ width: Int, _ padding: Padding, to writer: inout ByteWriter) {
    let magnitude = UInt64(number.magnitude)
    if number < 0 { writer.append("-") }
    var digits = 1
    var rest = magnitude
    while rest >= 10 {
      rest /= 10
      digits &+= 1
    }
    if padding == .space { for _ in digits..<max(width, digits) { writer.append(" ") } }
    writer.appendDecimal(magnitude, digits: padding == .zero ? max(width, digits) : digits)
  }

  private static func append(
    fraction nanosecond: Int, _ separator: UInt8, _ digits: Int, _ isLoose: Bool, to writer: inout ByteWriter
  ) {
    var (number, digits) = (UInt64(nanosecond), digits)
    for _ in digits..<max(9, digits) { number /= 10 }
    if isLoose {
      while digits > 0, number % 10 == 0 {
        number /= 10
        digits &-= 1
      }
      if digits == 0 { return }
    }
    writer.append(separator)
    writer.appendDecimal(number, digits: digits)
  }

  private static func append(_ offset: Int64, _ form: Offset, to writer: inout ByteWriter) {
    if form.hasZ, offset == 0 { return writer.append("Z") }
    writer.append(offset < 0 ? "-" : "+")
    let seconds = UInt64(offset.magnitude)
    writer.appendDecimal(seconds / 3600, digits: 2)
    if form.colons, form.minutes { writer.append(":") }
    if form.minutes { writer.appendDecimal(seconds / 60 % 60, digits: 2) }
    if form.seconds {
      if form.colons { writer.append(":") }
      writer.appendDecimal(seconds % 60, digits: 2)
    }
  }
}
