import Testing

@testable import LogPipeline

@Suite struct OTTLTimeFunctionTests {
  @Test(arguments: [
    (#"Time(body, "%Y-%m-%d %H:%M:%S")"#, "2024-01-05 15:04:09", "time 1704467049000000000"),
    (#"Time(body, "2006-01-02T15:04:05Z07:00")"#, "2024-01-05T15:04:09.5+01:00", "time 1704463449500000000"),
    (#"Time(body, "%F %T", "Etc/GMT-2")"#, "2024-01-05 15:04:09", "time 1704459849000000000"),
    (#"Time(body, "%b %d %H:%M:%S", "UTC", "en-US")"#, "Nov 14 22:13:20", "time 1700000000000000000"),
    (#"Time(body, "%F")"#, "", "!badText"), (#"Time(body, "%F")"#, "x", "!badText"),
    (#"Time(attributes["none"], "%F")"#, "", "!nothing"), (#"Time(attributes["i"], "%F")"#, "", "!wrongType"),
    (#"Time("2024-01-05", "%Y-%m-%d")"#, "", "time 1704412800000000000"),
    (#"Time("10:00", "%H:%M")"#, "", "time 1699956000000000000"),
    (#"FormatTime(time, "%Y-%m-%d %H:%M:%S.%L")"#, "", "'2024-01-05 15:04:09.12'"),
    (#"FormatTime(time, "Mon, 02 Jan 2006 15:04:05 MST")"#, "", "'Fri, 05 Jan 2024 15:04:09 UTC'"),
    (#"FormatTime(body, "%F")"#, "", "!wrongType"),
    (#"TruncateTime(time, Duration("1h"))"#, "", "time 1704466800000000000"),
    (#"TruncateTime(time, Duration("24h"))"#, "", "time 1704412800000000000"),
    (#"TruncateTime(time, Duration("168h"))"#, "", "time 1704067200000000000"),
    (#"TruncateTime(time, Duration("0s"))"#, "", "time 1704467049120000000"),
    (#"TruncateTime(time, Duration("-1s"))"#, "", "time 1704467049120000000"),
    (#"TruncateTime(time, Duration("1ns"))"#, "", "time 1704467049120000000"),
    (#"TruncateTime(Unix(-1), Duration("1h"))"#, "", "time -3600000000000"),
    (#"Unix(attributes["i"])"#, "", "time 42000000000"), (#"Unix(1, 500)"#, "", "time 1000000500"),
    (#"Unix(9223372036854775807)"#, "", "!outOfRange"), ("UnixSeconds(time)", "", "1704467049"),
    ("UnixMilli(time)", "", "1704467049120"),
    ("UnixMicro(time)", "", "1704467049120000"), ("UnixNano(time)", "", "1704467049120000000"),
    ("UnixSeconds(Unix(0, -1))", "", "-1"), ("Year(time)", "", "2024"), ("Month(time)", "", "1"),
    ("Day(time)", "", "5"), ("Hour(time)", "", "15"),
    ("Minute(time)", "", "4"), ("Second(time)", "", "9"), ("Nanosecond(time)", "", "120000000"),
    ("Weekday(time)", "", "5"), (#"Year(attributes["i"])"#, "", "!wrongType"),
    (#"Year(attributes["none"])"#, "", "!nothing"),
    (#"Duration(body)"#, "1h2m3.5s", "duration 3723500000000"), ("Duration(body)", "x", "!badText"),
    ("Duration(body)", "", "!badText"), (#"Hours(Duration("90m"))"#, "", "1.5d"),
    (#"Minutes(Duration("90s"))"#, "", "1.5d"),
    (#"Seconds(Duration("1500ms"))"#, "", "1.5d"), (#"Milliseconds(Duration("1h"))"#, "", "3600000"),
    (#"Milliseconds(Duration("-1.9ms"))"#, "", "-1"), (#"Microseconds(Duration("1ms"))"#, "", "1000"),
    (#"Nanoseconds(Duration("1us"))"#, "", "1000"),
    ("Hours(time)", "", "!wrongType"), ("time - Now()", "", "duration 4467049120000000"),
  ])
  func converters(_ expression: String, _ body: String, _ expected: String) throws {
    #expect(try OTTLOutcome.of(expression, body: body) == expected)
  }

  /// A time keeps the clock that it was read off.
  @Test(arguments: [
    (#"Hour(Time(body, "%F %T", "Etc/GMT-2"))"#, "2024-01-05 01:04:09", "1"),
    (#"Day(Time(body, "%F %T", "Etc/GMT-2"))"#, "2024-01-05 01:04:09", "5"),
    (#"Weekday(Time(body, "%F %T %z"))"#, "2024-01-07 00:30:00 +0100", "0"),
    (#"UnixSeconds(Time(body, "%F %T", "Etc/GMT-2"))"#, "2024-01-05 01:04:09", "1704409449"),
    (
      #"FormatTime(Time(body, "%F %T", "Etc/GMT-2"), "%F %T %z %Z")"#, "2024-01-05 01:04:09",
      "'2024-01-05 01:04:09 +0200 +02'"
    ),
    (
      #"FormatTime(Time(body, "%F %T %z"), "%F %T %z %Z")"#, "2024-01-05 01:04:09 -0130",
      "'2024-01-05 01:04:09 -0130 -0130'"
    ),
    (#"FormatTime(Time(body, "%F %T %z"), "%T %Z")"#, "2024-01-05 01:04:09 +0000", "'01:04:09 UTC'"),
    (#"FormatTime(Time(body, "%F %T %z", "Etc/GMT-2"), "%T %i")"#, "2024-01-05 01:04:09 +0000", "'01:04:09 +00'"),
    (#"Hour(Time(body, "%F %T", "Etc/GMT-2") + Duration("30m"))"#, "2024-01-05 01:40:00", "2"),
    (#"Hour(Duration("30m") + Time(body, "%F %T", "Etc/GMT-2"))"#, "2024-01-05 01:40:00", "2"),
    (#"Hour(Time(body, "%F %T", "Etc/GMT-2") - Duration("2h"))"#, "2024-01-05 01:40:00", "23"),
    (#"Hour(TruncateTime(Time(body, "%F %T", "Etc/GMT-2"), Duration("1h")))"#, "2024-01-05 01:40:00", "1"),
    (#"Hour(Time("2024-01-05 01:04:09", "%F %T", "Etc/GMT+3"))"#, "", "1"),
    (#"Hour(time)"#, "", "15"),
  ])
  func timesKeepTheirClock(_ expression: String, _ body: String, _ expected: String) throws {
    #expect(try OTTLOutcome.of(expression, body: body) == expected)
  }

  /// When a time is does not depend on the clock that it was read off.
  @Test func clocksDoNotCountWhenTimesAreCompared() throws {
    let read = #"Time("2024-01-05 01:04:09", "%F %T", "Etc/GMT-2")"#
    var batch = try OTTLTesting.batch(#""body":{"stringValue":"2024-01-05 01:04:09"}"#)
    let equal = #"Time(body, "%F %T", "Etc/GMT-2") == Unix(1704409449) and \#(read) == Unix(1704409449)"#
    #expect(try OTTLTesting.matches(equal, in: batch) == [true])
    #expect(try OTTLTesting.run("set(time, \(read))", on: &batch) == [nil])
    #expect(batch.records[0].timeUnixNano == 1_704_409_449_000_000_000)
  }

  @Test(arguments: [
    (#"set(time, Time(body, ""))"#, "is empty"), (#"set(time, Time(body, "%Q"))"#, "%Q"),
    (#"set(time, Time(body, "%S%L"))"#, "without . or ,"),
    (#"set(time, Time(body, "%F", "Mars/Base"))"#, "no time zone"),
    (#"set(time, Time(body, "%F", "UTC", "fr"))"#, "English"), (#"set(time, Time(body, body))"#, "constant"),
    (#"set(body, FormatTime(time, "%"))"#, "ends with %"),
  ])
  func problemsAreFoundAtLoad(_ statement: String, _ part: String) throws {
    let problem = try #require(try OTTLTesting.problem(statement))
    #expect(problem.contains(part), "\(problem)")
  }

  @Test func timesAreSet() throws {
    var batch = try OTTLTesting.batch(#""body":{"stringValue":"2024/01/05 15:04:09"}"#)
    #expect(try OTTLTesting.run(#"set(time, Time(body, "%Y/%m/%d %H:%M:%S"))"#, on: &batch) == [nil])
    #expect(batch.records[0].timeUnixNano == 1_704_467_049_000_000_000)
  }
}
