import LogExport
import LogPipeline
import Testing

@testable import Gateway

@Suite struct ElasticsearchOptionsTests {
  private func everyOption(_ made: TestCertificates) -> String {
    """
    endpoint: https://es1:9200/prefix
    endpoints: [https://es2, https://es3:9201]
    mapping: {mode: ecs, conflicts: stringify}
    logs_index: logs-fixed
    logs_dynamic_index: {enabled: true}
    logs_dynamic_id: {enabled: true}
    document_id: attribute
    max_field_name: 1KiB
    max_field_names: 2MiB
    logs_dynamic_pipeline: {enabled: true}
    pipeline: enrich
    include_source_on_error: false
    require_data_stream: true
    bulk_response_filter_path: errors
    data_stream: {dataset: shop, namespace: prod}
    logstash_format: {enabled: true, prefix_separator: ".", date_format: "%Y"}
    user: elastic
    password: pa55
    headers: {X-A: b}
    compression: gzip
    compression_params: {level: 7}
    tls: {\(ClientOptionsTests.everyTLSOption(made))}
    connect_timeout: 1s
    idle_conn_timeout: 2s
    max_conns_per_host: 3
    max_answer_size: 4MiB
    proxy_url: http://user:pa55@proxy:3128
    \(DeliveryOptionsTests.everyOption)
    """
  }

  @Test func everyOptionArrives() throws {
    let made = try TestCertificates.made.get()
    let (component, missing): (ElasticsearchExporterOptions, _) = try component("elasticsearch", everyOption(made))
    #expect(missing == DeliveryOptionsTests.neverGiven + ["api_key"] + ClientOptionsTests.neverGiven + ["auth"])
    var dialect = ElasticsearchOptions()
    dialect.mappingMode = .ecs
    dialect.conflicts = .stringify
    dialect.logsIndex = "logs-fixed"
    dialect.logsDynamicIndexEnabled = true
    dialect.documentID = .attribute
    dialect.maxFieldNameBytes = 1 << 10
    dialect.maxFieldNamesBytes = 2 << 20
    dialect.logsDynamicPipelineEnabled = true
    dialect.pipeline = "enrich"
    dialect.includeSourceOnError = false
    dialect.requireDataStream = true
    dialect.bulkResponseFilterPath = "errors"
    dialect.dataset = "shop"
    dialect.namespace = "prod"
    dialect.logstashFormat.enabled = true
    dialect.logstashFormat.prefixSeparator = "."
    dialect.logstashFormat.dateFormat = "%Y"
    #expect(component.dialect == dialect)
    #expect(component.delivery.loop == DeliveryOptionsTests.everyOptionRead)
    #expect(component.delivery.queueBytes == 11 << 20)
    let sender = component.sender
    #expect(sender.endpoints == ["https://es1:9200/prefix", "https://es2/", "https://es3:9201/"])
    #expect(sender.authorization == .basic(user: "elastic", password: "pa55"))
    ClientOptionsTests.expectEveryOption(sender, made, compression: .gzip(level: 7))
  }

  @Test func hasTheDefaultsOfItsDialectAndSender() throws {
    let (component, _): (ElasticsearchExporterOptions, _) = try component("elasticsearch", "endpoint: http://es")
    #expect(component.dialect == ElasticsearchOptions())
    #expect(component.delivery.queueBytes == 256 << 20)
    #expect(component.delivery.loop == ExportLoopOptions())
    #expect(component.sender.compression == .gzip(level: 1))
    #expect(component.sender.tls == ClientTLSOptions())
    #expect(component.sender.maxAnswerBytes == HTTPSenderOptions().maxAnswerBytes)
  }

  @Test(arguments: [
    ("document_id: request", ElasticsearchOptions.DocumentIDSource.request), ("document_id: none", .none),
    ("logs_dynamic_id: {enabled: true}", .attribute), ("logs_dynamic_id: {enabled: false}", .none),
  ])
  func takesIDsFromWhereItIsTold(_ option: String, _ source: ElasticsearchOptions.DocumentIDSource) throws {
    let (component, _): (ElasticsearchExporterOptions, _) = try component(
      "elasticsearch", "endpoint: http://es\n\(option)")
    #expect(component.dialect.documentID == source)
    #expect(try component.makeDialect().needsRequestHash == (source == .request))
  }

  @Test func takesIDsFromOnePlaceOnly() {
    let found = problems(
      "elasticsearch", "endpoint: http://es\nlogs_dynamic_id: {enabled: true}\ndocument_id: request")
    #expect(
      found == [
        "f.yaml:4:5: exporters.elasticsearch: "
          + "document_id: request contradicts logs_dynamic_id::enabled, which means attribute"
      ])
  }

  @Test(arguments: ["max_field_name: 0", "max_field_name: 32767", "max_field_names: 0", "max_field_names: 65MiB"])
  func boundsFieldNames(_ option: String) {
    #expect(problems("elasticsearch", "endpoint: http://es\n\(option)").count == 1)
  }

  @Test func needsAnAddress() {
    #expect(problems("elasticsearch", "") == ["f.yaml:3:17: exporters.elasticsearch: endpoint or endpoints: required"])
  }

  @Test(arguments: ["%Q", "%Y.%", "%-d"])
  func knowsItsDateFormats(_ format: String) {
    let found = problems(
      "elasticsearch", "endpoint: http://es\nlogstash_format: {enabled: true, date_format: \"\(format)\"}")
    #expect(found.count == 1)
    #expect(
      found.first?.hasPrefix("f.yaml:5:5: exporters.elasticsearch.logstash_format: ") == true
        && found.first?.contains("unknown conversion %") == true, "\(found)")
  }

  @Test func saysWhyOptionsOfTheCollectorAreNotTaken() {
    let options = "endpoint: http://es\ncloudid: abc\nmiddlewares: [{id: a}]"
    #expect(
      problems("elasticsearch", options) == [
        "f.yaml:5:5: exporters.elasticsearch.cloudid: not supported by sluice: give the cluster's address in endpoint",
        "f.yaml:6:5: exporters.elasticsearch.middlewares: not supported by sluice: there is no such step on this "
          + "exporter",
      ])
  }

  @Test(arguments: ["num_workers: 2", "flush: {bytes: 1}", "retry: {max_retries: 3}", "discover: {on_start: true}"])
  func saysWhichOptionsOfTheCollectorHaveNoEffect(_ option: String) {
    let found = problems("elasticsearch", "endpoint: http://es\n\(option)")
    #expect(
      found.count == 1 && found.first?.contains("warning: ") == true && found.first?.contains("no effect") == true)
  }

  private func tenants(_ options: String) -> [String] { problems("elasticsearch", "endpoint: http://es\n\(options)") }

  @Test func takesTenantsIntoNames() {
    let most = String(repeating: "a", count: 40)
    for options in [
      "data_stream: {namespace: \"{tenant}\"}", "logs_index: \"logs-{tenant}\"", "logs_index: \"\(most){tenant}\"",
      "logs_dynamic_index: {enabled: true}\ndata_stream: {namespace: \"x-{tenant}\"}",
    ] {
      #expect(tenants(options).isEmpty, "\(options)")
    }
    #expect(
      tenants("logs_index: \"\(most)a{tenant}\"") == [
        "f.yaml:5:5: exporters.elasticsearch.logs_index: 41 bytes around {tenant}: the limit is 40"
      ])
    #expect(tenants("data_stream: {namespace: \"\(most)a{tenant}\"}").count == 1)
  }

  @Test(arguments: [
    ("data_stream: {dataset: \"{tenant}\"}", "not in the dataset"),
    ("logs_index: a\ndata_stream: {namespace: \"{tenant}\"}", "give one of them"),
    ("logs_index: \"a{tenant}\"\nlogs_dynamic_index: {enabled: true}", "another index than that of their tenant"),
    ("logs_index: \"a{tenant}\"\nlogs_dynamic_pipeline: {enabled: true}", "takes records to other tenants"),
    ("logs_index: \"{tenant}-logs\"", "as an index cannot begin with what a name may"),
  ])
  func saysWhatWouldTakeRecordsToOtherTenants(_ options: String, _ problem: String) {
    let found = tenants(options)
    #expect(found.count == 1 && found.first?.hasSuffix(problem) == true, "\(found)")
  }
}
