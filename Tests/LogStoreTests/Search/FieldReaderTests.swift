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
}
