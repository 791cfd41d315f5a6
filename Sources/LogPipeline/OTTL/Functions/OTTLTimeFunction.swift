/// Converters of times and durations. Parts of a time are what its clock shows.
enum OTTLTimeFunction: UInt8, CaseIterable, Sendable {
  case time, formatTime, truncateTime, unix, unixSeconds, unixMilli, unixMicro, unixNano
  case year, month, day, hour, minute, second, nanosecond, weekday
  case duration, hours, minutes, seconds, milliseconds, microseconds, nanoseconds

  var declaration: OTTLFunction {
    switch self {
    case .time:
      OTTLFunction(
        "Time",
        [
          .init("time", .value(.string)), .init("format", .constant(.string)),
          .optional("location", .constant(.string)), .optional("locale", .constant(.string)),
        ], prepare: { (constants) throws(OTTLProblem) in try OTTLTimeFormat.prepare(constants) })
    case .formatTime:
      OTTLFunction(
        "FormatTime", [.init("time", .value(.time)), .init("format", .constant(.string))],
        prepare: { (constants) throws(OTTLProblem) in try OTTLTimeFormat.prepare(constants) })
    case .truncateTime:
      OTTLFunction("TruncateTime", [.init("time", .value(.time)), .init("duration", .value(.duration))])
    case .unix:
      OTTLFunction(
        "Unix", [.init("seconds", .value(.int)), .optional("nanoseconds", .value(.int), default: .int(0))])
    case .unixSeconds, .unixMilli, .unixMicro, .unixNano, .year, .month, .day, .hour, .minute, .second, .nanosecond,
      .weekday:
      OTTLFunction(name, [.init("time", .value(.time))])
    case .duration: OTTLFunction("Duration", [.init("duration", .value(.string))])
    case .hours, .minutes, .seconds, .milliseconds, .microseconds, .nanoseconds:
      OTTLFunction(name, [.init("duration", .value(.duration))])
    }
  }

  /// The name of a converter of one argument.
  private var name: String {
    let name = "\(self)"
    return name.prefix(1).uppercased() + name.dropFirst()
  }

  static func call(
    _ id: UInt8, _ call: OTTLArguments, _ run: inout OTTLRun
  ) throws(OTTLFault) -> OTTLValue {
    guard let function = OTTLTimeFunction(rawValue: id) else { throw .unavailable }
    switch function {
    case .time: return try run.time(call)
    case .formatTime:
      let format = try call.made(OTTLTimeFormat.self, run)
      let time = try call.time(0, &run)
      try run.makeRoom(TimeLayout.maxBytes &* 16)
      let clock = run.clock(of: time)
      return try run.newText { format.layout.append(unixNano: time.nanoseconds, on: clock, to: &$0) }
    case .truncateTime:
      let time = try call.time(0, &run)
      return .time(truncated(time.nanoseconds, to: try call.duration(1, &run)), in: time.zone)
    case .unix:
      let (product, isTooLarge) = try call.int(0, &run).multipliedReportingOverflow(by: 1_000_000_000)
      let (sum, overflow) = product.addingReportingOverflow(try call.int(1, &run))
      if isTooLarge || overflow { throw .outOfRange }
      return .time(sum)
    case .duration:
      guard let duration = GoDuration.parse(run.bytes(try call.text(0, &run))) else { throw .badText }
      return .duration(duration)
    case .hours, .minutes, .seconds, .milliseconds, .microseconds, .nanoseconds:
      return function.measure(try call.duration(0, &run))
    case .unixSeconds, .unixMilli, .unixMicro, .unixNano:
      return .int(function.count(since1970: try call.time(0, &run).nanoseconds))
    case .year, .month, .day, .hour, .minute, .second, .nanosecond, .weekday:
      let time = try call.time(0, &run)
      return .int(function.part(of: CivilTime(unixNano: time.nanoseconds, offset: run.clock(of: time).offset)))
    }
  }

  /// A duration in a unit: with a point from seconds on, else cut towards zero.
  private func measure(_ duration: Int64) -> OTTLValue {
    func inUnits(of unit: Int64) -> OTTLValue {
      .double(Double(duration / unit) + Double(duration % unit) / Double(unit))
    }
    switch self {
    case .hours: return inUnits(of: 3_600_000_000_000)
    case .minutes: return inUnits(of: 60_000_000_000)
    case .seconds: return inUnits(of: 1_000_000_000)
    case .milliseconds: return .int(duration / 1_000_000)
    case .microseconds: return .int(duration / 1_000)
    default: return .int(duration)
    }
  }

  /// A time as a number of its units.
  private func count(since1970 time: Int64) -> Int64 {
    func floored(_ unit: Int64) -> Int64 { time / unit &- (time % unit < 0 ? 1 : 0) }
    switch self {
    case .unixSeconds: return floored(1_000_000_000)
    case .unixMilli: return floored(1_000_000)
    case .unixMicro: return floored(1_000)
    default: return time
    }
  }

  private func part(of time: CivilTime) -> Int64 {
    switch self {
    case .year: Int64(time.year)
    case .month: Int64(time.month)
    case .day: Int64(time.day)
    case .hour: Int64(time.hour)
    case .minute: Int64(time.minute)
    case .second: Int64(time.second)
    case .nanosecond: Int64(time.nanosecond)
    default: Int64(time.weekday)
    }
  }

  /// The last multiple of a duration, counted from the year 1 on as Go counts, that is no later.
  private static func truncated(_ time: Int64, to duration: Int64) -> Int64 {
    guard duration > 0 else { return time }
    let unit = UInt64(duration)
    // What is left of the seconds from the year 1 to 1970; both factors are below the unit, so that the quotient fits.
    let years = (62_135_596_800 % unit).multipliedFullWidth(by: 1_000_000_000 % unit)
    let start = unit.dividingFullWidth(years).remainder
    let ofEpoch = time % duration
    let rest = (UInt64(ofEpoch < 0 ? ofEpoch &+ duration : ofEpoch) &+ start) % unit
    return time.subtractingReportingOverflow(Int64(truncatingIfNeeded: rest)).partialValue
  }
}

extension OTTLRun {
  /// The time that a text says.
  fileprivate mutating func time(_ call: OTTLArguments) throws(OTTLFault) -> OTTLValue {
    let format = try call.made(OTTLTimeFormat.self, self)
    let text = try call.text(0, &self)
    let now = Int64(truncatingIfNeeded: batch.receivedUnixNano)
    // When a program is loaded nothing is known of when it will run.
    if now == 0, !format.layout.hasYear { throw .unavailable }
    guard let time = format.layout.read(bytes(text), in: format.zone, now: now) else { throw .badText }
    // A zone whose clocks show what the text says is that of the time; else it is the offset alone.
    let zone = call.preparedIndex == 0 || format.zone == .utc ? OTTLZone.utc : .prepared(call.preparedIndex &- 1)
    guard let offset = time.offset, offset != format.zone.period(atUnixNano: time.unixNano).offset else {
      return .time(time.unixNano, in: zone)
    }
    return .time(time.unixNano, in: offset == 0 ? .utc : .ahead(by: offset))
  }

  /// A time in RFC 3339, as its clock shows it.
  mutating func timeText(_ time: OTTLValue) throws(OTTLFault) -> OTTLText {
    writeTime(time)
    return try finishText()
  }

  /// Writes a time to `out` in RFC 3339.
  mutating func writeTime(_ time: OTTLValue) {
    let clock = clock(of: time)
    TimeLayout.rfc3339.append(unixNano: time.nanoseconds, on: clock, to: &out)
  }

  /// How far ahead of UTC the clock of a time is then, and its name, which is empty if it has none.
  fileprivate func clock(of time: OTTLValue) -> TimeZoneTable.Period {
    if let seconds = time.zone.seconds { return TimeZoneTable.Period(offset: seconds, name: []) }
    guard let index = time.zone.index, let format = code.prepared[index] as? OTTLPreparedValue<OTTLTimeFormat> else {
      return TimeZoneTable.utc.period(atUnixSeconds: 0)
    }
    return format.prepared.zone.period(atUnixNano: time.nanoseconds)
  }
}

/// How `Time` reads and `FormatTime` writes.
struct OTTLTimeFormat: Sendable {
  let layout: TimeLayout
  let zone: TimeZoneTable

  static func prepare(_ constants: OTTLConstants) throws(OTTLProblem) -> OTTLPrepared? {
    let layout: TimeLayout
    do throws(TextFormatError) {
      layout = try TimeLayout(constants.text(1) ?? [])
    } catch {
      throw OTTLProblem("the format \(error.message)", of: 1)
    }
    var zone = TimeZoneTable.utc
    if let name = constants.text(2) {
      guard let named = TimeZones.named(name) else {
        let shown = String(decoding: name.prefix(64), as: UTF8.self)
        throw OTTLProblem("\"\(shown)\" is no time zone of this system", of: 2)
      }
      zone = named
    }
    if let locale = constants.text(3) {
      let language = locale.prefix { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "_") }.map(\.lowercased)
      guard language == Array("en".utf8) else {
        throw OTTLProblem("names of months and days are known in English only (en)", of: 3)
      }
    }
    return OTTLPreparedValue(OTTLTimeFormat(layout: layout, zone: zone))
  }
}
