import Testing

@testable import LogPipeline

@Suite struct RoutingAttributeTests {
  private static let keys: [String] = [
    "data_stream.type", "data_stream.dataset", "data_stream.namespace", "elasticsearch.index",
    "elasticsearch.document_id", "elasticsearch.ingest_pipeline", "elasticsearch.mapping.hints", "elastic.mapping.mode",
  ]

  private func attribute(_ key: [UInt8]) -> RoutingAttribute? { RoutingAttribute.of(key.span.bytes) }

  @Test func eachKeyIsAnInstructionOfItsOwn() {
    let found = Self.keys.compactMap { attribute(Array($0.utf8)) }
    #expect(found == [.type, .dataset, .namespace, .index, .documentID, .pipeline, .hints, .mappingMode])
  }

  @Test func noOtherKeyIsOne() {
    for key in Self.keys {
      let bytes = Array(key.utf8)
      for place in bytes.indices {
        var changed = bytes
        changed[place] ^= 0x20
        #expect(attribute(changed) == nil, "\(String(decoding: changed, as: UTF8.self))")
      }
      #expect(attribute(bytes.dropLast()) == nil && attribute(bytes + [0x2E]) == nil)
    }
    for count in 0...64 { #expect(attribute([UInt8](repeating: UInt8(ascii: "d"), count: count)) == nil) }
  }

  private func values(_ attributes: TestAttributes) throws -> (RoutingValues, (ByteSlice) -> String) {
    let batch = BulkTestBatch().record(.empty, attributes)
    let record = try #require(batch.batch.records.first)
    let values = RoutingValues(record.attributes, of: batch.batch)
    return (values, { batch.batch.text($0) })
  }

  @Test func ofAKeyThatRepeatsTheLastCountsAndOnlyTextDoes() throws {
    let (values, text) = try values([
      ("data_stream.dataset", "first"), ("elasticsearch.index", "i"), ("data_stream.dataset", "last"),
      ("data_stream.namespace", "n"), ("data_stream.namespace", 5), ("elasticsearch.document_id", true),
    ])
    #expect(text(values.dataset) == "last" && text(values.index) == "i")
    #expect(values.namespace.isEmpty && values.documentID.isEmpty && values.type.isEmpty)
    #expect(values.routes && !values.isNotIndexed)
    let (none, _) = try self.values([("elasticsearch.ingest_pipeline", "p"), ("other", "x")])
    #expect(!none.routes && !none.pipeline.isEmpty)
  }

  @Test func aHintIsAnElementOfAList() throws {
    let key = "elasticsearch.mapping.hints"
    #expect(try values([(key, .array(["_doc_count", "_noindex"]))]).0.isNotIndexed)
    for hints in ["_noindex", .array(["_noindex2"]), .array([.array(["_noindex"])]), .array([]), 1] as [TestValue] {
      #expect(try !values([(key, hints)]).0.isNotIndexed)
    }
    #expect(try !values([(key, .array(["_noindex"])), (key, .array([]))]).0.isNotIndexed)
  }

  @Test func whatALevelDoesNotSayComesFromOutside() throws {
    let (outer, _) = try values([
      ("data_stream.dataset", "outer"), ("data_stream.type", "metrics"), ("elasticsearch.document_id", "id"),
    ])
    var inner = RoutingValues()
    inner.dataset = ByteSlice(1..<2)
    let both = inner.over(outer)
    #expect(both.dataset == inner.dataset && both.type == outer.type)
    // Ids and pipelines are each record's own.
    #expect(both.documentID.isEmpty)
  }
}
