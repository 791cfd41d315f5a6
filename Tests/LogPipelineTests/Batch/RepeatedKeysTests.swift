import Testing

@testable import LogPipeline

/// A key that comes twice: whoever asks later, the last value is the answer.
@Suite struct RepeatedKeysTests {
  private func pairs(_ keys: [String], field: UInt64 = 6) -> Message {
    Message(keys.enumerated().map { .message(field, .pair($1, .int(3, UInt64($0)))) })
  }

  /// Keys and the numbers of those that are to stay.
  private func lastOfEach(_ keys: [String]) -> [Readable.Pair] {
    keys.enumerated().filter { !keys[($0 + 1)...].contains($1) }.map { .init($1, .int(Int64($0))) }
  }

  private func decoded(_ message: Message) throws -> LogBatch {
    var batch = LogBatch()
    try batch.decode(protobuf: message.bytes, limits: DecodeLimits())
    return batch
  }

  @Test(arguments: [
    ["a", "a"], ["a", "b", "a"], ["a", "a", "b", "b", "a"], ["http.request.method", "x", "http.request.method"],
    ["", "", "a"], ["same-head-1-same-tail", "same-head-2-same-tail"], ["aé", "aé"],
  ])
  func theLastIsKeptInItsPlace(keys: [String]) throws {
    let batch = try decoded(.request(records: pairs(keys)))
    #expect(batch.readable(batch.records[0].attributes) == lastOfEach(keys))
    #expect(batch.oddities.repeatedKeys == keys.count - Set(keys).count)
    let json = keys.enumerated().map { #"{"key":"\#($1)","value":{"intValue":\#($0)}}"# }.joined(separator: ",")
    let other = try JSONRequest.decode(JSONRequest.record(#""attributes":[\#(json)]"#))
    #expect(other.readable(other.records[0].attributes) == lastOfEach(keys))
    #expect(other.oddities == batch.oddities)
  }

  @Test(arguments: [16, 17, 200, 5000]) func manyKeysAreToldApart(count: Int) throws {
    let keys = (0..<count).map { "k\($0 % (count / 2))" }
    let batch = try decoded(.request(records: pairs(keys), pairs(["a", "b"])))
    #expect(batch.readable(batch.records[0].attributes) == lastOfEach(keys))
    #expect(batch.readable(batch.records[1].attributes) == [.init("a", 0), .init("b", 1)])
    #expect(batch.oddities.repeatedKeys == count - count / 2)
  }

  @Test func resourcesScopesAndNestedMapsToo() throws {
    let keys = ["k", "other", "k"]
    let map = Message.message(6, pairs(keys, field: 1))
    let body = Message.message(5, .message(5, .message(1, map)))
    let record = body + .message(6, .pair("map", map))
    let batch = try decoded(.request(resource: pairs(keys, field: 1), scope: pairs(keys, field: 3), records: record))
    let expected = lastOfEach(keys)
    #expect(batch.readable(batch.resources[0].attributes) == expected)
    #expect(batch.readable(batch.scopes[0].attributes) == expected)
    #expect(batch.readable(batch.records[0].attributes) == [.init("map", .map(expected))])
    #expect(batch.readable(batch.records[0].body) == .array([.map(expected)]))
    #expect(batch.oddities.repeatedKeys == 4)
  }

  @Test func aResourceThatComesTwiceHasEachKeyOnce() throws {
    let resource = Message.message(1, pairs(["a", "b"], field: 1)) + .message(1, pairs(["b", "c"], field: 1))
    let batch = try decoded(.message(1, resource + .message(2, .message(2, Message()))))
    #expect(batch.readable(batch.resources[0].attributes) == [.init("a", 0), .init("b", 0), .init("c", 1)])
  }

  @Test func keysThatAreTheSameOnceRepairedAreOne() throws {
    let broken = { (byte: UInt8, number: UInt64) in
      Message.message(6, Message(.bytes(1, [byte]), .message(2, .int(3, number))))
    }
    let batch = try decoded(.request(records: Message(broken(0xFF, 1), broken(0xFE, 2))))
    #expect(batch.readable(batch.records[0].attributes) == [.init("\u{FFFD}", 2)])
  }

  @Test func aRequestWithoutAnyKeepsAll() throws {
    let keys = (0..<100).map { "key-\($0)" }
    let batch = try decoded(.request(records: pairs(keys)))
    #expect(batch.records[0].attributes.count == 100)
    #expect(batch.oddities.isEmpty)
  }
}
