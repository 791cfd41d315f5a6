import Testing

@testable import LogPipeline

@Suite struct CivilTimeTests {
  @Test(arguments: [
    (0, "1970-1-1 0:0:0.0", 4, 1), (1_709_210_096_123_456_789, "2024-2-29 12:34:56.123456789", 4, 60),
    (-1, "1969-12-31 23:59:59.999999999", 3, 365), (946_684_800_000_000_000, "2000-1-1 0:0:0.0", 6, 1),
    (4_107_542_399_000_000_000, "2100-2-28 23:59:59.0", 0, 59), (Int64.max, "2262-4-11 23:47:16.854775807", 5, 101),
    (Int64.min, "1677-9-21 0:12:43.145224192", 2, 264), (1_735_689_599_000_000_000, "2024-12-31 23:59:59.0", 2, 366),
  ])
  func timesComeBack(_ nanoseconds: Int64, _ shown: String, _ weekday: Int, _ yearDay: Int) {
    let time = CivilTime(unixNano: nanoseconds, offset: 0)
    #expect(
      "\(time.year)-\(time.month)-\(time.day) \(time.hour):\(time.minute):\(time.second).\(time.nanosecond)" == shown)
    #expect(time.weekday == weekday)
    #expect(time.yearDay == yearDay)
    // The first second that there is begins before the numbers do.
    #expect(time.unixNano(offset: 0) == (nanoseconds == .min ? nil : nanoseconds))
  }

  @Test func offsetsMoveTheClock() {
    let time = CivilTime(unixNano: 0, offset: -3600)
    #expect((time.year, time.hour) == (1969, 23))
    #expect(time.unixNano(offset: -3600) == 0)
  }

  @Test func timesThatDoNotFitAreNone() {
    var time = CivilTime()
    #expect(time.unixNano(offset: 0) == nil)
    time.year = 9999
    #expect(time.unixNano(offset: 0) == nil)
  }

  @Test(arguments: [
    (2024, 60, 2, 29, true), (2023, 60, 3, 1, true), (2023, 366, 1, 1, false), (2024, 366, 12, 31, true),
    (2024, 0, 1, 1, false),
  ])
  func daysOfTheYear(_ year: Int, _ yearDay: Int, _ month: Int, _ day: Int, _ isThere: Bool) {
    var time = CivilTime()
    time.year = year
    #expect(time.set(yearDay: yearDay) == isThere)
    #expect((time.month, time.day) == (month, day))
  }
}
