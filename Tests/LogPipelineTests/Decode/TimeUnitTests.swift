import LogPipeline
import Testing

@Suite struct TimeUnitTests {
  /// 2026-11-29T14:00:00Z.
  private static let now: UInt64 = 1_795_960_800_000_000_000
  private static let year: UInt64 = 366 * 86_400_000_000_000
  private static let day: UInt64 = 86_400_000_000_000

  private struct Decoded: Equatable {
    var time: UInt64
    var observed: UInt64
    var mended: Int
    var ignored: Int
  }

  private func decode(_ time: UInt64, received: UInt64 = now, mends: Bool = true, asJSON: Bool) throws -> Decoded {
    var batch = LogBatch()
    batch.receivedUnixNano = received
    var limits = DecodeLimits()
    limits.mendsTimeUnits = mends
    if asJSON {
      let text = JSONRequest.record(#""timeUnixNano":"\#(time)","observedTimeUnixNano":\#(time)"#)
      try batch.decode(json: Array(text.utf8), limits: limits)
    } else {
      // A text follows, so that times are far enough from the end to be read in the quick way.
      let record = Message(.fixed64(1, time), .fixed64(11, time), .string(12, "an event with a name"))
      try batch.decode(protobuf: Message.request(records: record).bytes, limits: limits)
    }
    let record = try #require(batch.records.first)
    return Decoded(
      time: record.timeUnixNano, observed: record.observedTimeUnixNano, mended: batch.oddities.mendedTimes,
      ignored: batch.oddities.ignoredTimes)
  }

  private func expect(_ time: UInt64, toBe expected: UInt64, mended: Int) throws {
    for asJSON in [false, true] {
      let wanted = Decoded(time: expected, observed: expected, mended: mended, ignored: 0)
      #expect(try decode(time, asJSON: asJSON) == wanted, "\(time)")
    }
  }

  @Test(arguments: [1_000_000_000, 1_000_000, 1000] as [UInt64])
  func timesInAnotherUnitAreMendedFromAYearAgoToADayAhead(unit: UInt64) throws {
    for offset in [0, unit, Self.day] { try expect((Self.now + offset) / unit, toBe: Self.now + offset, mended: 2) }
    try expect((Self.now - Self.year) / unit, toBe: Self.now - Self.year, mended: 2)
    let early = (Self.now - Self.year) / unit - 1
    try expect(early, toBe: early, mended: 0)
    let late = (Self.now + Self.day) / unit + 1
    try expect(late, toBe: late, mended: 0)
  }

  @Test(arguments: [
    0, 1, 1000, 1_500_000_000, 1_544_712_660, 1_544_712_660_300, 86_400_000_000_000, 94_694_400_000_000_000,
    1_544_712_660_300_000_000, now, now + 30 * day, UInt64(Int64.max),
  ])
  func otherTimesStayAsTheyAre(time: UInt64) throws { try expect(time, toBe: time, mended: 0) }

  @Test func timesThatCannotBeStayImpossible() throws {
    #expect(
      try decode(1 << 63, asJSON: false) == Decoded(time: 0, observed: 0, mended: 0, ignored: 2))
  }

  @Test func nothingIsMendedIfItIsNotWantedOrTheTimeIsNotKnown() throws {
    for asJSON in [false, true] {
      let seconds = Self.now / 1_000_000_000
      #expect(try decode(seconds, mends: false, asJSON: asJSON).time == seconds)
      for received in [0, 1, Self.year, UInt64(Int64.max), .max] {
        #expect(try decode(seconds, received: received, asJSON: asJSON).time == seconds)
      }
    }
  }
}
