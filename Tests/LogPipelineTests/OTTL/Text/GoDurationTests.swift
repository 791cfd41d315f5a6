import Testing

@testable import LogPipeline

@Suite struct GoDurationTests {
  @Test(arguments: [
    ("0", 0), ("0s", 0), ("1ns", 1), ("1us", 1_000), ("1µs", 1_000), ("1μs", 1_000), ("1ms", 1_000_000),
    ("1s", 1_000_000_000), ("1m", 60_000_000_000), ("1h", 3_600_000_000_000), ("1h2m3.5s", 3_723_500_000_000),
    ("-1.5h", -5_400_000_000_000), ("+.5s", 500_000_000), ("1.s", 1_000_000_000), ("2.000000001s", 2_000_000_001),
    ("9223372036854775807ns", Int64.max), ("-9223372036854775808ns", Int64.min),
    ("1.0000000000000000000001s", 1_000_000_000),
  ])
  func durationsAreRead(_ text: String, _ nanoseconds: Int64) {
    #expect(text.withBytes { GoDuration.parse($0) } == nanoseconds)
  }

  @Test(arguments: [
    "", "-", "1", "s", ".s", "1x", "1 s", "1h 2m", "9223372036854775808ns", "2562048h", "1e3s", "--1s",
    "99999999999999999999s",
  ])
  func whatIsNoDurationIsRefused(_ text: String) {
    #expect(text.withBytes { GoDuration.parse($0) } == nil)
  }

  @Test(arguments: [
    (0, "0s"), (1, "1ns"), (1_500, "1.5µs"), (1_500_000, "1.5ms"), (1_000_000_000, "1s"), (90_000_000_000, "1m30s"),
    (3_723_500_000_000, "1h2m3.5s"), (-1_000_000, "-1ms"), (3_600_000_000_000, "1h0m0s"),
    (Int64.min, "-2562047h47m16.854775808s"),
  ])
  func durationsAreWritten(_ nanoseconds: Int64, _ text: String) {
    #expect(written { GoDuration.append(nanoseconds, to: &$0) } == text)
  }
}
