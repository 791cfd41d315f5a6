import Testing

@testable import LogPipeline

@Suite struct IntegerTextTests {
  @Test(arguments: [
    ("0", 10, 0), ("-42", 10, -42), ("+7", 10, 7), ("ff", 16, 255), ("FF", 16, 255), ("zz", 36, 1295), ("101", 2, 5),
    ("9223372036854775807", 10, Int64.max), ("-9223372036854775808", 10, Int64.min), ("0xff", 0, 255), ("0b11", 0, 3),
    ("0o17", 0, 15), ("017", 0, 15), ("0", 0, 0), ("1_000", 0, 1000), ("0x_ff", 0, 255), ("-0x10", 0, -16),
  ])
  func numbersAreRead(_ text: String, _ base: Int64, _ number: Int64) {
    #expect(text.withBytes { IntegerText.parse($0, base: base) } == number)
  }

  @Test(arguments: [
    ("", 10), ("-", 10), ("1 ", 10), ("0xff", 16), ("9223372036854775808", 10), ("-9223372036854775809", 10), ("2", 2),
    ("1_000", 10), ("_1", 0), ("1_", 0), ("1__0", 0), ("0x", 0), ("1", 1), ("1", 37), ("1", -2), ("1.0", 10), ("08", 0),
  ])
  func whatIsNoNumberIsRefused(_ text: String, _ base: Int64) {
    #expect(text.withBytes { IntegerText.parse($0, base: base) } == nil)
  }
}
