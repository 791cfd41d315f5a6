import LogPipeline
import Testing

@Suite struct OTLPJSONMessagesTests {
  private let dialect = FileDialect()

  @Test func aLineIsARequestInJSON() throws {
    let entity = Message(
      .string(1, "https://entity"), .string(2, "service"), .string(3, "service.name"), .string(3, "id"),
      .string(4, "about"))
    let record =
      Message.fixed64(1, 1_700_000_000_000_000_001) + .int(2, 9) + .string(3, "INFO") + .message(5, .text("hi"))
      + .message(6, .pair("k", .integer(-7))) + .int(7, 3) + .fixed32(8, 257) + .bytes(9, Array(1...16))
      + .bytes(10, Array(1...8)) + .fixed64(11, 2) + .string(12, "event")
    let resource = Message.resource(.pair("service.name", .text("shop"))) + .int(2, 4) + .message(3, entity)
    let scope = Message(.string(1, "lib"), .string(2, "1"), .message(3, .pair("s", .bool(true))), .int(4, 5))
    let scopeLogs = Message(.message(1, scope), .message(2, record), .message(2, Message()), .string(3, "https://s"))
    let request = Message.message(1, Message(.message(1, resource), .message(2, scopeLogs), .string(3, "https://r")))
    let expected =
      #"{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}],"#
      + #""droppedAttributesCount":4,"entityRefs":[{"schemaUrl":"https://entity","type":"service","#
      + #""idKeys":["service.name","id"],"descriptionKeys":["about"]}]},"scopeLogs":[{"scope":{"name":"lib","#
      + #""version":"1","attributes":[{"key":"s","value":{"boolValue":true}}],"droppedAttributesCount":5},"#
      + #""logRecords":[{"timeUnixNano":"1700000000000000001","observedTimeUnixNano":"2","severityNumber":9,"#
      + #""severityText":"INFO","body":{"stringValue":"hi"},"attributes":[{"key":"k","value":{"intValue":"-7"}}],"#
      + #""droppedAttributesCount":3,"flags":257,"traceId":"0102030405060708090a0b0c0d0e0f10","#
      + #""spanId":"0102030405060708","eventName":"event"},{}],"schemaUrl":"https://s"}],"schemaUrl":"https://r"}]}"#
    let encoded = try Encoded(request, as: dialect)
    #expect(encoded.text == expected + "\n")
    #expect(encoded.records == 2)
    _ = try encoded.object()
  }

  @Test func everyKindOfValueHasItsMember() throws {
    let values: [(Message, String)] = [
      (.text("q\"\n"), #"{"stringValue":"q\"\n"}"#), (.text(""), #"{"stringValue":""}"#),
      (.bool(false), #"{"boolValue":false}"#), (.integer(.min), #"{"intValue":"-9223372036854775808"}"#),
      (.double(1.5), #"{"doubleValue":1.5}"#), (.double(.nan), #"{"doubleValue":"NaN"}"#),
      (.blob([255, 0]), #"{"bytesValue":"/wA="}"#), (Message(), "{}"),
      (.list([]), #"{"arrayValue":{"values":[]}}"#),
      (.list([.bool(true), Message()]), #"{"arrayValue":{"values":[{"boolValue":true},{}]}}"#),
      (
        .map([.pair("k", .text("v")), .pair("", .map([]))]),
        #"{"kvlistValue":{"values":[{"key":"k","value":{"stringValue":"v"}},"#
          + #"{"key":"","value":{"kvlistValue":{"values":[]}}}]}}"#
      ),
    ]
    for (value, text) in values {
      let encoded = try Encoded(.request(records: .record(body: nil, attributes: [.pair("a", value)])), as: dialect)
      #expect(encoded.text.contains(#""attributes":[{"key":"a","value":\#(text)}]"#), "\(text)")
      _ = try encoded.object()
    }
  }
}
