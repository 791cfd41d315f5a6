import LogExport
import LogPipeline
import Testing

@testable import Gateway

@Suite struct VictoriaLogsExporterOptionsTests {
  private func everyOption(_ made: TestCertificates) -> String {
    """
    endpoint: http://vl1:9428
    endpoints: [http://vl2:9428]
    protocol: elasticsearch
    stream_fields: [a, b]
    msg_field: [m]
    time_field: t
    tenant: {account_id: 4294967295, project_id: 7}
    tenants: {acme: {account_id: 1, project_id: 4294967295}, b c: {account_id: 0, project_id: 0}}
    extra_fields: {x: y}
    ignore_fields: [i*]
    decolorize_fields: [d]
    debug: true
    resource_prefix: "r."
    attribute_prefix: "a."
    flatten_depth: 2
    limits:
      max_line_size: 1MiB
      max_fields: 1500
      max_field_name_bytes: 100
      max_field_names: 500
      max_age: 30d
      max_future: 1h
    user: u
    password: p
    headers: {X-A: b}
    compression: zstd
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
    let (component, missing): (VictoriaLogsExporterOptions, _) = try component("victorialogs", everyOption(made))
    #expect(missing == DeliveryOptionsTests.neverGiven + ClientOptionsTests.neverGiven + ["auth"])
    var dialect = VictoriaLogsOptions()
    dialect.ingestProtocol = .elasticsearch
    dialect.streamFields = ["a", "b"]
    dialect.messageFields = ["m"]
    dialect.timeField = "t"
    dialect.tenant = .init(accountID: .max, projectID: 7)
    dialect.tenants = [.init("acme", .init(accountID: 1, projectID: .max)), .init("b c", .init())]
    dialect.extraFields = [.init("x", "y")]
    dialect.ignoreFields = ["i*"]
    dialect.decolorizeFields = ["d"]
    dialect.debug = true
    dialect.resourcePrefix = "r."
    dialect.attributePrefix = "a."
    dialect.maxLineBytes = 1 << 20
    dialect.maxFields = 1500
    dialect.maxFieldNameBytes = 100
    dialect.flattenDepth = 2
    dialect.maxFieldNames = 500
    dialect.maxAge = .seconds(30 * 24 * 3600)
    dialect.maxFuture = .seconds(3600)
    #expect(component.dialect == dialect)
    #expect(component.delivery.loop == DeliveryOptionsTests.everyOptionRead)
    #expect(component.sender.endpoints == ["http://vl1:9428/", "http://vl2:9428/"])
    #expect(component.sender.authorization == .basic(user: "u", password: "p"))
    ClientOptionsTests.expectEveryOption(component.sender, made)
  }

  @Test func hasTheDefaultsOfItsDialect() throws {
    let (component, _): (VictoriaLogsExporterOptions, _) = try component("victorialogs", "endpoint: http://vl:9428")
    #expect(component.dialect == VictoriaLogsOptions())
    #expect(component.sender.compression == .zstd(level: 1))
    #expect(component.delivery.loop.requestTimeout > VictoriaLogsOptions.longestWait)
  }

  @Test func needsAnAddress() {
    #expect(problems("victorialogs", "") == ["f.yaml:3:16: exporters.victorialogs: endpoint or endpoints: required"])
  }

  @Test(arguments: ["account_id: -1", "project_id: 4294967296"])
  func aTenantIsTwo32BitNumbers(_ option: String) {
    #expect(problems("victorialogs", "endpoint: http://vl\ntenant: {\(option)}").count == 1)
  }

  @Test(arguments: [(60, 1), (61, 0)])
  func warnsOfATimeoutThatABusyServerPasses(_ seconds: Int, _ warnings: Int) {
    #expect(problems("victorialogs", "endpoint: http://vl\ntimeout: \(seconds)s").count == warnings)
  }

  @Test(arguments: [
    ("extra_fields: {a: \"b,c\"}", "extra_fields.a: expected a text that is not empty and has no \",\", found \"b,c\""),
    ("extra_fields: {a: \"\"}", "extra_fields.a: expected a text that is not empty and has no \",\", found \"\""),
    ("extra_fields: {\"a=b\": c}", "extra_fields: expected names without \",\" and \"=\", found \"a=b\""),
    ("extra_fields: {\"a,b\": c}", "extra_fields: expected names without \",\" and \"=\", found \"a,b\""),
    ("stream_fields: [\"a,b\"]", "stream_fields[0]: expected a text that is not empty and has no \",\", found \"a,b\""),
    ("ignore_fields: [a, \"\"]", "ignore_fields[1]: expected a text that is not empty and has no \",\", found \"\""),
    ("msg_field: [\"a,b\"]", "msg_field[0]: expected a text that is not empty and has no \",\", found \"a,b\""),
    ("time_field: \"a,b\"", "time_field: expected a text that is not empty and has no \",\", found \"a,b\""),
  ])
  func listsOfTheServerTakeNoCommas(_ option: String, _ problem: String) {
    let found = problems("victorialogs", "endpoint: http://vl\n\(option)")
    #expect(found.count == 1 && found[0].hasSuffix("exporters.victorialogs.\(problem)"), "\(found)")
  }

  @Test func valuesOfExtraFieldsMayHaveAnEqualsSign() {
    #expect(problems("victorialogs", "endpoint: http://vl\nextra_fields: {a: \"b=c\"}") == [])
  }

  @Test func warnsOfAPrefixThatNoStreamFieldHas() {
    let prefix = "endpoint: http://vl\nresource_prefix: \"resource.\""
    #expect(problems("victorialogs", prefix).count == 1)
    #expect(problems("victorialogs", prefix + "\nstream_fields: [resource.service.name]") == [])
  }

  @Test(arguments: [("0", 0), ("16", 0), ("17", 1), ("-1", 1)])
  func flattensAtMostSixteenLevels(_ depth: String, _ count: Int) {
    #expect(problems("victorialogs", "endpoint: http://vl\nflatten_depth: \(depth)").count == count)
  }

  @Test(arguments: [(1000, 1000, 0), (1000, 1001, 1), (2000, 100, 1), (100, 1900, 0), (100, 1901, 1)])
  func warnsOfMoreNamesThanTheServerTakesInABlock(_ fields: Int, _ names: Int, _ count: Int) {
    let limits = "limits: {max_fields: \(fields), max_field_names: \(names)}"
    let found = problems("victorialogs", "endpoint: http://vl\n\(limits)")
    #expect(found.count == count)
    #expect(found.allSatisfy { $0.contains("\(fields + names)") && $0.contains("2000") })
  }

  @Test(arguments: [("jsonline", 1), ("elasticsearch", 0), ("otlp", 0)])
  func warnsOfAProtocolWhoseAnswersAreNoProof(_ name: String, _ count: Int) {
    #expect(problems("victorialogs", "endpoint: http://vl\nprotocol: \(name)").count == count)
  }

  @Test func hasNoAPIKey() {
    let found = problems("victorialogs", "endpoint: http://vl\napi_key: s3cr3t")
    #expect(found == ["f.yaml:5:5: exporters.victorialogs: unknown key \"api_key\""])
  }

  private func tenants(_ options: String) -> [String] {
    problems("victorialogs", "endpoint: http://vl:9428\n\(options)")
  }

  @Test func boundsTenants() {
    let longest = String(repeating: "a", count: 128)
    #expect(tenants("tenants: {\(longest): {}}").isEmpty && tenants("tenants: {}").isEmpty)
    #expect(
      tenants("tenants: {\(longest)a: {}}") == [
        "f.yaml:5:15: exporters.victorialogs.tenants: expected a name of 1 to 128 bytes, found 129"
      ])
    #expect(tenants("tenants: {\"\": {}}").count == 1)
    #expect(tenants("tenants: {a: {account_id: 4294967296}}").count == 1)
    #expect(tenants("tenants: {a: {account: 1}}").count == 1)
    let most = (0..<VictoriaLogsOptions.maxTenants).map { "t\($0): {}" }.joined(separator: ", ")
    #expect(tenants("tenants: {\(most)}").isEmpty)
    let found = tenants("tenants: {\(most), more: {}}")
    #expect(found.count == 1 && found[0].hasSuffix("found 10001 sections: the limit is 10000"))
  }

  @Test func keepsTheFieldsOfTenantsForThem() {
    #expect(tenants("headers: {AccountID: \"1\"}").isEmpty)
    #expect(
      tenants("headers: {accountid: \"1\"}\ntenants: {a: {}}") == [
        "f.yaml:5:15: exporters.victorialogs.headers: \"accountid\" is set by the tenant of the records"
      ])
  }
}
