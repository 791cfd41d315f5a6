import Options
import Testing

@testable import LogPipeline

@Suite struct JSONToProtobufTests {
  private func request(_ span: String) -> String {
    #"{"resourceSpans":[{"scopeSpans":[{"spans":[{\#(span)}]}]}]}"#
  }

  private func point(_ fields: String, of metric: String = "histogram") -> String {
    #"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"\#(metric)":{"dataPoints":[{\#(fields)}]}}]}]}]}"#
  }

  /// Numbers of 64 bits side by side.
  private static func words(_ words: UInt64...) -> [UInt8] {
    words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * UInt64($0))) } }
  }

  /// The span that a span in JSON becomes.
  private func span(_ text: String) throws -> [UInt8] {
    let request = try SignalRequest(.traces, json: request(text))
    #expect(request.items == 1)
    return request.bytes
  }

  private func traces(_ span: Message) -> [UInt8] {
    Message.message(1, .message(2, .message(2, span))).bytes
  }

  private func problem(_ json: String, _ limits: DecodeLimits = DecodeLimits(), of signal: Signal = .traces)
    -> DecodeError?
  {
    do {
      _ = try SignalRequest(signal, json: json, limits: limits)
      return nil
    } catch {
      return error as? DecodeError
    }
  }

  @Test(arguments: [
    (#""traceId":"0102030405060708090A0b0c0d0e0f10""#, Message.bytes(1, Message.traceID)),
    (#""spanId":"0102030405060708""#, .bytes(2, Message.spanID)),
    (#""parentSpanId":"AQIDBAUGBwg=""#, .bytes(4, Message.spanID)),
    (#""name":"a\u00e9\n\/""#, .string(5, "aé\n/")), (#""name":"é""#, .string(5, "é")),
    (#""trace_state":"x""#, .string(3, "x")), (#""kind":3"#, .int(6, 3)),
    (#""kind":"SPAN_KIND_CLIENT""#, .int(6, 3)), (#""kind":-1"#, .int(6, .max)),
    (#""startTimeUnixNano":"18446744073709551615""#, .fixed64(7, .max)),
    (#""startTimeUnixNano":1705314600000000001"#, .fixed64(7, 1_705_314_600_000_000_001)),
    (#""endTimeUnixNano":1.5e3"#, .fixed64(8, 1500)), (#""flags":4294967295"#, .fixed32(16, .max)),
    (#""droppedEventsCount":"7""#, .int(12, 7)), (#""dropped_links_count":7"#, .int(14, 7)),
    (#""status":{"code":2,"message":"m"}"#, .message(15, Message(.int(3, 2), .string(2, "m")))),
    (#""events":[{},{"name":"e"}]"#, Message(.message(11, Message()), .message(11, .string(2, "e")))),
    (#""attributes":[{"key":"b","value":{"bytesValue":"AP8"}}]"#, .message(9, .pair("b", .bytes(7, [0, 255])))),
    (#""attributes":[{"key":"i","value":{"intValue":"-1"}}]"#, .message(9, .pair("i", .int(3, .max)))),
    (#""attributes":[{"key":"t","value":{"boolValue":true}}]"#, .message(9, .pair("t", .int(2, 1)))),
    (
      #""attributes":[{"key":"d","value":{"doubleValue":"-Infinity"}}]"#,
      .message(9, .pair("d", .fixed64(4, (-Double.infinity).bitPattern)))
    ),
    (
      #""attributes":[{"key":"d","value":{"doubleValue":0.1}}]"#,
      .message(9, .pair("d", .fixed64(4, 0.1.bitPattern)))
    ),
  ])
  func fieldsBecomeThoseOfTheSchema(_ json: String, _ expected: Message) throws {
    #expect(try span(json) == traces(expected), "\(json)")
  }

  @Test(arguments: [
    (
      #""bucketCounts":["1",2]"#,
      Message.bytes(6, words(1, 2))
    ),
    (#""bucketCounts":[]"#, .bytes(6, [])),
    (#""explicitBounds":["NaN"]"#, .bytes(7, words(Double.nan.bitPattern))),
    (#""sum":-0.5"#, .fixed64(5, (-0.5).bitPattern)), (#""min":"2""#, .fixed64(11, 2.0.bitPattern)),
  ])
  func pointsBecomeThoseOfTheSchema(_ json: String, _ expected: Message) throws {
    let request = try SignalRequest(.metrics, json: point(json))
    #expect(request.bytes == Message.message(1, .message(2, .message(2, .message(9, .message(1, expected))))).bytes)
  }

  @Test func numbersOfVariableLengthArePackedToo() throws {
    let json = point(#""scale":-3,"positive":{"offset":1,"bucketCounts":["300",1]}"#, of: "exponentialHistogram")
    let expected = Message(.int(6, 5), .message(8, Message(.int(1, 2), .bytes(2, [0xAC, 0x02, 1]))))
    #expect(
      try SignalRequest(.metrics, json: json).bytes
        == Message.message(1, .message(2, .message(2, .message(10, .message(1, expected))))).bytes)
    let sum =
      #"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"sum":{"isMonotonic":true,"aggregationTemporality":"#
      + #""AGGREGATION_TEMPORALITY_DELTA","dataPoints":[{"asInt":"-2"}]}}]}]}]}"#
    let point = Message.message(1, .fixed64(6, UInt64(bitPattern: -2)))
    #expect(
      try SignalRequest(.metrics, json: sum).bytes
        == Message.message(1, .message(2, .message(2, .message(7, Message(.int(3, 1), .int(2, 1), point))))).bytes)
  }

  @Test func nullIsAsGoodAsAbsentAndUnknownMembersAreSkipped() throws {
    let request = try SignalRequest(
      .traces, json: request(#""name":null,"events":null,"attributes":[null],"future":{"a":[1,{}]},"spanId":"""#))
    #expect(request.bytes == traces(Message()) && request.oddities.unknownMembers == 1)
  }

  @Test func idsThatAreNoneAreDroppedAndCounted() throws {
    let request = try SignalRequest(
      .traces, json: request(#""traceId":"abc","spanId":"zz","parentSpanId":"AQIDBAUGBwg=""#))
    #expect(request.oddities.droppedTraceIDs == 1 && request.oddities.droppedSpanIDs == 1)
    #expect(request.oddities.mendedValues == 1 && request.bytes == traces(.bytes(4, Message.spanID)))
  }

  @Test func textThatIsNoUTF8IsMendedOrRefused() throws {
    var limits = DecodeLimits()
    let lone = request(#""name":"\ud800""#)
    let mended = try SignalRequest(.traces, json: lone)
    #expect(mended.oddities.repairedStrings == 1 && mended.bytes == traces(.string(5, "\u{FFFD}")))
    var raw = SignalRequest()
    let start = Array(request(#""name":"X""#).utf8)
    let bytes = start.map { $0 == UInt8(ascii: "X") ? 0xFF : $0 }
    try raw.read(.traces, json: bytes, limits: limits)
    #expect(raw.bytes == traces(.string(5, "\u{FFFD}")))
    limits.invalidUTF8 = .refuse
    #expect(problem(lone, limits)?.reason == .invalidUTF8)
    #expect(throws: DecodeError.self) { try raw.read(.traces, json: bytes, limits: limits) }
  }

  @Test(arguments: [
    "", "[]", "{", #"{"resourceSpans":{}}"#, #"{"resourceSpans":[1]}"#, #"{"resourceSpans":[{}]} x"#,
    #"{"resourceLogs":[]}"#, #"{"resourceMetrics":[{}]}"#,
  ])
  func whatIsNoRequestIsRefused(json: String) {
    #expect(problem(json) != nil, "\(json)")
  }

  @Test(arguments: [
    #""name":1"#, #""kind":"SPAN_KIND_NONE""#, #""kind":1.5"#, #""kind":2147483648"#, #""startTimeUnixNano":-1"#,
    #""startTimeUnixNano":"x""#, #""startTimeUnixNano":"1"#, #""startTimeUnixNano":18446744073709551616"#,
    #""flags":4294967296"#, #""flags":true"#, #""status":[]"#, #""events":{}"#, #""traceId":7"#,
    #""attributes":[{"key":"a","value":{"bytesValue":"*"}}]"#, #""attributes":[{"key":"a","value":{"boolValue":1}}]"#,
    #""attributes":[{"key":"a","value":{"doubleValue":"wide"}}]"#, #""name":"a" "b""#,
  ])
  func aValueThatDoesNotFitIsRefused(span: String) {
    #expect(problem(request(span)) != nil, "\(span)")
  }

  /// Errors say where in the JSON, and nothing of what stands there.
  @Test func errorsHaveTheOffsetInTheJSON() {
    let json = request(#""kind":"SECRET""#)
    let offset = json.utf8.count - #""SECRET"}]}]}]}"#.utf8.count
    #expect(problem(json) == DecodeError(.malformed("expected a value of the enumeration, or its number"), at: offset))
  }

  @Test func limitsAreThoseOfProtobuf() {
    var limits = DecodeLimits()
    limits.maxRecords = 2
    let spans = { (count: Int) in
      let list = [String](repeating: "{}", count: count).joined(separator: ",")
      return #"{"resourceSpans":[{"scopeSpans":[{"spans":[\#(list)]}]}]}"#
    }
    #expect(problem(spans(2), limits) == nil)
    #expect(problem(spans(3), limits)?.reason == .tooManyRecords(limit: 2))
    limits.maxValues = 3
    #expect(problem(point(#""bucketCounts":[1,2]"#), limits, of: .metrics) == nil)
    #expect(problem(point(#""bucketCounts":[1,2,3]"#), limits, of: .metrics)?.reason == .tooManyValues(limit: 3))
  }

  @Test func valuesNestAsDeepAsTheLimit() throws {
    func nested(_ depth: Int) -> String {
      let open = String(repeating: #"{"arrayValue":{"values":["#, count: depth - 1)
      let close = String(repeating: "]}}", count: depth - 1)
      return request(#""attributes":[{"key":"k","value":\#(open){"stringValue":"leaf"}\#(close)}]"#)
    }
    #expect(problem(nested(64)) == nil)
    #expect(problem(nested(65))?.reason == .tooDeep(limit: 64))
    // Lengths of deep values are padded, which every reader takes.
    let deep = try SignalRequest(.traces, json: nested(20))
    let again = try SignalRequest(.traces, Message(raw: deep.bytes))
    #expect(again.items == 1 && again.oddities.isEmpty && again.json == deep.json)
  }

  /// Each prefix is refused, and reads nothing beyond its end.
  @Test func aRequestThatIsCutShortIsRefused() throws {
    let json = Array(
      request(
        #""traceId":"0102030405060708090a0b0c0d0e0f10","name":"a\u00e9","kind":"SPAN_KIND_CLIENT","#
          + #""endTimeUnixNano":"1","attributes":[{"key":"k","value":{"doubleValue":-1.5e3}}],"status":{"code":1}"#
      ).utf8)
    for count in 0..<json.count {
      var request = SignalRequest()
      #expect(throws: DecodeError.self) {
        try request.read(.traces, json: Array(json.prefix(count)), limits: DecodeLimits())
      }
    }
  }
}
