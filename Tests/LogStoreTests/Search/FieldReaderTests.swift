import Testing

@testable import LogStore

@Suite struct FieldReaderTests {
  private static let fields: [(String, [String?])] = [
    ("_msg", ["text", nil, "7"]), ("severity", ["warn", nil, nil]), ("severity_text", ["Warning", nil, nil]),
    ("trace_id", ["01010101010101010101010101010101", nil, nil]), ("span_id", [nil, "0202020202020202", nil]),
    ("event_name", [nil, nil, "login"]), ("service", ["own", "shop", "shop"]), ("scope.name", ["lib", "lib", "lib"]),
    ("scope.version", [nil, nil, nil]), ("a.b", [nil, "5", nil]), ("none", [nil, nil, nil]),
    ("_time", [nil, nil, nil]),
  ]

  /// The record's own value comes before that of its resource.
  @Test(arguments: fields) func valuesAreTexts(_ field: String, _ values: [String?]) throws {
    var records = [SampleRecord("text"), SampleRecord(), SampleRecord()]
    for index in records.indices { records[index].stream = SampleStream(service: "shop", scope: "lib") }
    records[0].severityText = "Warning"
    records[0].trace = [UInt8](repeating: 1, count: 16)
    records[0].attributes = [SamplePair("service.name", .text("own"))]
    records[1].span = [UInt8](repeating: 2, count: 8)
    records[1].body = .map([SamplePair("a", .map([SamplePair("b", .int(5))]))])
    records[2].eventName = "login"
    records[2].body = .int(7)
    var head = Head(FileHeader(.head, number: 1, firstOrdinal: 0, createdUnixNano: 1))
    head.append(HeadRequest(bytes: Sample.request(records), records: 3, receivedUnixNano: 1))
    let block = try #require(try head.block(zstd: Zstd()))
    var reader = try FieldReader(field, of: block)
    for row in 0..<3 { #expect(try reader.value(row) == values[row]) }
  }

  /// They have no text; that of another record is not theirs.
  @Test func bytesHaveNoText() throws {
    var records = [SampleRecord("a"), SampleRecord("b"), SampleRecord("c")]
    records[0].attributes = [SamplePair("key", .text("secret"))]
    records[1].attributes = [SamplePair("key", .bytes([1, 2]))]
    records[2].stream = SampleStream(service: "other")
    records[2].stream.attributes = [SamplePair("key", .bytes([1]))]
    records[2].body = .bytes([3])
    var head = Head(FileHeader(.head, number: 1, firstOrdinal: 0, createdUnixNano: 1))
    head.append(HeadRequest(bytes: Sample.request(records), records: 3, receivedUnixNano: 1))
    let block = try #require(try head.block(zstd: Zstd()))
    var reader = try FieldReader("key", of: block)
    #expect(try (0..<3).map { try reader.value($0) } == ["secret", nil, nil])
    var message = try FieldReader("_msg", of: block)
    #expect(try (0..<3).map { try message.value($0) } == ["a", "b", nil])
  }
}
