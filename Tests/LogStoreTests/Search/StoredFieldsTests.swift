import Testing

@testable import LogStore

@Suite struct StoredFieldsTests {
  private func lines(_ records: [SampleRecord], fields: [String]? = nil) throws -> String {
    let store = try StoreFixture().openInMemory()
    try store.append(records, at: 5)
    var writer = RecordLineWriter(fields: fields)
    for record in try store.view.search(.all, .oldestFirst, limit: 100).records { writer.append(record) }
    return String(decoding: writer.array, as: UTF8.self)
  }

  private var record: SampleRecord {
    var record = SampleRecord("paid \"now\"", time: 1_767_225_600_000_000_001)
    record.severity = 9
    record.severityText = "INFO"
    record.trace = [UInt8](repeating: 0xAB, count: 16)
    record.span = [UInt8](repeating: 0xCD, count: 8)
    record.eventName = "payment"
    record.stream = SampleStream(service: "shop", scope: "lib")
    record.stream.scopeVersion = "1.2"
    return record
  }

  @Test func allValuesAreStrings() throws {
    var record = record
    record.attributes = [
      SamplePair("user", .map([SamplePair("id", .int(7)), SamplePair("vip", .bool(true))])),
      SamplePair("rate", .double(0.5)),
    ]
    #expect(
      try lines([record], fields: nil).replacing(/"_stream_id":"[0-9a-f]{16}"/, with: "\"_stream_id\":\"…\"") == """
        {"_time":"2026-01-01T00:00:00.000000001Z","_stream_id":"…","_stream":"{service.name=\\"shop\\"}",\
        "_msg":"paid \\"now\\"","severity":"info","severity_number":"9","severity_text":"INFO",\
        "event_name":"payment","trace_id":"abababababababababababababababab","span_id":"cdcdcdcdcdcdcdcd",\
        "user.id":"7","user.vip":"true","rate":"0.5","service.name":"shop","scope.name":"lib","scope.version":"1.2"}

        """)
  }

  private static let values: [(SampleValue, String?)] = [
    (.text(""), nil), (.map([]), nil), (.array([]), "[]"), (.int(-5), "-5"), (.bytes([]), nil),
    (.bytes([1]), "AQ=="), (.bytes([1, 2]), "AQI="), (.bytes([1, 2, 0x61]), "AQJh"),
    (
      .array([.text("a\n"), .int(1), .array([.bool(false)]), .map([SamplePair("k", .double(1.5))]), .bytes([1])]),
      "[\"a\\n\",1,[false],{\"k\":1.5},\"AQ==\"]"
    ),
  ]

  @Test(arguments: values)
  func valuesAreTexts(_ value: SampleValue, _ expected: String?) throws {
    var record = SampleRecord("x", time: 1)
    record.attributes = [SamplePair("v", value)]
    let store = try StoreFixture().openInMemory()
    try store.append([record])
    let stored = try #require(try store.view.search(.all, .oldestFirst, limit: 1).records.first)
    var found: String?
    StoredFields().forEach(of: stored) { if $0 == "v" { found = $1 } }
    #expect(found == expected)
  }

  @Test func aBodyThatIsAMapHasItsMembersAsFields() throws {
    var record = SampleRecord(nil, time: 1)
    record.body = .map([SamplePair("a", .map([SamplePair("b", .text("c"))]))])
    #expect(try lines([record], fields: ["a.b", "_msg"]) == "{\"a.b\":\"c\"}\n")
    record.body = .array([.int(1)])
    #expect(try lines([record], fields: ["_msg"]) == "{\"_msg\":\"[1]\"}\n")
  }

  @Test func aNameStandsOnceAndTheRecordsOwnIsMeant() throws {
    var record = SampleRecord("x", time: 1)
    record.attributes = [SamplePair("k", .text("own"))]
    record.stream.attributes = [SamplePair("k", .text("of the resource"))]
    #expect(try lines([record], fields: ["k"]) == "{\"k\":\"own\"}\n")
    #expect(try lines([record], fields: ["none"]) == "{}\n")
  }

  @Test func aStreamIsNamedByItsResource() throws {
    var record = SampleRecord("x", time: 1)
    record.stream.attributes = [SamplePair("host", .text("a\"b"))]
    let stored = try lines([record], fields: ["_stream"])
    #expect(stored == #"{"_stream":"{host=\"a\\\"b\",service.name=\"shop\"}"}"# + "\n")
  }
}
