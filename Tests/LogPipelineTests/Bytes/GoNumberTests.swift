import Testing

@testable import LogPipeline

@Suite struct GoNumberTests {
  @Test(arguments: [
    ("0", 0), ("-1", -1), ("+17", 17), ("007", 7), ("9223372036854775807", Int64.max), ("-9223372036854775808", .min),
    ("9223372036854775808", nil), ("-9223372036854775809", nil), ("", nil), ("-", nil), ("1.0", nil), (" 1", nil),
    ("1_0", nil),
    ("0x1", nil),
  ])
  func wholeNumbers(_ text: String, _ number: Int64?) {
    #expect(Array(text.utf8).withUnsafeBytes { GoNumber.int($0) } == number)
  }

  @Test(arguments: [
    ("1", true), ("t", true), ("T", true), ("true", true), ("TRUE", true), ("True", true), ("0", false), ("f", false),
    ("F", false), ("false", false), ("FALSE", false), ("False", false), ("tRUE", nil), ("yes", nil), ("", nil),
    ("01", nil),
  ])
  func truthValues(_ text: String, _ truth: Bool?) {
    #expect(Array(text.utf8).withUnsafeBytes { GoNumber.bool($0) } == truth)
  }

  @Test(arguments: [
    ("1", 1), ("-1.5e3", -1500), (".5", 0.5), ("5.", 5), ("1_000.5", 1000.5), ("0x1p4", 16), ("inf", Double.infinity),
    ("-Infinity", -.infinity), ("1e400", nil), ("_1", nil), ("1__0", nil), ("", nil), ("x", nil), ("1 ", nil),
    ("0x1", nil),
  ])
  func floatingPointNumbers(_ text: String, _ number: Double?) {
    #expect(Array(text.utf8).withUnsafeBytes { GoNumber.double($0) } == number)
  }
}
