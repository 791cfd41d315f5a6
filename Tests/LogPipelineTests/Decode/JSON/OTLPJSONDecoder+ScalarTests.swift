import LogPipeline
import Testing

/// Fields that are one number, id, name or run of bytes; the ids are the rows of the quirks of OTLP/JSON.
@Suite struct OTLPJSONDecoderScalarTests {
  @Test func J3_idsAreHexadecimalInEitherCase() throws {
    let members = #""traceId":"ABCDEFabcdef01234567890000000001","spanId":"fEdCbA9876543210""#
    let (record, oddities) = try JSONRequest.decodedRecord(members)
    #expect(record.traceID == TraceID(high: 0xABCD_EFAB_CDEF_0123, low: 0x4567_8900_0000_0001))
    #expect(record.spanID == 0xFEDC_BA98_7654_3210)
    #expect(oddities.isEmpty)
  }

  @Test func J3_everyByteValueIsADigitOrNone() throws {
    for byte in UInt8(0x20)..<0x7F where byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") {
      let character = Character(UnicodeScalar(byte))
      let record = try JSONRequest.decodedRecord(#""spanId":"000000000000000\#(character)""#).record
      #expect(record.spanID == UInt64(character.hexDigitValue ?? 0))
    }
  }

  @Test(arguments: ["", "00000000000000000000000000000000", "0000000000000000"])
  func J3_emptyAndAllZeroIdsAreNone(id: String) throws {
    let (record, oddities) = try JSONRequest.decodedRecord(#""traceId":"\#(id)","spanId":"\#(id)""#)
    #expect(record.traceID.isNone)
    #expect(record.spanID == 0)
    #expect(oddities.droppedTraceIDs == (id.count == 16 ? 1 : 0))
    #expect(oddities.droppedSpanIDs == (id.count == 32 ? 1 : 0))
  }

  @Test(arguments: ["0102", "+PNmTSIC86VwaPmuvESQ", "g102030405060708090a0b0c0d0e0f10", "01020304050607080", "é"])
  func J3_otherIdsAreDroppedAndCounted(id: String) throws {
    let (record, oddities) = try JSONRequest.decodedRecord(#""traceId":"\#(id)","spanId":"\#(id)","flags":1"#)
    #expect(record.traceID.isNone)
    #expect(record.spanID == 0)
    #expect(record.flags == 1)
    #expect(oddities.droppedTraceIDs == 1)
    #expect(oddities.droppedSpanIDs == 1)
  }

  @Test func J4_severityIsANumberLenientlyItsTextOrName() throws {
    let levels = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"]
    for number in 1...24 {
      let step = (number - 1) % 4
      let name = "SEVERITY_NUMBER_" + levels[(number - 1) / 4] + (step == 0 ? "" : "\(step + 1)")
      for text in ["\(number)", "\"\(number)\"", "\"\(name)\""] {
        let record = try JSONRequest.decodedRecord(#""severityNumber":\#(text)"#).record
        #expect(record.severityNumber == Int32(number), "\(text)")
      }
    }
    let others = ["UNSPECIFIED", "INFO1", "INFO5", "INFO22", "", "2", "info"].map { "\"SEVERITY_NUMBER_\($0)\"" }
    for text in others + ["null", "\"INFO\"", "\"\""] {
      #expect(try JSONRequest.decodedRecord(#""severityNumber":\#(text)"#).record.severityNumber == 0, "\(text)")
    }
  }

  @Test func J6_counts32BitsWideAreNumbersOrTheirText() throws {
    for text in ["4294967295", "\"4294967295\"", "4.294967295e9", "\"42949672950e-1\""] {
      let record = try JSONRequest.decodedRecord(#""flags":\#(text),"droppedAttributesCount":\#(text)"#).record
      #expect(record.flags == .max)
      #expect(record.droppedAttributesCount == .max)
    }
  }

  @Test(
    arguments: [
      ("", []), ("AA==", [0]), ("AA", [0]), ("AAE=", [0, 1]), ("AAE", [0, 1]), ("AAEC", [0, 1, 2]),
      ("+/+/", [251, 255, 191]), ("-_-_", [251, 255, 191]), (#"+\/+\/"#, [251, 255, 191]),
      ("//79/A==", [255, 254, 253, 252]),
    ] as [(String, [UInt8])])
  func J7_bytesAreBase64StandardOrURLSafePaddedOrNot(text: String, bytes: [UInt8]) throws {
    #expect(try JSONRequest.value(#"{"bytesValue":"\#(text)"}"#) == .bytes(bytes))
  }

  @Test(arguments: [
    "A", "AAAAA", "A=", "A===", "AA=", "AAE==", "====", "=AAA", "A A=", "AA*A", "é", "AAAA====", "AAA==",
  ])
  func J7_badBase64StaysTextAndIsCounted(text: String) throws {
    let batch = try JSONRequest.decode(JSONRequest.body(#"{"bytesValue":"\#(text)"}"#))
    #expect(batch.readable(batch.records[0].body) == .string(text))
    #expect(batch.oddities.mendedValues == 1)
  }

  @Test(arguments: ["0", "25", "-7", "2147483647", "-2147483648"])
  func J15_severityNumbersOutOfTheNamedRangeAreKept(number: String) throws {
    #expect(try JSONRequest.decodedRecord(#""severityNumber":\#(number)"#).record.severityNumber == Int32(number))
  }
}
