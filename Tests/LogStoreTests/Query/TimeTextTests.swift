import Foundation
import Testing

@testable import LogStore

@Suite struct TimeTextTests {
  private static let second: UInt64 = 1_000_000_000

  private static let dates: [(String, String, UInt64)] = [
    ("2026-12-01", "2026-12-01T00:00:00Z", 86_400), ("2024-02-29", "2024-02-29T00:00:00Z", 86_400),
    ("2026-12-01T10", "2026-12-01T10:00:00Z", 3600), ("2026-12-01T10:30", "2026-12-01T10:30:00Z", 60),
    ("2026-12-01T10:30:05Z", "2026-12-01T10:30:05Z", 1), ("2026-12-01T10:30:05+02:00", "2026-12-01T08:30:05Z", 1),
    ("2026-12-01T10:30:05-00:30", "2026-12-01T11:00:05Z", 1), ("2026-12", "2026-12-01T00:00:00Z", 31 * 86_400),
    ("2024-02", "2024-02-01T00:00:00Z", 29 * 86_400), ("2026", "2026-01-01T00:00:00Z", 365 * 86_400),
    ("2000-03-01", "2000-03-01T00:00:00Z", 86_400), ("2101-03-01", "2101-03-01T00:00:00Z", 86_400),
    ("1970-01-01", "1970-01-01T00:00:00Z", 86_400), ("2026-12-01 10:30:05", "2026-12-01T10:30:05Z", 1),
  ]

  @Test(arguments: dates)
  func datesCoverWhatTheyName(_ text: String, _ start: String, _ seconds: UInt64) throws {
    let date = try #require(ISO8601DateFormatter().date(from: start))
    let first = UInt64(date.timeIntervalSince1970) * Self.second
    #expect(TimeText.range(text) == first...first + seconds * Self.second - 1)
  }

  @Test func partsOfASecond() {
    let second = TimeText.range("2026-12-01T10:30:05Z")?.lowerBound ?? 0
    #expect(TimeText.range("2026-12-01T10:30:05.25Z") == second + 250_000_000...second + 259_999_999)
    #expect(TimeText.range("2026-12-01T10:30:05.123456789Z") == second + 123_456_789...second + 123_456_789)
  }

  @Test func numbersAreToldApartByTheirSize() {
    let start: UInt64 = 1_767_225_600
    #expect(TimeText.range("1767225600") == start * Self.second...start * Self.second + 999_999_999)
    #expect(TimeText.range("1767225600123") == (start * 1000 + 123) * 1_000_000...(start * 1000 + 124) * 1_000_000 - 1)
    #expect(TimeText.range("1767225600123456")?.lowerBound == (start * 1_000_000 + 123_456) * 1000)
    #expect(TimeText.range("1767225600123456789") == 1_767_225_600_123_456_789...1_767_225_600_123_456_789)
    #expect(TimeText.range("18446744073709551615") == .max ... .max)
  }

  @Test(arguments: [
    "", "x", "2026-13", "2026-00", "2025-02-29", "2026-12-32", "2026-12-01T24", "2026-12-01T10:60",
    "2026-12-01T10:30:60",
    "2026-12-01T10:30:05.", "2026-12-01T10:30:05.1234567890", "2026-12-01T10:30:05+24:00", "2026-12-01T10:30:05+1",
    "1969-12-31", "2501", "12", "2026-12-01T", "2026-12T10", "-5", "2026--01", "99999999999999999999",
  ])
  func whatIsNoTimeIsNone(_ text: String) { #expect(TimeText.range(text) == nil) }
}
