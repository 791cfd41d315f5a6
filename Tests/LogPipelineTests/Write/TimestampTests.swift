import Glibc
import Testing

@testable import LogPipeline

@Suite struct TimestampTests {
  @Test(arguments: [
    (0, 1970, 1, 1), (-1, 1969, 12, 31), (58, 1970, 2, 28), (59, 1970, 3, 1), (11_016, 2000, 2, 29),
    (19_782, 2024, 2, 29), (47_540, 2100, 2, 28), (47_541, 2100, 3, 1), (2_932_896, 9999, 12, 31), (-719_468, 0, 3, 1),
    (-719_469, 0, 2, 29),
  ])
  func daysAreDatesOfTheGregorianCalendar(days: Int, year: Int, month: Int, day: Int) {
    let date = CivilDate(daysSince1970: days)
    #expect(date.year == year && date.month == month && date.day == day)
  }

  @Test func datesAreThoseOfTheCLibrary() {
    for days in stride(from: -200_000, to: 200_000, by: 97) {
      var seconds = time_t(days * 86_400)
      var fields = tm()
      gmtime_r(&seconds, &fields)
      let date = CivilDate(daysSince1970: days)
      #expect(date.year == Int(fields.tm_year) + 1900 && date.month == Int(fields.tm_mon) + 1)
      #expect(date.day == Int(fields.tm_mday), "day \(days)")
    }
  }

  /// Times as records may have them, up to 2262, in an order that has a writer keep what it knows of another second.
  private static let times: [UInt64] = [
    0, 1, 999_999_999, 1_000_000_000, 1_709_251_199_999_999_999, 1_709_251_200_000_000_000, 5,
    1_709_251_199_000_000_000, 0, 9_223_372_036_854_775_807, 0, 100_000_000, 1_000_000_001,
    .max, 0, .max, 290_448_383, .max, 290_448_384, 18_446_744_073_000_000_000,
  ]

  @Test func aWriterThatKnowsAnotherSecondWritesTheSame() {
    var kept = TimestampWriter()
    for time in Self.times {
      var fresh = TimestampWriter()
      #expect(rfc3339(time, &kept) == rfc3339(time, &fresh))
    }
    var writer = TimestampWriter()
    #expect(rfc3339(1_709_251_199_999_999_999, &writer) == "2024-02-29T23:59:59.999999999Z")
    #expect(rfc3339(1_709_251_200_000_000_000, &writer) == "2024-03-01T00:00:00.000000000Z")
    var last = TimestampWriter()
    #expect(rfc3339(.max, &last) == "2554-07-21T23:34:33.709551615Z")
  }

  @Test func nanosecondsAreTheNumberItself() {
    var writer = TimestampWriter()
    var random = SplitMix64(seed: 3)
    let random64 = (0..<2000).map { _ in random.next() >> (1 + random.next() % 63) }
    for time in Self.times + random64 {
      #expect(written { writer.putUnixNano(time, with: &$0) } == "\(time)")
    }
  }

  @Test func millisecondsHaveSixPlaces() {
    var writer = TimestampWriter()
    for time in Self.times {
      let places = "\(time % 1_000_000)"
      let expected = "\(time / 1_000_000)." + String(repeating: "0", count: 6 - places.count) + places
      #expect(written { writer.putEpochMillis(time, with: &$0) } == expected)
    }
  }

  private func rfc3339(_ time: UInt64, _ writer: inout TimestampWriter) -> String {
    var bytes = ByteWriter()
    writer.appendRFC3339(time, to: &bytes)
    return String(decoding: bytes.array, as: UTF8.self)
  }

  private func written(_ put: (inout Pen) -> Void) -> String {
    var bytes = ByteWriter()
    bytes.write(atMost: TimestampWriter.maxBytes) { put(&$0) }
    return String(decoding: bytes.array, as: UTF8.self)
  }
}
