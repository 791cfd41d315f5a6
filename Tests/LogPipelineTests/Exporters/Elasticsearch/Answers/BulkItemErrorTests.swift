import Testing

@testable import LogPipeline

@Suite struct BulkItemErrorTests {
  private func item(_ status: Int?, _ type: String, _ reason: String) throws -> BulkItems.Item {
    var items = BulkItems(maxItems: 1)
    let status = status.map { #""status":\#($0),"# } ?? ""
    let text = #"{"items":[{"create":{\#(status)"error":{"type":"\#(type)","reason":"\#(reason)"}}}]}"#
    let isWhole = items.read(Array(text.utf8))
    #expect(isWhole)
    return try #require(items.notable.first)
  }

  @Test(arguments: [400, 404, 409, 413, 422])
  func whatNoRowNamesIsTheRecordsOwnFault(status: Int) throws {
    let text = BulkItemError.lasting(try item(status, "document_parsing_exception", "failed to parse"))
    #expect(text == "document_parsing_exception: failed to parse")
  }

  @Test(arguments: [nil, 401, 403, 408, 429, 500, 502, 503, 504])
  func aStatusOfOverloadOrMissingRightsNeverRejects(status: Int?) throws {
    #expect(BulkItemError.lasting(try item(status, "document_parsing_exception", "x")) == nil)
  }

  /// The same type is the cluster's fault with one text and the record's with another.
  @Test(arguments: [
    ("validation_exception", "this action would add [2] shards", true),
    ("validation_exception", "field is missing", false),
    ("illegal_argument_exception", "pipeline with id [p] does not exist", true),
    ("illegal_argument_exception", "mapper [a] cannot be changed", false),
    ("illegal_argument_exception", "no matching index template found for data stream [logs]", true),
    ("illegal_argument_exception", "no write index is defined for alias [a]", true),
    ("index_not_found_exception", "no such index [a]", true), ("security_exception", "action denied", true),
    ("Index_not_found_exception", "no such index [a]", false),
  ])
  func aRowIsATypeWithItsText(type: String, reason: String, isOfCluster: Bool) throws {
    #expect((BulkItemError.lasting(try item(400, type, reason)) == nil) == isOfCluster)
  }

  private func told(_ reason: String, _ names: BulkNames) throws -> String {
    BulkItemError.told(try item(400, "illegal_argument_exception", reason), names)
  }

  @Test func aMissingPipelineIsNamedOnlyIfTheOperatorNamedIt() throws {
    var options = ElasticsearchOptions()
    options.pipeline = "ours"
    options.logsDynamicPipelineEnabled = true
    let names = BulkNames(options)
    #expect(
      try told("pipeline with id [ours] does not exist", names).hasPrefix("pipeline [ours] does not exist: illegal_"))
    #expect(
      try told("pipeline with id [secret] does not exist", names)
        .hasPrefix("pipeline (named by records) does not exist: illegal_"))
    options.logsDynamicPipelineEnabled = false
    #expect(try told("pipeline with id [p] does not exist", BulkNames(options)).hasPrefix("pipeline [p] does not"))
    #expect(try told("pipeline with id [p] does not exist", BulkNames()).hasPrefix("pipeline (named by records)"))
  }

  @Test func aNameThatWouldSpoilTheLogIsNotShown() {
    var options = ElasticsearchOptions()
    options.logsIndex = "logs"
    let names = BulkNames(options)
    for name in ["logs", "a", "a-b_c.1", String(repeating: "n", count: 64)] { #expect(names.isIndexOurs(name)) }
    for name in ["", "a b", "a:b", "a\nb", "é", "\u{7F}", String(repeating: "n", count: 65)] {
      #expect(!names.isIndexOurs(name), "\(name)")
    }
  }

  @Test func theDefaultDataStreamIsTheOperatorsToo() {
    #expect(BulkNames(ElasticsearchOptions()).isIndexOurs("logs-generic.otel-default"))
    #expect(!BulkNames(ElasticsearchOptions()).isIndexOurs("logs-other.otel-default"))
    var ecs = ElasticsearchOptions()
    ecs.mappingMode = .ecs
    #expect(BulkNames(ecs).isIndexOurs("logs-generic-default"))
  }

  @Test func textsWithoutBracketsNameNothing() throws {
    for reason in ["no write index is defined", "no write index is defined ]a[", "no write index is defined [a"] {
      #expect(try told(reason, BulkNames(ElasticsearchOptions())).hasPrefix("alias (named by records) has no write"))
    }
  }
}
