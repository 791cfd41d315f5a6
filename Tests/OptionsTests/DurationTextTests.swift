import Options
import Testing

@Suite struct DurationTextTests {
  @Test(arguments: [
    ("1h30m", Duration.seconds(5400)), ("250ms", .milliseconds(250)), ("10s", .seconds(10)), ("0", .zero),
    ("1.5h", .seconds(5400)), (".5s", .milliseconds(500)), ("1.s", .seconds(1)), ("7us", .microseconds(7)),
    ("7µs", .microseconds(7)), ("7μs", .microseconds(7)), ("3ns", .nanoseconds(3)), ("-5s", .seconds(-5)),
    ("7d", .seconds(604_800)), ("1d12h", .seconds(129_600)), ("0.5d", .seconds(43_200)), ("+5s", .seconds(5)),
    ("-0", .zero), ("0s", .zero), ("1h0m0.25s", .milliseconds(3_600_250)),
    ("1.9999999999s", .nanoseconds(1_999_999_999)), ("9223372036854775807ns", .maxConfigured),
  ])
  func readsGoNotation(_ text: String, _ expected: Duration) throws {
    #expect(try parseDuration(text) == expected)
  }

  @Test(arguments: ["", "s", ".s", "abc", "1h m", "1..5s", "--1s", "1 s", "10s ", "- 1s", "٣s"])
  func refusesOtherText(_ text: String) {
    #expect(throws: OptionMismatch.self) { try parseDuration(text) }
  }

  @Test func suggestsAUnitForABareNumber() {
    let mismatch = read(.duration(), "30").mismatch
    #expect(mismatch?.expected == "a duration with a unit")
    #expect(mismatch?.suggestion == "30s")
    #expect(read(.duration(), "1h30").mismatch?.suggestion == "1h30s")
  }

  @Test func namesTheUnitsForAnUnknownOne() {
    #expect(read(.duration(), "1w").mismatch?.expected == "a duration with the units ns, us, ms, s, m, h or d")
  }

  @Test(arguments: ["9223372036854775808ns", "2562048h", "9223372036854775807ns1ns", "99999999999h"])
  func refusesWhatDoesNotFit(_ text: String) {
    #expect(throws: OptionMismatch.self) { try parseDuration(text) }
  }

  @Test func checksTheRangeAtBothEnds() {
    let type = OptionType<Duration>.duration(in: .seconds(1) ... .seconds(60))
    #expect(read(type, "1s").value == .seconds(1))
    #expect(read(type, "1m").value == .seconds(60))
    #expect(read(type, "999ms").mismatch?.expected == "a duration from 1s to 1m")
    #expect(read(type, "60.001s").mismatch?.expected == "a duration from 1s to 1m")
    #expect(read(.duration(), "-1s").mismatch?.expected == "a duration from 0s")
  }

  @Test(arguments: [
    (Duration.zero, "0s"), (.seconds(300), "5m"), (.seconds(5400), "1h30m"), (.milliseconds(250), "250ms"),
    (.milliseconds(1500), "1.5s"), (.microseconds(1), "1us"), (.nanoseconds(1), "1ns"),
    (.nanoseconds(1_000_001), "0.001000001s"), (.seconds(-5), "-5s"), (.seconds(3601), "1h1s"),
    (.seconds(86_400), "1d"), (.seconds(-604_800), "-7d"), (.seconds(90_000), "25h"),
  ])
  func writesTheShortForm(_ duration: Duration, _ expected: String) throws {
    #expect(formatDuration(duration) == expected)
    #expect(try parseDuration(expected) == duration)
  }

  @Test func readsBackWhatItWrites() throws {
    var random = SplitMix(state: 11)
    for _ in 0..<5000 {
      let nanoseconds = Int64(truncatingIfNeeded: random.next() >> (random.next() % 64)) & .max
      let duration = Duration.nanoseconds(nanoseconds)
      #expect(try parseDuration(formatDuration(duration)) == duration)
    }
  }
}
