import Testing

@testable import LogPipeline

@Suite struct OTLPAnswerBodyTests {
  private func answer(_ body: [UInt8], _ mediaType: String) -> Answer {
    Answer(.http(400), body: body, mediaType: mediaType)
  }

  private func status(_ text: String, _ mediaType: String = "application/json") -> String? {
    OTLPStatus(answer(Array(text.utf8), mediaType))?.message
  }

  @Test(arguments: [
    "application/x-protobuf", "application/protobuf", "application/vnd.google.protobuf", "", "application/octet-stream",
  ])
  func aStatusInProtobufHasItsThreeFields(mediaType: String) {
    let detail = Message.string(1, "type.googleapis.com/x")
    let body = Message(.int(1, 3), .string(2, "bad\tthing"), .message(3, detail))
    #expect(OTLPStatus(answer(body.bytes, mediaType))?.message == "bad thing")
    #expect(OTLPStatus(answer((body + .int(4, 1)).bytes, mediaType)) == nil)
    #expect(OTLPStatus(answer(body.bytes.dropLast(), mediaType)) == nil)
    #expect(OTLPStatus(answer([], mediaType)) == nil)
  }

  @Test(arguments: [(0, false), (1, true), (16, true), (17, false), (-1, false), (404, false)])
  func aStatusInJSONHasACodeOfGRPC(code: Int, isStatus: Bool) {
    #expect((status(#"{"message":"m","code":\#(code)}"#) == "m") == isStatus)
    #expect((status(#"{"message":"m","code":\#(code)}"#, "") == "m") == isStatus)
    #expect(status(#"{"message":"m","code":\#(code)}"#, "text/html") == nil)
  }

  @Test func aMessageThatIsNoTextIsPassedOver() {
    #expect(status(#"{"code":3,"message":[1,{"message":"x"}]}"#) == "")
    #expect(status(#"{"code":3,"message":"a\n\u00e9"}"#) == "a é")
    #expect(status(#"{"code":"3","message":"x"}"#) == nil)
    #expect(status(#"{"code":3,"message":"open}"#) == nil)
    #expect(status(#"{"code":3}{}"#) == nil)
  }

  @Test func anEmptySuccessIsOneUnlessItIsAPage() {
    #expect(PartialSuccess(answer([], ""))?.rejected == 0)
    #expect(PartialSuccess(answer([], "application/json"))?.rejected == 0)
    #expect(PartialSuccess(answer([], "text/html")) == nil)
  }

  @Test func fieldsThatAreNotKnownAreReadOverOnlyWhereProtobufIsSaid() {
    let body = (Message.message(1, Message(.int(1, 3), .string(2, "old"), .int(9, 1))) + .int(7, 1)).bytes
    let said = PartialSuccess(answer(body, "application/x-protobuf"))
    #expect(said?.rejected == 3 && said?.message == "old")
    #expect(PartialSuccess(answer(body, "")) == nil)
  }

  @Test(
    arguments: [
      (#""9223372036854775807""#, Int64.max), ("null", 0), (#""-4""#, -4), ("0", 0), (#""9223372036854775808""#, nil),
      (#""""#, nil), (#""3x""#, nil), ("1.5", nil), ("true", nil), ("[3]", nil),
    ] as [(String, Int64?)])
  func rejectedRecordsAreANumberOr64BitsAsText(number: String, expected: Int64?) {
    let body = Array(#"{"partialSuccess":{"rejectedLogRecords":\#(number)}}"#.utf8)
    #expect(PartialSuccess(answer(body, "application/json"))?.rejected == expected)
  }

  @Test func noChangedByteIsATrap() {
    let json = Array(#"{"partialSuccess":{"rejectedLogRecords":"3","errorMessage":"a\u00e9"}}"#.utf8)
    let protobuf = Message.message(1, Message(.int(1, 300), .string(2, "too old"))).bytes
    var readable = 0
    for (whole, mediaType) in [(json, "application/json"), (protobuf, "application/x-protobuf")] {
      for place in whole.indices {
        for byte in UInt8.min ... .max {
          var changed = whole
          changed[place] = byte
          if PartialSuccess(answer(changed, mediaType)) != nil { readable += 1 }
          _ = OTLPStatus(answer(changed, mediaType))
        }
      }
    }
    // Both outcomes are seen.
    #expect(readable > 1000 && readable < 256 * (json.count + protobuf.count))
  }
}
