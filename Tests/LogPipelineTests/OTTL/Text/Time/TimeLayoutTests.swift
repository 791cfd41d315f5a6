import Testing

@testable import LogPipeline

@Suite struct TimeLayoutTests {
  /// 2024-06-15T12:00:00Z
  private static let now: Int64 = 1_718_452_800_000_000_000

  private func read(_ format: String, _ text: String, now: Int64 = now) throws -> Int64? {
    let layout = try TimeLayout(Array(format.utf8))
    return text.withBytes { layout.read($0, in: .utc, now: now)?.unixNano }
  }

  @Test(arguments: [
    ("%Y-%m-%dT%H:%M:%S%z", "2024-01-15T10:30:00+0100", 1705311000000000000),
    ("%Y-%m-%dT%H:%M:%S%z", "2024-01-15T10:30:00Z", 1705314600000000000),
    ("%Y-%m-%d %H:%M:%S.%L", "2024-01-15 10:30:00.123", 1705314600123000000),
    ("%Y-%m-%d %H:%M:%S,%f", "2024-01-15 10:30:00,123456", 1705314600123456000),
    ("%Y-%m-%d %H:%M:%S.%s", "2024-01-15 10:30:00.123456789", 1705314600123456789),
    ("%Y-%m-%d %H:%M:%S", "2024-01-15 10:30:00.5", 1705314600500000000),
    ("%d/%b/%Y:%H:%M:%S %z", "10/Oct/2000:13:55:36 -0700", 971211336000000000),
    ("%A, %d %B %Y %I:%M %p", "Monday, 15 January 2024 12:05 AM", 1705277100000000000),
    ("%a %e %b %y %l:%M%P", "mon  5 feb 24 3:04pm", 1707145440000000000),
    ("%m/%d/%y", "01/02/69", -31449600000000000),
    ("%F %T", "2024-01-15 10:30:00", 1705314600000000000),
    ("%D %R", "01/15/2024 10:30", 1705314600000000000),
    ("%x %X", "01/15/2024 10:30:59", 1705314659000000000),
    ("%c", "Mon Jan 15 10:30:00 2024", 1705314600000000000),
    ("%F %r", "2024-01-15 10:30:00 pm", 1705357800000000000),
    ("%F%n%T%t%%", "2024-01-15\n10:30:00\t%", 1705314600000000000),
    ("%q/%g/%Y", "1/5/2024", 1704412800000000000),
    ("%F %T %j", "2024-01-15 10:30:00 +01:30", 1705309200000000000),
    ("%F %T %i", "2024-01-15 10:30:00 -05", 1705332600000000000),
    ("%F %T %k", "2024-01-15 10:30:00 -05:00:30", 1705332630000000000),
    ("%F %T %w", "2024-01-15 10:30:00 +010203", 1705310877000000000),
    ("%F %T %Z", "2024-01-15 10:30:00 UTC", 1705314600000000000),
    ("%F %T %Z", "2024-01-15 10:30:00 EST", 1705332600000000000),
    ("%F %T %Z", "2024-01-15 10:30:00 GMT+3", 1705303800000000000),
    ("2006-01-02T15:04:05Z07:00", "2024-01-15T10:30:00.25+02:00", 1705307400250000000),
    ("2006-01-02T15:04:05.000Z", "2024-01-15T10:30:00.250Z", 1705314600250000000),
    ("Jan _2 2006 15:04", "Feb  3 2024 04:05", 1706933100000000000),
    ("2006 002", "2024 060", 1709164800000000000),
    ("Monday January 2 2006 3:04PM", "Tuesday February 13 2024 9:08PM", 1707858480000000000),
  ])
  func timesAreRead(_ format: String, _ text: String, _ nanoseconds: Int64) throws {
    #expect(try read(format, text) == nanoseconds)
  }

  @Test(arguments: [
    ("%Y-%m-%d", ""), ("%Y-%m-%d", "2024-13-01"), ("%Y-%m-%d", "2024-02-30"), ("%Y-%m-%d", "2023-02-29"),
    ("%Y-%m-%d", "2024-01-00"),
    ("%Y-%m-%d", "24-01-01"), ("%Y-%m-%d", "2024-1-01"), ("%Y-%m-%d", "2024-01-01x"), ("%Y-%m-%d", " 2024-01-01"),
    ("%F %T", "2024-01-15 24:00:00"),
    ("%F %T", "2024-01-15 10:60:00"), ("%F %T", "2024-01-15 10:30:60"), ("%F %I", "2024-01-15 13"),
    ("%F %T %z", "2024-01-15 10:30:00 +01:00"),
    ("%F %T %z", "2024-01-15 10:30:00 0100"), ("%F %T %Z", "2024-01-15 10:30:00 PST"),
    ("%F %T %Z", "2024-01-15 10:30:00 utc"),
    ("%F %T.%L", "2024-01-15 10:30:00x"), ("%b %Y", "Jax 2024"), ("%A %F", "Someday 2024-01-15"),
    ("2006-01-02 15:04:05.000", "2024-01-15 10:30:00.12"),
    ("2006 002", "2023 366"), ("%Y", "1066"), ("%Y", "9999"), ("%F %p", "2024-01-15 XX"),
  ])
  func whatIsOfAnotherFormIsRefused(_ format: String, _ text: String) throws {
    #expect(try read(format, text) == nil)
  }

  @Test(arguments: [
    ("%b %d %H:%M:%S", "Jun 15 11:00:00", "2024-06-15 11:00:00"),
    ("%b %d %H:%M:%S", "Jun 21 12:00:00", "2024-06-21 12:00:00"),
    ("%b %d %H:%M:%S", "Jul 01 00:00:00", "2023-07-01 00:00:00"), ("%b %d", "Jan 01", "2024-01-01 00:00:00"),
    ("%b %d", "Feb 29", "2024-02-29 00:00:00"),
    ("%H:%M", "23:59", "2024-06-15 23:59:00"),
  ])
  func theYearMayBeMissing(_ format: String, _ text: String, _ expected: String) throws {
    #expect(try read(format, text) == read("%F %T", expected))
  }

  @Test(arguments: [
    "", "%", "%Y %E", "%Y 1", "%Y%L", "%L", "%Y.%f%", "2006-01-02 99", String(repeating: "%Y", count: 513),
  ])
  func badFormatsAreRefused(_ format: String) {
    #expect(throws: TextFormatError.self) { try TimeLayout(Array(format.utf8)) }
  }

  @Test(arguments: [
    ("%Y-%m-%dT%H:%M:%S.%s%z", "2024-01-05T15:04:09.12Z"), ("%F %T", "2024-01-05 15:04:09"),
    ("%a %A %b %B", "Fri Friday Jan January"),
    ("%e|%g|%d|%o|%q|%m", " 5|5|05| 1|1|01"), ("%y %I:%l %p %P", "24 03:3 PM pm"), ("%T.%L", "15:04:09.12"),
    ("%T,%f", "15:04:09,12"),
    ("%i %j %k %w %Z", "+00 +00:00 +00:00:00 +000000 UTC"), ("%D %R%n%t", "01/05/2024 15:04\n\t"),
    ("2006-01-02 15:04:05.000", "2024-01-05 15:04:09.120"),
    ("Mon Jan _2 002 __2 3:4:5", "Fri Jan  5 005   5 3:4:9"), ("Z07:00 -07:00 MST", "Z +00:00 UTC"),
    ("_2006 Month Janet", "_2024 Month Janet"),
  ])
  func timesAreWritten(_ format: String, _ expected: String) throws {
    let layout = try TimeLayout(Array(format.utf8))
    let time: Int64 = 1_704_467_049_120_000_000
    #expect(written { layout.append(unixNano: time, in: .utc, to: &$0) } == expected)
    #expect(written { TimeLayout.rfc3339.append(unixNano: time, in: .utc, to: &$0) } == "2024-01-05T15:04:09.12Z")
  }

  @Test func timesAreWrittenInAZone() throws {
    let layout = try TimeLayout(Array("%F %T %z %Z".utf8))
    let zone = TimeZoneTable(offset: -5400, name: "XYZ")
    #expect(written { layout.append(unixNano: 0, in: zone, to: &$0) } == "1969-12-31 22:30:00 -0130 XYZ")
  }
}
