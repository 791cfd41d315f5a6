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
