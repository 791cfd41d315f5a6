import LogPipeline
import Testing

/// Well-formed JSON that is not quite OTLP's: one odd value costs neither its record nor its request.
@Suite struct OTLPJSONDecoderOddTests {
  /// The body of a record, and how many values were mended.
  private func body(_ value: String) throws -> (body: Readable, mended: Int) {
    let batch = try JSONRequest.decode(JSONRequest.body(value))
    return (batch.readable(batch.records[0].body), batch.oddities.mendedValues)
  }

  private func attributes(_ json: String) throws -> (pairs: [Readable.Pair], oddities: Oddities) {
    let batch = try JSONRequest.decode(JSONRequest.record(#""attributes":\#(json)"#))
    return (batch.readable(batch.records[0].attributes), batch.oddities)
  }

  @Test(
    arguments: [
      (#"{"intValue":true}"#, .bool(true)), (#"{"intValue":[]}"#, .array([])), (#"{"intValue":{"a":1}}"#, .empty),
      (#"{"boolValue":"true"}"#, .bool(true)), (#"{"boolValue":"False"}"#, .bool(false)),
      (#"{"boolValue":1}"#, .bool(true)), (#"{"boolValue":"0"}"#, .bool(false)), (#"{"boolValue":2}"#, 2),
      (#"{"boolValue":""}"#, .empty), (#"{"boolValue":"yes"}"#, "yes"),
      (#"{"doubleValue":"nan"}"#, .double(.nan)), (#"{"doubleValue":"+Inf"}"#, .double(.infinity)),
      (#"{"doubleValue":"-inf"}"#, .double(-.infinity)), (#"{"doubleValue":""}"#, .empty),
      (#"{"doubleValue":"1.5x"}"#, "1.5x"), (#"{"doubleValue":false}"#, .bool(false)),
      (#"{"stringValue":5}"#, "5"), (#"{"stringValue":-1.50e3}"#, "-1.50e3"), (#"{"stringValue":true}"#, "true"),
      (#"{"stringValue":{"a":[1,"é"]}}"#, .string(#"{"a":[1,"é"]}"#)), (#"{"bytesValue":"*"}"#, "*"),
      (#"{"bytesValue":7}"#, 7), (#"{"arrayValue":"a"}"#, "a"), (#"{"kvlistValue":"a"}"#, "a"),
      (#"{"arrayValue":[{"intValue":1},{"stringValue":"b"}]}"#, .array([1, "b"])),
      (#"{"kvlistValue":[{"key":"k","value":{"intValue":1}}]}"#, .map([.init("k", 1)])),
      (#"{"arrayValue":{"values":{"intValue":1}}}"#, .array([1])), (#"{"arrayValue":{"values":5}}"#, .array([])),
      (#"{"kvlistValue":{"values":["a",{"key":"k"}]}}"#, .map([.init("k", .empty)])),
      (#""text""#, "text"), ("5", 5), ("-0.5", .double(-0.5)), ("1e30", .double(1e30)), ("true", .bool(true)),
      ("[]", .array([])),
    ] as [(String, Readable)])
  func aValueOfAnotherTypeIsReadAsTheNearestAndCounted(value: String, expected: Readable) throws {
    let (body, mended) = try body(value)
    if case .double(let bits) = expected, Double(bitPattern: bits).isNaN {
      var isNaN = false
      if case .double(let found) = body { isNaN = Double(bitPattern: found).isNaN }
      #expect(isNaN)
    } else {
      #expect(body == expected)
    }
    #expect(mended == 1)
  }

  @Test func plainJSONWithinAListIsCountedForEachValue() throws {
    let (body, mended) = try body(#"["a",[1,null],{"intValue":2}]"#)
    #expect(body == .array(["a", .array([1, .empty]), 2]))
    #expect(mended == 4)
  }

  @Test func textInPlaceOfTextIsRepaired() throws {
    let request = JSONRequest.body(#"{"stringValue":["@"]}"#).utf8.map { $0 == UInt8(ascii: "@") ? 0xFF : $0 }
    let batch = try JSONRequest.decode(request)
    #expect(batch.readable(batch.records[0].body) == .string("[\"\u{FFFD}\"]"))
    #expect(batch.oddities.repairedStrings == 1)
  }

  @Test func fieldsOfAnotherTypeAreReadAsTheirTextOrLeftOut() throws {
    let (record, oddities) = try JSONRequest.decodedRecord(
      #""timeUnixNano":true,"observedTimeUnixNano":{},"severityNumber":[9],"flags":false,"spanId":12,"traceId":{}"#)
    #expect(record.timeUnixNano == 0 && record.observedTimeUnixNano == 0)
    #expect(record.severityNumber == 0 && record.flags == 0)
    #expect(record.traceID.isNone && record.spanID == 0)
    #expect(oddities.mendedValues == 6)
    let batch = try JSONRequest.decode(JSONRequest.record(#""severityText":4,"eventName":["a"]"#))
    #expect(batch.text(batch.records[0].severityText) == "4")
    #expect(batch.text(batch.records[0].eventName) == #"["a"]"#)
    #expect(batch.oddities.mendedValues == 2)
  }

  @Test(
    arguments: [
      ("4294967296", .max), ("-1", 0), ("1.5", 1), ("\"x\"", 0), ("\"\"", 0), ("1e99", .max), ("\"1 \"", 0),
    ] as [(String, UInt32)])
  func countsBecomeTheNearestThatFits(text: String, nearest: UInt32) throws {
    let (record, oddities) = try JSONRequest.decodedRecord(#""flags":\#(text),"droppedAttributesCount":\#(text)"#)
    #expect(record.flags == nearest)
    #expect(record.droppedAttributesCount == nearest)
    #expect(oddities.mendedValues == 2)
  }

  @Test(
    arguments: [
      ("2147483648", .max), ("-2147483649", .min), ("17.5", 17), ("1e300", .max), ("\"SEVERITY_NUMBER_WARN\"", 13),
      ("\"loud\"", 0),
    ] as [(String, Int32)])
  func severitiesBecomeTheNearestThatFits(text: String, nearest: Int32) throws {
    let (record, oddities) = try JSONRequest.decodedRecord(#""severityNumber":\#(text)"#)
    #expect(record.severityNumber == nearest)
    #expect(oddities.mendedValues == 1)
  }

  @Test func idsInBase64AreReadAndCounted() throws {
    let members = #""traceId":"AQIDBAUGBwgJCgsMDQ4PEA==","spanId":"ESIzRFVmd4g=""#
    let (record, oddities) = try JSONRequest.decodedRecord(members)
    #expect(record.traceID == TraceID(high: 0x0102_0304_0506_0708, low: 0x090A_0B0C_0D0E_0F10))
    #expect(record.spanID == 0x1122_3344_5566_7788)
    var expected = Oddities()
    expected.mendedValues = 2
    #expect(oddities == expected)
  }

  @Test func attributesMayBeAnObject() throws {
    let (pairs, oddities) = try attributes(#"{"a":"b","n":1,"\u00e9":{"intValue":"2"},"gone":{"x":1}}"#)
    #expect(pairs == [.init("a", "b"), .init("n", 1), .init("é", 2), .init("gone", .empty)])
    #expect(oddities.mendedValues == 3)
    #expect(oddities.unknownMembers == 1)
    #expect(try attributes("{}").pairs.isEmpty)
    #expect(try attributes(#"["a",{"key":"k","value":{"intValue":1}},5,null]"#).pairs == [.init("k", 1)])
    #expect(try attributes("7").oddities.mendedValues == 1)
    for broken in [#"{"a":1,}"#, #"{"a" 1}"#, #"{"a":1 "b":2}"#, "{,}", #"{"a":}"#] {
      #expect(JSONRequest.error(JSONRequest.record(#""attributes":\#(broken)"#)) != nil, "\(broken)")
    }
  }

  @Test func oneMessageMayStandWhereAListShould() throws {
    let record = #"{"body":{"intValue":1}}"#
    let batch = try JSONRequest.decode(#"{"resourceLogs":{"scopeLogs":{"scope":5,"logRecords":\#(record)}}}"#)
    #expect(batch.records.count == 1)
    #expect(batch.readable(batch.records[0].body) == 1)
    #expect(batch.oddities.mendedValues == 4)
    let others = #"{"resourceLogs":[1,{"resource":[],"scopeLogs":"a"},null,{"scopeLogs":[{"logRecords":[{}]}]}]}"#
    let kept = try JSONRequest.decode(others)
    #expect(kept.resources.count == 2 && kept.records.count == 1)
    #expect(kept.oddities.mendedValues == 3)
  }

  @Test func limitsHoldForOddFormsToo() throws {
    var limits = DecodeLimits()
    limits.maxDepth = 3
    limits.maxValues = 4
    func error(_ json: String) -> DecodeError.Reason? {
      JSONRequest.error(JSONRequest.record(json), limits: limits)?.reason
    }
    #expect(error(#""body":[[1]]"#) == nil)
    #expect(error(#""body":[[[1]]]"#) == .tooDeep(limit: 3))
    #expect(error(#""attributes":{"a":1,"b":2,"c":3,"d":4}"#) == nil)
    #expect(error(#""attributes":{"a":1,"b":2,"c":3,"d":4,"e":5}"#) == .tooManyValues(limit: 4))
    #expect(error(#""body":[1,2,3,4,5]"#) == .tooManyValues(limit: 4))
  }

  @Test func oneOddRecordDoesNotCostTheOthers() throws {
    let records = (0..<100).map { $0 == 50 ? #"{"body":{"intValue":1e21}}"# : #"{"body":{"intValue":\#($0)}}"# }
    let batch = try JSONRequest.decode(
      #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[\#(records.joined(separator: ","))]}]}]}"#)
    #expect(batch.records.count == 100)
    #expect(batch.readable(batch.records[50].body) == .double(1e21))
    #expect(batch.readable(batch.records[99].body) == 99)
  }
}
