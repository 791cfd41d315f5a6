import Testing

@testable import LogPipeline

/// Expected texts are what Go writes.
@Suite struct SprintfArgumentTests {
  private func shown(_ format: String, _ argument: SprintfArgument) -> String? {
    guard case .directive(let directive)? = SprintfFormat(Array(format.utf8)).parts.first else { return nil }
    return written { argument.append(directive, to: &$0) }
  }

  @Test(arguments: [
    ("%d", 42, "42"), ("%v", -1, "-1"), ("%5d", 42, "   42"), ("%-5d|", 42, "42   "), ("%05d", 42, "00042"),
    ("%05d", -42, "-0042"), ("%+d", 42, "+42"), ("% d", 42, " 42"), ("%x", 255, "ff"), ("%X", 255, "FF"),
    ("%#x", 255, "0xff"), ("%o", 8, "10"), ("%#o", 8, "010"), ("%O", 8, "0o10"), ("%b", 5, "101"), ("%c", 0x20AC, "€"),
    ("%q", 0x41, "'A'"), ("%U", 0x20AC, "U+20AC"), ("%.4d", 7, "0007"), ("%d", Int64.min, "-9223372036854775808"),
    ("%s", 1, "%!s(int64=1)"), ("%f", 1, "%!f(int64=1)"), ("%T", 1, "int64"), ("%z", 1, "%!z(int64=1)"), ("%d", 0, "0"),
  ])
  func wholeNumbers(_ format: String, _ number: Int64, _ expected: String) {
    #expect(shown(format, .int(number)) == expected)
  }

  @Test(arguments: [
    ("%v", 1.5, "1.5"), ("%v", 1_000_000.0, "1e+06"), ("%v", 123_456.0, "123456"),
    ("%v", 123_456_789.0, "1.23456789e+08"),
    ("%v", 0.0001, "0.0001"), ("%v", 0.00001, "1e-05"), ("%v", 0.0, "0"), ("%v", -0.0, "-0"), ("%v", 100.0, "100"),
    ("%f", 1.5, "1.500000"), ("%.2f", 1.005, "1.00"), ("%.0f", 2.5, "2"), ("%8.3f", -1.5, "  -1.500"),
    ("%08.3f", -1.5, "-001.500"),
    ("%e", 12345.678, "1.234568e+04"), ("%.1e", 12345.678, "1.2e+04"), ("%E", 1.0, "1.000000E+00"),
    ("%g", 1e21, "1e+21"),
    ("%.3g", 1234.5, "1.23e+03"), ("%G", 1e-7, "1E-07"), ("%+.1f", 1.0, "+1.0"), ("%v", Double.nan, "NaN"),
    ("%v", Double.infinity, "+Inf"),
    ("%f", -Double.infinity, "-Inf"), ("%d", 1.5, "%!d(float64=1.5)"), ("%s", 1.5, "%!s(float64=1.5)"),
    ("%v", 1e100, "1e+100"),
    ("%v", 0.1, "0.1"), ("%v", Double.leastNonzeroMagnitude, "5e-324"),
    ("%v", 1.7976931348623157e308, "1.7976931348623157e+308"),
  ])
  func numbersWithAPoint(_ format: String, _ number: Double, _ expected: String) {
    #expect(shown(format, .double(number)) == expected)
  }

  @Test(arguments: [
    ("%s", "hi", "hi"), ("%v", "hi", "hi"), ("%5s", "hi", "   hi"), ("%-5s", "hi", "hi   "), ("%.1s", "äb", "ä"),
    ("%4s", "ä", "   ä"),
    ("%q", "a\"b\\\n\u{1}", #""a\"b\\\n\x01""#), ("%x", "hi", "6869"), ("%X", "hi", "6869"), ("%#x", "hi", "0x6869"),
    ("%d", "hi", "%!d(string=hi)"),
    ("%t", "hi", "%!t(string=hi)"), ("%T", "hi", "string"), ("%05s", "hi", "   hi"), ("%.9s", "hi", "hi"),
    ("%s", "", ""),
  ])
  func texts(_ format: String, _ text: String, _ expected: String) {
    #expect(text.withBytes { shown(format, .string($0)) } == expected)
  }

  @Test func otherValues() {
    #expect(shown("%t", .bool(true)) == "true")
    #expect(shown("%v", .bool(false)) == "false")
    #expect(shown("%d", .bool(false)) == "%!d(bool=false)")
    #expect(shown("%v", .none) == "<nil>")
    #expect(shown("%d", .none) == "%!d(<nil>)")
    #expect(([0xAB, 0x01] as [UInt8]).withUnsafeBytes { shown("%x", .bytes($0)) } == "ab01")
  }

  @Test func argumentsThatAreLeftOverAreTold() {
    #expect(written { SprintfArgument.int(1).appendTyped(to: &$0) } == "int64=1")
    #expect(written { SprintfArgument.none.appendTyped(to: &$0) } == "<nil>")
  }
}
