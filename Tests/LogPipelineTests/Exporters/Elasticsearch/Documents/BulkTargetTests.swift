import Testing

@testable import LogPipeline

@Suite("Action lines and targets")
struct BulkTargetTests {
  private func options(_ mode: ElasticsearchOptions.MappingMode) -> ElasticsearchOptions {
    var options = ElasticsearchOptions()
    options.mappingMode = mode
    return options
  }

  private func index(_ name: String) -> String { #"{"create":{"_index":"\#(name)"}}"# }
  private func stream(_ name: String) -> String { #"{"create":{"_index":"\#(name)","require_data_stream":true}}"# }

  @Test func theDefaultTargetDependsOnTheMode() throws {
    #expect(try BulkTestBatch().record().action(options(.otel)) == stream("logs-generic.otel-default"))
    #expect(try BulkTestBatch().record().action(options(.ecs)) == stream("logs-generic-default"))
    #expect(try BulkTestBatch().record().action(options(.none)) == index("logs-generic-default"))
    #expect(try BulkTestBatch().record().action(options(.raw)) == index("logs-generic-default"))
  }

  @Test func datasetAndNamespaceComeFromTheInnermostLevelThatNamesThem() throws {
    let batch = BulkTestBatch()
      .resource([("data_stream.dataset", "r"), ("data_stream.namespace", "rn")])
      .scope([("data_stream.dataset", "s")])
      .record(.empty, [("data_stream.dataset", "d"), ("data_stream.namespace", "n")]).record()
      .record(.empty, [("data_stream.namespace", "n2")])
    let lines = try batch.encoded(options(.otel))
    #expect(
      lines.actions == [stream("logs-d.otel-n"), stream("logs-s.otel-rn"), stream("logs-s.otel-n2")])
    #expect(lines.documents[0].contains(#""data_stream":{"type":"logs","dataset":"d.otel","namespace":"n"}"#))
    #expect(lines.documents[1].contains(#""data_stream":{"type":"logs","dataset":"s.otel","namespace":"rn"}"#))
    let ecs = try batch.encoded(options(.ecs))
    #expect(ecs.actions[0] == stream("logs-d-n"))
    #expect(ecs.documents[0].contains(#""data_stream":{"dataset":"d","namespace":"n","type":"logs"}"#))
    #expect(ecs.documents[1].contains(#""data_stream":{"dataset":"s","namespace":"rn","type":"logs"}"#))
    #expect(ecs.documents[2].contains(#""data_stream":{"dataset":"s","namespace":"n2","type":"logs"}"#))
  }

  @Test func anIndexAttributeNamesTheTargetVerbatimWithoutADataStream() throws {
    let batch = BulkTestBatch().resource([("elasticsearch.index", "Res\"1")])
      .record(.empty, [("data_stream.dataset", "d")])
      .record(.empty, [("elasticsearch.index", "rec")])
      .resource().record(.empty, [("elasticsearch.index", "own")]).record()
    for mode in [ElasticsearchOptions.MappingMode.otel, .ecs, .none, .raw] {
      let lines = try batch.encoded(options(mode))
      #expect(lines.actions[0] == index(#"Res\"1"#))
      #expect(lines.actions[1] == index("rec"))
      #expect(lines.actions[2] == index("own"))
      for document in lines.documents[..<3] { #expect(!document.contains("data_stream")) }
      #expect(lines.documents[3].contains("data_stream"))
    }
  }

  @Test func aFixedIndexWinsOverAttributesUnlessTheyMayOverrideIt() throws {
    let batch = BulkTestBatch().record(.empty, [("elasticsearch.index", "i")])
      .record(.empty, [("data_stream.dataset", "d")]).record()
    var options = options(.otel)
    options.logsIndex = "fixed"
    let fixed = try batch.encoded(options)
    #expect(fixed.actions == [index("fixed"), index("fixed"), index("fixed")])
    #expect(!fixed.documents[1].contains("data_stream"))
    options.logsDynamicIndexEnabled = true
    #expect(try batch.encoded(options).actions == [index("i"), stream("logs-d.otel-default"), index("fixed")])
  }

  @Test(arguments: [
    ("Foo-Bar", "foo_bar"), (#"a\/*?"<>| ,#:b"#, "a____________b"), ("ÄÖ.x", "äö.x"), ("a\nb", "a_b"),
    (String(repeating: "x", count: 95), String(repeating: "x", count: 95)),
    (String(repeating: "x", count: 96), String(repeating: "x", count: 95)),
    (String(repeating: "x", count: 94) + "é", String(repeating: "x", count: 94)),
  ])
  func datasetsAreTidied(_ dataset: String, _ tidy: String) throws {
    let action = try BulkTestBatch().record(.empty, [("data_stream.dataset", .string(dataset))]).action()
    #expect(action == stream("logs-\(tidy).otel-default"))
  }

  @Test func namespacesKeepDashesAndAHundredBytes() throws {
    let name = "A-b" + String(repeating: "c", count: 200)
    let action = try BulkTestBatch().record(.empty, [("data_stream.namespace", .string(name))]).action()
    #expect(action == stream("logs-generic.otel-a-b" + String(repeating: "c", count: 97)))
  }

  @Test(arguments: [
    ("github.com/x/receiver/hostmetricsreceiver/internal/scraper", "hostmetricsreceiver"),
    ("otelcol/receiver/receiver", "receiver"), ("a/receiver/Areceiver_2receiverX/b", "areceiver_2receiver"),
    ("a/receiver/none/receiver/k8sreceiver", "k8sreceiver"), ("a/receiver/", "generic"), ("/receiver", "generic"),
    ("xreceiver/filelogreceiver", "generic"), ("a/receiver/-receiver", "generic"),
    ("a/receiver//receiver/breceiver", "breceiver"), ("a/receiver/receiver/receiver", "receiver"),
  ])
  func theReceiverInTheScopesNameIsTheDataset(_ scope: String, _ dataset: String) throws {
    #expect(try BulkTestBatch().scope(scope).record().action() == stream("logs-\(dataset).otel-default"))
    let named = BulkTestBatch().resource([("data_stream.dataset", "named")]).scope(scope).record()
    #expect(try named.action() == stream("logs-named.otel-default"))
  }

  @Test func defaultsOfDatasetAndNamespaceCanBeSet() throws {
    var options = options(.ecs)
    options.dataset = "shop"
    options.namespace = "prod"
    #expect(try BulkTestBatch().record().action(options) == stream("logs-shop-prod"))
  }

  @Test func aNumberOrEmptyTextNamesNoTarget() throws {
    let batch = BulkTestBatch().record(
      .empty, [("data_stream.dataset", 5), ("data_stream.namespace", ""), ("elasticsearch.index", true)])
    #expect(try batch.action() == stream("logs-generic.otel-default"))
  }

  @Test func requiringADataStreamCanBeTurnedOffOrMovedToTheRequest() throws {
    var options = options(.otel)
    options.requireDataStream = false
    #expect(try BulkTestBatch().record().action(options) == index("logs-generic.otel-default"))
    options.requireDataStream = true
    #expect(try BulkTestBatch().record().action(options) == index("logs-generic.otel-default"))
  }

  @Test func bodymapMayChooseTheTypeMetrics() throws {
    for (type, name) in [("metrics", "metrics"), ("traces", "logs"), ("logs", "logs")] {
      let batch = BulkTestBatch().record(.map([]), [("data_stream.type", .string(type))])
      #expect(try batch.action(options(.bodymap)) == index("\(name)-generic-default"))
      #expect(try batch.action(options(.none)) == index("logs-generic-default"))
    }
  }

  @Test func idAndPipelineComeFromTheRecordOnlyWhenEnabled() throws {
    let attributes: TestAttributes = [
      ("elasticsearch.document_id", "id\"1"), ("elasticsearch.ingest_pipeline", "p\n"),
    ]
    var options = options(.none)
    let batch = BulkTestBatch().resource(attributes).record(.empty, attributes).record()
    #expect(try batch.encoded(options).actions == [index("logs-generic-default"), index("logs-generic-default")])
    options.documentID = .attribute
    #expect(try batch.encoded(options).actions[0] == #"{"create":{"_id":"id\"1","_index":"logs-generic-default"}}"#)
    options.logsDynamicPipelineEnabled = true
    let actions = try batch.encoded(options).actions
    #expect(actions[0] == #"{"create":{"_id":"id\"1","_index":"logs-generic-default","pipeline":"p\n"}}"#)
    #expect(actions[1] == index("logs-generic-default"))
    options.mappingMode = .otel
    #expect(try batch.encoded(options).actions[0].contains(#""require_data_stream":true,"pipeline":"p\n"}}"#))
  }

  @Test func logstashFormatEndsTheIndexInTheDateOfNow() throws {
    var options = options(.otel)
    options.logsIndex = "app"
    options.logstashFormat.enabled = true
    let batch = BulkTestBatch().record(time: 1)
    #expect(try batch.action(options) == index("app-2024.01.15"))
    options.logstashFormat.prefixSeparator = "_"
    options.logstashFormat.dateFormat = "%y%j-%H%M%S-%F-%%"
    #expect(try batch.action(options) == index("app_24015-103000-2024-01-15-%"))
    options.logsIndex = ""
    options.logstashFormat.dateFormat = "%Y"
    #expect(try batch.action(options) == index("logs-generic.otel-default_2024"))
    #expect(!(try batch.document(options)).contains("data_stream"))
    let named = BulkTestBatch().record(.empty, [("elasticsearch.index", "own")])
    #expect(try named.action(options) == index("own_2024"))
  }

  @Test(arguments: ["%Q", "x%"])
  func anUnknownDateConversionIsRefusedWhenConfigured(_ format: String) {
    var options = ElasticsearchOptions()
    options.logstashFormat.dateFormat = format
    #expect(throws: ElasticsearchOptionError.self) { try ElasticsearchDialect(options) }
  }

  @Test func aRecordHintedNotToBeIndexedIsDroppedAndCounted() throws {
    let lines = try BulkTestBatch()
      .record("a", [("elasticsearch.mapping.hints", .array(["x", "_noindex"]))])
      .record("b", [("elasticsearch.mapping.hints", .array(["_noindexes"]))])
      .record("c", [("elasticsearch.mapping.hints", "_noindex")]).encoded()
    #expect(lines.documents.count == 2)
    #expect(lines.dropped[.notIndexed] == 1)
  }

  @Test func theRouteCarriesOptionsPercentEncoded() throws {
    var options = ElasticsearchOptions()
    let headers = [DialectRoute.Header("Content-Type", "application/x-ndjson")]
    let filter = "filter_path=errors,items.*.status,items.*.error.type,items.*.error.reason,items.*.failure_store"
    #expect(try ElasticsearchDialect(options).route == .http(path: "/_bulk?" + filter, headers: headers))
    options.pipeline = "a&b=c/é"
    options.requireDataStream = true
    options.includeSourceOnError = false
    let query = "&pipeline=a%26b%3Dc%2F%C3%A9&require_data_stream=true&include_source_on_error=false"
    #expect(try ElasticsearchDialect(options).route == .http(path: "/_bulk?" + filter + query, headers: headers))
    #expect(
      try ElasticsearchDialect(ElasticsearchOptions.bare).route == .http(path: "/_bulk", headers: headers))
  }

  @Test(arguments: [1, 100, 1000, 5000])
  func everyFrameIsABodyOfItsOwn(_ frameBytes: Int) throws {
    let batch = BulkTestBatch()
    for resource in 0..<3 {
      batch.resource([("service.name", .string("service \(resource)"))])
      for scope in 0..<3 {
        batch.scope("scope \(scope)")
        for record in 0..<5 { batch.record(.string("message \(record)"), [("a", .int(Int64(record)))]) }
      }
    }
    for mode in [ElasticsearchOptions.MappingMode.otel, .ecs, .none, .raw] {
      let lines = try batch.encoded(options(mode), frameBytes: frameBytes)
      #expect(lines.documents.count == 45)
      #expect(lines.frames.count == (frameBytes == 1 ? 45 : lines.frames.count))
      #expect(lines.frames.dropLast().allSatisfy { $0.count >= frameBytes })
      #expect(lines.documents[44].contains("service 2"))
    }
  }
}

extension ElasticsearchOptions {
  /// Options without any query.
  fileprivate static var bare: ElasticsearchOptions {
    var options = ElasticsearchOptions()
    options.bulkResponseFilterPath = ""
    return options
  }
}
