import Testing

@testable import LogPipeline

@Suite("Document ids made of the request")
struct DocumentIDTests {
  private var options: ElasticsearchOptions {
    var options = ElasticsearchOptions()
    options.documentID = .request
    options.logsIndex = "logs"
    options.logsDynamicIndexEnabled = true
    options.logsDynamicPipelineEnabled = true
    return options
  }

  private let hash = RequestHash(high: 0x0123_4567_89AB_CDEF, low: 0xFEDC_BA98_7654_3210)

  private func action(_ id: String, _ rest: String = #""_index":"logs""#) -> String {
    #"{"create":{"_id":"\#(id)",\#(rest)}}"#
  }

  private func indexed(_ indexes: UInt32...) -> BulkTestBatch {
    let batch = BulkTestBatch()
    batch.batch.requestHash = hash
    for index in indexes { batch.record("m") { record, _ in record.index = index } }
    return batch
  }

  /// The texts are those of Python's `base64.urlsafe_b64encode` without padding.
  @Test func theIDIsHashAndIndexInBase64ForURLs() throws {
    #expect(
      try indexed(0, 5, .max).encoded(options).actions == [
        action("ASNFZ4mrze_-3LqYdlQyEAAAAAA"), action("ASNFZ4mrze_-3LqYdlQyEAAAAAU"),
        action("ASNFZ4mrze_-3LqYdlQyEP____8"),
      ])
  }

  @Test(arguments: ElasticsearchOptions.MappingMode.allCases)
  func everyModeHasIDs(_ mode: ElasticsearchOptions.MappingMode) throws {
    var options = options
    options.mappingMode = mode
    let batch = BulkTestBatch()
    batch.batch.requestHash = hash
    batch.record(.map([("a", 1)]))
    #expect(try batch.encoded(options).actions == [action("ASNFZ4mrze_-3LqYdlQyEAAAAAA")])
  }

  @Test func routedRecordsAndThoseOfAnIngestPipelineHaveIDsToo() throws {
    let batch = BulkTestBatch()
    batch.batch.requestHash = hash
    batch.record(.empty, [("elasticsearch.index", "own")])
      .record(.empty, [("elasticsearch.ingest_pipeline", "p")])
      .record(.empty, [("elasticsearch.document_id", "ignored")])
    let id = "ASNFZ4mrze_-3LqYdlQyEAAAAAA"
    #expect(
      try batch.encoded(options).actions == [
        action(id, #""_index":"own""#), action(id, #""_index":"logs","pipeline":"p""#), action(id),
      ])
  }

  @Test func withoutAHashOrWithoutTheOptionElasticsearchMakesTheID() throws {
    let batch = indexed(3)
    #expect(try batch.action(ElasticsearchOptions()).contains("_id") == false)
    batch.batch.requestHash = nil
    #expect(try batch.action(options) == #"{"create":{"_index":"logs"}}"#)
  }

  @Test func onlyThisSourceNeedsTheHash() throws {
    #expect(try ElasticsearchDialect(options).needsRequestHash)
    #expect(try !ElasticsearchDialect(ElasticsearchOptions()).needsRequestHash)
    #expect(!NopDialect().needsRequestHash)
  }

  @Test func a409OfSuchAnIDIsADuplicateAndNotLost() throws {
    let body = try indexed(0, 1, 2).encoded(options).body
    let exists = #"{"create":{"status":409,"error":{"type":"version_conflict_engine_exception","reason":"exists"}}}"#
    let stored = #"{"create":{"status":201}}"#
    let dialect = try ElasticsearchDialect(options)
    let judge = { (items: [String]) in
      let answer = Answer(.http(200), body: Array(#"{"errors":true,"items":[\#(items.joined(separator: ","))]}"#.utf8))
      return body.withUnsafeBytes { dialect.judge(answer, to: $0, records: 3) }
    }
    #expect(judge([exists, stored, exists]) == .delivered(duplicates: 2))
    #expect(judge([exists, exists, exists]) == .delivered(duplicates: 3))
  }
}
