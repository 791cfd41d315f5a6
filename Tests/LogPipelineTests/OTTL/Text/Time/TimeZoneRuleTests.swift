import Testing

@testable import LogPipeline

@Suite struct TimeZoneRuleTests {
  @Test(
    arguments: [
      ("UTC0", 0, 0), ("CET-1CEST,M3.5.0,M10.5.0/3", 3600, 7200), ("<+03>-3", 10800, 10800),
      ("AEST-10AEDT,M10.1.0,M4.1.0/3", 39600, 36000),
      ("IST-5:30", 19800, 19800), ("A", nil, nil), ("EST", nil, nil), ("EST5EDT,M3.2.0", nil, nil),
      ("EST5EDT,J60,J300", -18000, -14400),
      ("EST5EDT4:30,59,299/1", -18000, -16200), ("EST5EDT,M13.1.0,M1.1.0", nil, nil),
      ("EST5EDT,M3.2.0,M11.1.0x", nil, nil), ("<+03-3", nil, nil),
    ] as [(String, Int64?, Int64?)])
  func rulesAreRead(_ text: String, _ january: Int64?, _ july: Int64?) {
    let rule = TimeZoneRule(Array(text.utf8))
    #expect(rule?.period(at: 1_705_276_800).offset == january)
    #expect(rule?.period(at: 1_721_001_600).offset == july)
  }
}
