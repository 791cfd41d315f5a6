import LogPipeline
import Testing

/// Values and attributes; the ids are the rows of the quirks of OTLP/JSON.
@Suite struct OTLPJSONDecoderValueTests {
  @Test func J9_theLastMemberOfAnAnyValueWins() throws {
    #expect(try JSONRequest.value(#"{"stringValue":"a","intValue":1}"#) == 1)
    #expect(try JSONRequest.value(#"{"intValue":1,"stringValue":"a"}"#) == "a")
    #expect(try JSONRequest.value(#"{"arrayValue":{"values":[{}]},"boolValue":false}"#) == .bool(false))
    let list = #"{"values":[{"key":"k","value":{"arrayValue":{"values":[{"intValue":1},{"intValue":2}]}}}]}"#
    #expect(
      try JSONRequest.value(#"{"arrayValue":{"values":[{}]},"kvlistValue":\#(list)}"#)
        == .map([.init("k", .array([1, 2]))]))
    #expect(try JSONRequest.value("{}") == .empty)
    #expect(try JSONRequest.value(#"{"stringValue":""}"#) == "")
    #expect(try JSONRequest.value(#"{"arrayValue":{}}"#) == .array([]))
    #expect(try JSONRequest.value(#"{"kvlistValue":{"values":[]}}"#) == .map([]))
  }

  @Test func J10_aMissingValueIsEmptyAndNullElementsKeepOnlyAnArraysPlaces() throws {
    let batch = try JSONRequest.decode(
      JSONRequest.record(#""attributes":[{"key":"a"},{"key":"b","value":null},null,{"value":{"intValue":1}},{}]"#))
    #expect(
      batch.readable(batch.records[0].attributes) == [
        .init("a", .empty), .init("b", .empty), .init("", .empty),
      ])
    #expect(try JSONRequest.value(#"{"arrayValue":{"values":[null,{"intValue":1}]}}"#) == .array([.empty, 1]))
    #expect(try JSONRequest.value(#"{"kvlistValue":{"values":[null,{"key":"k"}]}}"#) == .map([.init("k", .empty)]))
    #expect(try JSONRequest.value(#"{"arrayValue":{"values":null}}"#) == .array([]))
  }

  @Test func J11_stringIndexesReadAsEmptyAndAreCounted() throws {
    let batch = try JSONRequest.decode(
      JSONRequest.record(
        #""body":{"stringValueStrindex":3},"attributes":[{"keyStrindex":1,"value":{"stringValueStrindex":null}}]"#))
    #expect(batch.records[0].body == .empty)
    #expect(batch.readable(batch.records[0].attributes) == [.init("", .empty)])
    #expect(batch.oddities.ignoredStringIndexes == 2)
  }

  @Test func J13_ofDuplicateAttributeKeysTheLastIsKept() throws {
    let attribute = { (value: Int) in #"{"key":"k","value":{"intValue":\#(value)}}"# }
    let batch = try JSONRequest.decode(JSONRequest.record(#""attributes":[\#(attribute(1)),\#(attribute(2))]"#))
    #expect(batch.readable(batch.records[0].attributes) == [.init("k", 2)])
    #expect(batch.oddities.repeatedKeys == 1)
  }
}
