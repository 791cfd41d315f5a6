import LogPipeline
import Testing

/// J5 and J8: numbers of 64 bits and doubles, to the last digit.
@Suite struct JSONNumberTests {
  private func int(_ text: String) -> Int64? {
    guard case .int(let value)? = try? JSONRequest.value(#"{"intValue":\#(text)}"#) else { return nil }
    return value
  }

  private func double(_ text: String) -> Double? {
    guard case .double(let bits)? = try? JSONRequest.value(#"{"doubleValue":\#(text)}"#) else { return nil }
    return Double(bitPattern: bits)
  }

  @Test(
    arguments: [
      0, 1, -1, 9, 10, 1 << 53 - 1, 1 << 53, 1 << 53 + 1, -(1 << 53) - 1, .max, .max - 1, .min, .min + 1,
      999_999_999_999_999_999, 1_000_000_000_000_000_000, 922_337_203_685_477_580,
    ] as [Int64])
  func J5_integersKeepEveryDigitAsNumberAndAsText(value: Int64) {
    #expect(int("\(value)") == value)
    #expect(int("\"\(value)\"") == value)
  }

  @Test(
    arguments: [
      ("-0", 0), ("1e0", 1), ("1.7e18", 1_700_000_000_000_000_000), ("1.7E+18", 1_700_000_000_000_000_000),
      ("1700000000000000000000e-3", 1_700_000_000_000_000_000), ("1.0", 1), ("100e-2", 1), ("0.1e1", 1), ("0e99999", 0),
      ("0.00e-99999", 0), ("9223372036854775807.000", .max), ("-9223372036854775808.0", .min),
      ("9.223372036854775807e18", .max), ("0.00000000000000000001e20", 1),
      ("1.0000000000000000000000000000000000000000", 1), ("1000000000000000000000000000000e-30", 1),
    ] as [(String, Int64)])
  func J5_integralNumbersWithFractionOrExponentAreExact(text: String, value: Int64) {
    #expect(int(text) == value)
    #expect(int("\"\(text)\"") == value)
  }

  @Test(arguments: [
    "9223372036854775808", "-9223372036854775809", "18446744073709551615", "18446744073709551616", "1e19", "1e21",
    "1e999999999", "99999999999999999999999999", "1.5", "1e-1", "0.1", "1.00000000000000000000000000000000000001",
    "12345678901234567.8",
  ])
  func J5_numbersThatAreNo64BitIntegersBecomeDoublesAndAreCounted(text: String) throws {
    let expected = try #require(Double(text == "1e999999999" ? "inf" : text))
    for value in [text, "\"\(text)\""] {
      let batch = try JSONRequest.decode(JSONRequest.body(#"{"intValue":\#(value)}"#))
      #expect(batch.readable(batch.records[0].body) == .double(expected))
      #expect(batch.oddities.mendedValues == 1)
    }
  }

  @Test(arguments: ["", " 1", "1 ", "+1", "0x10", "01", "1_000", "abc", "١", "NaN", "1e", "--1"])
  func J5_textThatIsNoNumberStaysTextAndIsCounted(text: String) throws {
    let batch = try JSONRequest.decode(JSONRequest.body(#"{"intValue":"\#(text)"}"#))
    #expect(batch.readable(batch.records[0].body) == (text.isEmpty ? .empty : .string(text)))
    #expect(batch.oddities.mendedValues == 1)
  }

  @Test(
    arguments: [
      ("\"1700000000000000001\"", 1_700_000_000_000_000_001), ("1700000000000000001", 1_700_000_000_000_000_001),
      ("1.7e18", 1_700_000_000_000_000_000), ("\"1.7e18\"", 1_700_000_000_000_000_000), ("0", 0), ("-0", 0),
      ("null", 0),
      ("\"9223372036854775807\"", 1 << 63 - 1), (#""\u0031\u0032""#, 12), ("1.5e1", 15),
    ] as [(String, UInt64)])
  func J5_timesAreNumbersOrTheirText(text: String, time: UInt64) throws {
    let members = #""timeUnixNano":\#(text),"observedTimeUnixNano":\#(text)"#
    let (record, oddities) = try JSONRequest.decodedRecord(members)
    #expect(record.timeUnixNano == time)
    #expect(record.observedTimeUnixNano == time)
    #expect(oddities.isEmpty)
  }

  @Test(arguments: [
    "9223372036854775808", "18446744073709551615", "-1", "\"-1\"", "1.5", "\"2024-01-01T00:00:00Z\"", "\"\"", "1e30",
    "\"NaN\"", "\"é\"",
  ])
  func J5_impossibleTimesAreIgnoredAndCounted(text: String) throws {
    let members = #""timeUnixNano":\#(text),"observedTimeUnixNano":\#(text),"flags":1"#
    let (record, oddities) = try JSONRequest.decodedRecord(members)
    #expect(record.timeUnixNano == 0)
    #expect(record.observedTimeUnixNano == 0)
    #expect(record.flags == 1)
    #expect(oddities.ignoredTimes == 2)
  }

  @Test func J8_doublesThatAreNoNumbersAreText() throws {
    #expect(double("\"NaN\"")?.isNaN == true)
    #expect(double("\"Infinity\"") == .infinity)
    #expect(double("\"-Infinity\"") == -.infinity)
    for text in ["NaN", "Infinity", "\"\"", "\"1.5x\"", "\" 1\"", "true"] {
      #expect(double(text) == nil, "\(text)")
    }
  }

  @Test(arguments: [
    "0", "-0", "0.0", "-0.0e10", "1", "-1", "0.1", "0.2", "0.3", "1.5", "3.141592653589793", "1e22", "1e23", "1e-22",
    "1e-23", "9007199254740991", "9007199254740992", "9007199254740993", "9007199254740995", "1e308",
    "1.7976931348623157e308", "1.7976931348623159e308", "1e309", "-1e400", "2.2250738585072014e-308",
    "2.2250738585072011e-308", "4.9406564584124654e-324", "5e-324", "2.4703282292062327e-324",
    "2.4703282292062328e-324", "1e-400", "123456789012345678901234567890", "0.000000000000000000000000000001234",
    "8.98846567431158e307", "1e+5", "1E5", "1.0E-5", "18446744073709551615", "18446744073709551616",
    "6.02214076e23", "7.2057594037927933e16", "1e1000000000000", "1e-1000000000000", "0e1000000000000",
    "1e99999999999999999999999999999999", "1e-99999999999999999999999999999999",
  ])
  func J8_doublesRoundToTheNearest(text: String) throws {
    let expected = try #require(Double(text.contains("99999999999999") ? (text.contains("-") ? "0" : "inf") : text))
    #expect(double(text)?.bitPattern == expected.bitPattern)
    #expect(double("\"\(text)\"")?.bitPattern == expected.bitPattern)
  }

  @Test func J8_allDigitsCountHoweverManyThereAre() {
    // Half way between 1 and the next double: a tie goes to the even one, anything more goes up.
    let tie = "1.00000000000000011102230246251565404236316680908203125"
    let zeros = String(repeating: "0", count: 5000)
    #expect(double(tie) == 1)
    #expect(double(tie + zeros) == 1)
    #expect(double(tie + zeros + "1") == 1.0.nextUp)
    #expect(double(zeros.replacing("0", with: "9") + "e-5000") == 1)
    #expect(double("0." + zeros + tie.replacing(".", with: "") + "1e5001") == 1.0.nextUp)
    #expect(double("1" + zeros + "e-5000") == 1)
  }

  @Test func J8_randomDoublesComeBackAsTheyWere() throws {
    var random = SplitMix64(seed: 1)
    let values = (0..<2000).map { _ in Double(bitPattern: random.next()) }.filter(\.isFinite)
    let list = values.map { #"{"doubleValue":\#($0)}"# }.joined(separator: ",")
    let decoded = try JSONRequest.value(#"{"arrayValue":{"values":[\#(list)]}}"#)
    #expect(decoded == .array(values.map { Readable.double($0.bitPattern) }))
  }

  @Test func J8_randomDecimalsRoundAsTheStandardLibraryRoundsThem() throws {
    var random = SplitMix64(seed: 2)
    let texts = (0..<2000).map { _ in
      let digits = (0..<Int.random(in: 1...40, using: &random)).map { _ in Int.random(in: 0...9, using: &random) }
      let fraction = digits.map(String.init).joined()
      return "\(Int.random(in: -9...9, using: &random)).\(fraction)e\(Int.random(in: -330...310, using: &random))"
    }
    let list = texts.map { #"{"doubleValue":\#($0)}"# }.joined(separator: ",")
    let decoded = try JSONRequest.value(#"{"arrayValue":{"values":[\#(list)]}}"#)
    #expect(decoded == .array(try texts.map { Readable.double(try #require(Double($0)).bitPattern) }))
  }

  @Test(arguments: [
    "01", "-", "+1", ".5", "1.", "1.e5", "1e", "1e+", "-x", "--1", "1x", "0x1", "1..2", "00", "-01", "Infinity",
  ])
  func malformedNumbersAreRefusedWhereverTheyStand(text: String) {
    #expect(JSONRequest.error(JSONRequest.body(#"{"doubleValue":\#(text)}"#)) != nil)
    #expect(JSONRequest.error(JSONRequest.body(#"{"intValue":\#(text)}"#)) != nil)
    #expect(JSONRequest.error(#"{"unknown":\#(text)}"#) != nil)
    #expect(JSONRequest.error(#"{"unknown":[\#(text)]}"#) != nil)
  }
}
