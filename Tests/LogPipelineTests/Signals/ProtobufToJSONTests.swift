import Options
import Testing

@testable import LogPipeline

@Suite struct ProtobufToJSONTests {
  private func json(_ span: Message) throws -> String {
    try SignalRequest(.traces, .message(1, .message(2, .message(2, span)))).json
  }

  @Test(arguments: [
    (Message.bytes(1, Message.traceID), #""traceId":"0102030405060708090a0b0c0d0e0f10""#),
    (.string(5, "a\"\n\u{1}é"), "\"name\":\"a\\\"\\n\\u0001é\""), (.int(6, 3), #""kind":3"#),
    (.fixed64(7, .max), #""startTimeUnixNano":"18446744073709551615""#), (.fixed32(16, .max), #""flags":4294967295"#),
    (.int(12, 7), #""droppedEventsCount":7"#), (.int(6, .max), #""kind":-1"#),
    (.message(9, .pair("k", .int(3, .max))), #""attributes":[{"key":"k","value":{"intValue":"-1"}}]"#),
    (.message(9, .pair("k", .bytes(7, [0, 255]))), #""attributes":[{"key":"k","value":{"bytesValue":"AP8="}}]"#),
    (.message(9, .pair("k", .int(2, 1))), #""attributes":[{"key":"k","value":{"boolValue":true}}]"#),
    (.message(9, .pair("k", .fixed64(4, Double.nan.bitPattern))), #""value":{"doubleValue":"NaN"}}]"#),
    (Message(.message(11, Message()), .message(11, .string(2, "e"))), #""events":[{},{"name":"e"}]"#),
    // Of a field that comes twice the last counts; messages are joined.
    (Message(.string(5, "a"), .string(5, "b")), #"{"name":"b"}"#),
    (
      Message(.message(15, .int(3, 2)), .string(5, "n"), .message(15, .string(2, "m"))),
      #"{"name":"n","status":{"message":"m","code":2}}"#
    ),
    (.message(9, .pair("k", Message(.int(3, 7), .text("last")))), #""value":{"stringValue":"last"}}]"#),
    (Message(.int(200, 1), .string(5, "known")), #"{"name":"known"}"#), (Message(), #""spans":[{}]"#),
  ])
  func fieldsAreWrittenAsOTLPHasThem(_ span: Message, _ expected: String) throws {
    let json = try json(span)
    #expect(json.contains(expected), "\(json)")
    #expect(json.hasPrefix(#"{"resourceSpans":[{"scopeSpans":[{"spans":["#) && json.hasSuffix("]}]}]}\n"))
  }

  @Test func eachResourceIsALineAndIsReadAsTheSame() throws {
    let metrics = Message(Message.metrics.map { .group($0) })
    let request = try SignalRequest(.metrics, metrics)
    let lines = request.json.split(separator: "\n").map(String.init)
    #expect(lines.count == 5 && lines.allSatisfy { $0.hasPrefix(#"{"resourceMetrics":[{"resource":{"#) })
    for (line, piece) in zip(lines, request.pieces) {
      let again = try SignalRequest(.metrics, json: line)
      #expect(again.items == piece.records && again.json == line + "\n")
    }
    #expect(lines[2].contains(#""bucketCounts":["0","0"],"explicitBounds":[0]"#), "\(lines[2])")
    #expect(
      lines[3].contains(#""scale":-3"#)
        && lines[3].contains(#""positive":{"offset":-2,"bucketCounts":["1","128","2"]}"#))
  }

  @Test func tracesGoThroughJSONAndBack() throws {
    let traces = Message.group(.span("a", .message(13, Message(.bytes(1, Message.traceID)))), .span("b"))
    let request = try SignalRequest(.traces, traces)
    let again = try SignalRequest(.traces, json: request.json)
    #expect(again.json == request.json && again.items == 2)
  }
}
