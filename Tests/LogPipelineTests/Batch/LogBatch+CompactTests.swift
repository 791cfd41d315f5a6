import Testing

@testable import LogPipeline

@Suite struct LogBatchCompactTests {
  private static let record = #"""
    "body":{"kvlistValue":{"values":[{"key":"k","value":{"arrayValue":{"values":[{"stringValue":"deep"},{"intValue":"1"}]}}},
    {"key":"b","value":{"bytesValue":"q80="}}]}},"severityText":"INFO","eventName":"e",
    "attributes":[{"key":"a","value":{"stringValue":"one"}},{"key":"m","value":{"kvlistValue":{"values":[]}}},
    {"key":"n","value":{"intValue":"7"}}]
    """#

  private func batch() throws -> LogBatch {
    try OTTLTesting.batch(
      of: [Self.record, #""severityText":"WARN""#, Self.record],
      scope: #""name":"lib","version":"1","attributes":[{"key":"s","value":{"stringValue":"t"}}]"#,
      resource: #""attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]"#)
  }

  /// Everything that a batch says.
  private func shown(_ batch: borrowing LogBatch) -> [String] {
    var shown = batch.bodies.map { "\($0)" } + batch.recordAttributes.map { "\($0)" }
    shown += batch.resourceAttributes.map { "\($0)" }
    for scope in batch.scopes {
      shown.append("\(batch.text(scope.name)) \(batch.text(scope.version)) \(batch.readable(scope.attributes))")
    }
    shown += batch.records.map { "\(batch.text($0.severityText)) \(batch.text($0.eventName)) \($0.scope)" }
    return shown
  }

  @Test func whatIsNamedStaysAndTheRestGoes() throws {
    var batch = try batch()
    let before = shown(batch)
    // What nobody names lies before, between and behind.
    for _ in 0..<3 {
      _ = batch.store(Array(repeating: 0x78, count: 1000))
      batch.nested += Array(repeating: Attribute(key: .empty, value: .int(9)), count: 10)
      let moved = batch.attributes.count
      batch.attributes += batch.attributes[batch.records[0].attributes.indices]
      batch.records[0].attributes = EntryRange(moved..<batch.attributes.count)
      batch.attributes += Array(repeating: Attribute(key: .empty, value: .int(9)), count: 10)
    }
    let bytes = batch.byteCount
    var others: [[EntryRange]] = []
    batch.compact(keeping: &others)
    #expect(shown(batch) == before)
    OTTLTesting.expectInvariants(of: batch)
    #expect(batch.byteCount < bytes - 3000)
    // Three and three attributes of records, one of the scope, one of the resource.
    #expect(batch.attributes.count == 8)
    #expect(batch.nested.count == 8)
    #expect(batch.store.count < 1000)
    // Nothing is left to go.
    let least = batch.byteCount
    batch.compact(keeping: &others)
    #expect(batch.byteCount == least && shown(batch) == before)
  }

  /// Texts that are parts of one another stay so, however many there are.
  @Test func sharedBytesStayShared() throws {
    var batch = try OTTLTesting.batch(#""body":{"stringValue":"\#(String(repeating: "ab", count: 500))"}"#)
    let body = batch.records[0].body.slice
    let start = batch.attributes.count
    for index in 0..<100 {
      let part = ByteSlice(from: Int(body.offset) + index, count: Int(body.count) - index)
      batch.attributes.append(Attribute(key: ByteSlice(from: Int(body.offset) + index, count: 2), value: .string(part)))
    }
    batch.records[0].attributes = EntryRange(start..<batch.attributes.count)
    let before = shown(batch)
    var others: [[EntryRange]] = []
    batch.compact(keeping: &others)
    #expect(shown(batch) == before)
    #expect(batch.store.count <= 1000 + 128)
  }

  @Test func otherRunsOfAttributesMoveToo() throws {
    var batch = try batch()
    batch.attributes += Array(repeating: Attribute(key: .empty, value: .empty), count: 5)
    let cache = EntryRange(batch.attributes.count..<batch.attributes.count + 1)
    let stored = batch.store(Array("cached".utf8))
    let key = try #require(stored)
    batch.attributes.append(Attribute(key: key, value: .string(key)))
    var others = [[cache, .empty], [], [EntryRange(start: 3, count: 0)]]
    batch.compact(keeping: &others)
    #expect(batch.readable(others[0][0]) == [.init("cached", "cached")])
    #expect(others[0][1].isEmpty && others[1].isEmpty && others[2] == [.empty])
  }

  @Test func anEmptyBatchStaysEmpty() {
    var batch = LogBatch()
    var others: [[EntryRange]] = []
    batch.compact(keeping: &others)
    #expect(batch.byteCount == 0)
  }
}
