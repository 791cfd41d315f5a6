import Testing

@testable import LogPipeline

@Suite struct JSONWriterTests {
  private func written(_ write: (inout ByteWriter) -> Void) -> String {
    var writer = ByteWriter(capacityBytes: 1)
    write(&writer)
    return String(decoding: writer.array, as: UTF8.self)
  }

  private func escaped(_ text: String) -> String {
    written { writer in Array(text.utf8).withUnsafeBytes { writer.appendJSON(string: $0) } }
  }

  @Test func escapesWhatJSONRequiresAtEveryPlaceOfAVector() {
    for (special, expected) in [
      ("\"", "\\\""), ("\\", "\\\\"), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t"), ("\u{8}", "\\b"), ("\u{C}", "\\f"),
      ("\0", "\\u0000"), ("\u{1F}", "\\u001f"), ("\u{7F}", "\u{7F}"), ("é", "é"), ("🚰", "🚰"),
    ] {
      for before in 0...35 {
        let padding = String(repeating: "x", count: before)
        #expect(escaped(padding + special + "yz") == "\"" + padding + expected + "yz\"")
      }
    }
  }

  @Test func integersKeepEveryDigit() {
    for value in [0, 1, 9, 10, 99, 100, 12345, Int64.max, Int64.min, -1, -10] {
      #expect(written { $0.appendDecimal(value) } == "\(value)")
    }
    for value in [UInt64.max, 9_999_999_999_999_999_999, 10_000_000_000_000_000_000] {
      #expect(written { $0.appendDecimal(value) } == "\(value)")
    }
    #expect(written { $0.appendDecimal(7, digits: 3) } == "007")
  }

  @Test func doublesReadBackAndAreShort() {
    var generator = SystemRandomNumberGenerator()
    var values: [Double] = [
      0, -0.0, 1, -1, 0.1, 45.67, 1.5, 1e9, 999_999_999.5, 1e-3, 1e-7, 1e16, .leastNonzeroMagnitude,
      1.7976931348623157e308, 0.3,
      123_456.789_012, 0.1 + 0.2,
    ]
    for _ in 0..<20_000 {
      values.append(Double(bitPattern: generator.next()))
      values.append(Double(Int.random(in: -1_000_000...1_000_000)) / 1000)
      values.append(Double(Int.random(in: -1 << 60...1 << 60)))
    }
    for value in values where value.isFinite {
      let text = written { $0.appendJSON(value) }
      #expect(Double(text)?.bitPattern == value.bitPattern, "\(value)")
      #expect(text.utf8.count <= 25, "\(text) \(value.description)")
      let digits = { (text: String) in text.prefix { $0 != "e" }.filter { $0.isNumber }.drop { $0 == "0" } }
      let significant = { (text: String) in String(digits(text).reversed().drop { $0 == "0" }) }
      #expect(significant(text) == significant(value.description))
      let withPoint = written { $0.write(atMost: Pen.maxDoubleBytes) { $0 = $0.putting(jsonWithPoint: value) } }
      #expect(withPoint == text || withPoint == text + ".0")
      #expect(withPoint.contains(".") || withPoint.contains("e"), "\(withPoint)")
    }
  }

  /// As Go's encoding/json and ECMAScript write them.
  @Test(
    arguments: [
      ("200", "200"), ("-0.0", "-0"), ("0", "0"), ("-1", "-1"), ("1e-7", "1e-7"), ("1.5e-7", "1.5e-7"),
      ("1e-6", "0.000001"), ("0.00123456", "0.00123456"), ("1e20", "100000000000000000000"), ("1e21", "1e+21"),
      ("-1.25e21", "-1.25e+21"), ("123456789012345680000", "123456789012345680000"),
      ("9007199254740993", "9007199254740992"), ("18014398509481984", "18014398509481984"),
      ("1234.5678901234567", "1234.5678901234567"), ("5e-324", "5e-324"),
      ("1.7976931348623157e308", "1.7976931348623157e+308"), ("0.1", "0.1"), ("1e9", "1000000000"),
      ("1234567890.5", "1234567890.5"), ("12345678901234567000", "12345678901234567000"),
    ])
  func doublesAreWrittenInOneForm(number: String, text: String) throws {
    let value = try #require(Double(number))
    #expect(written { $0.appendJSON(value) } == text)
    #expect(written { $0.write(atMost: Pen.maxDoubleBytes) { $0 = $0.putting(value) } } == text)
  }

  @Test(
    arguments: [(Double.nan, "NaN"), (-Double.nan, "NaN"), (.infinity, "Infinity"), (-.infinity, "-Infinity")]
      as [(Double, String)])
  func doublesThatAreNoNumbersHaveNames(value: Double, name: String) {
    #expect(written { $0.appendJSON(value) } == "\"\(name)\"")
    #expect(written { $0.write(atMost: Pen.maxDoubleBytes) { $0 = $0.putting(value) } } == name)
  }

  @Test func base64AndHexFollowRFC4648() {
    let cases: [([UInt8], String)] = [
      ([], ""), ([0x66], "Zg=="), ([0x66, 0x6F], "Zm8="), ([0x66, 0x6F, 0x6F], "Zm9v"), ([0xFB, 0xFF, 0xFE], "+//+"),
    ]
    for (bytes, expected) in cases {
      #expect(written { writer in bytes.withUnsafeBytes { writer.appendBase64($0) } } == expected)
    }
    #expect(
      written { $0.appendHex(TraceID(high: 0x0102_0304_0506_0708, low: 0xA0B0_C0D0_E0F0_FFFF)) }
        == "0102030405060708a0b0c0d0e0f0ffff")
    #expect(written { writer in ([0x00, 0xAB, 0xFF] as [UInt8]).withUnsafeBytes { writer.appendHex($0) } } == "00abff")
  }
}
