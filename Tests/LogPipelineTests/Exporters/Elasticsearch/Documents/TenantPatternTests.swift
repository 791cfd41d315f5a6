import Testing

@testable import LogPipeline

/// Indices and data streams that are named after tenants.
@Suite struct TenantPatternTests {
  private func options(_ edit: (inout ElasticsearchOptions) -> Void) -> ElasticsearchOptions {
    var options = ElasticsearchOptions()
    edit(&options)
    return options
  }

  private func index(_ action: String) -> String {
    let parts = action.split(separator: "\"", omittingEmptySubsequences: false)
    return parts.count > 5 ? String(parts[5]) : action
  }

  /// The index of a record of each tenant.
  private func indices(_ tenants: [String], _ edit: (inout ElasticsearchOptions) -> Void) throws -> [String] {
    let batch = BulkTestBatch()
    for tenant in tenants { batch.resource(tenant: tenant).record() }
    return try batch.encoded(options(edit)).actions.map { index($0) }
  }

  @Test func theNamespaceIsTheTenant() throws {
    let found = try indices(["acme", "", "b-1"]) { $0.namespace = "{tenant}" }
    #expect(found == ["logs-generic.otel-acme", "logs-generic.otel-default", "logs-generic.otel-b-1"])
    #expect(try indices(["acme"]) { $0.namespace = "eu-{tenant}-x" } == ["logs-generic.otel-eu-acme-x"])
  }

  @Test func theIndexHasTheTenantInIt() throws {
    let found = try indices(["acme", ""]) { $0.logsIndex = "logs-{tenant}\"x" }
    #expect(found == [#"logs-acme\"#, #"logs-default\"#])
    let dated = try indices(["acme"]) {
      $0.logsIndex = "logs-{tenant}"
      $0.logstashFormat.enabled = true
    }
    #expect(dated == ["logs-acme-2024.01.15"])
  }

  @Test func documentsHaveTheNamespaceToo() throws {
    let batch = BulkTestBatch().resource([("data_stream.dataset", "d")], tenant: "acme").record("text")
    for mode in [ElasticsearchOptions.MappingMode.otel, .ecs] {
      let lines = try batch.encoded(
        options {
          $0.namespace = "{tenant}"
          $0.mappingMode = mode
        })
      #expect(lines.documents[0].contains(#""namespace":"acme""#))
    }
  }

  /// Attributes of any level that name an index or a namespace have no say.
  @Test func noSenderWritesWhereAnotherTenantIs() throws {
    let theirs: TestAttributes = [
      ("data_stream.namespace", "victim"), ("elasticsearch.index", "logs-generic.otel-victim"),
      ("data_stream.dataset", "d-victim"), ("data_stream.type", "victim"),
    ]
    for tenant in ["acme", ""] {
      let own = tenant.isEmpty ? "default" : tenant
      let batch = BulkTestBatch()
      batch.resource(theirs, tenant: tenant).record()
      batch.resource(tenant: tenant).scope(theirs).record()
      batch.resource(tenant: tenant).record(.empty, theirs)
      for mode in ElasticsearchOptions.MappingMode.allCases where mode != .bodymap {
        let streams = try batch.encoded(
          options {
            $0.namespace = "{tenant}"
            $0.mappingMode = mode
          })
        let suffix = mode == .otel ? ".otel" : ""
        #expect(streams.actions.map { index($0) } == Array(repeating: "logs-d_victim\(suffix)-\(own)", count: 3))
        let fixed = try batch.encoded(
          options {
            $0.logsIndex = "x-{tenant}"
            $0.mappingMode = mode
          })
        #expect(fixed.actions.map { index($0) } == Array(repeating: "x-\(own)", count: 3))
      }
    }
  }

  /// Names that come to the same as data streams are named, and names that look like what is made of others.
  @Test func noTwoTenantsShareAnIndex() throws {
    let long = String(repeating: "a", count: 128)
    let names = [
      "acme", "Acme", "ACME", "a b", "a_b", "a/b", "a\"b", "a,b", "\u{1}", "\u{2}", "Ä", "ä", long, long + "b",
      String(long.prefix(60)), String(long.prefix(61)), "*", "..", "_all,-x", "{tenant}", "\u{FFFD}", "", "default",
    ]
    let found = try indices(names) { $0.namespace = "{tenant}" }
    let again = found.map { String($0.dropFirst("logs-generic.otel-".count)) }.filter { !names.contains($0) }
    let more = try indices(again) { $0.namespace = "{tenant}" }
    #expect(Set(found + more).count == names.count + again.count)
    #expect(found[0] == "logs-generic.otel-acme" && found[4] == "logs-generic.otel-a_b")
    // printf Acme | sha256sum
    #expect(found[1] == "logs-generic.otel-acme-37036cd8f9746d33")
    for name in found + more {
      #expect(name.utf8.count <= "logs-generic.otel-".utf8.count + DataStreamName.maxBytes)
      #expect(name.lowercased() == name && !name.utf8.contains { "\\/*?\"<>| ,#:".utf8.contains($0) || $0 < 0x20 })
    }
  }

  @Test func withoutThePlaceTenantsChangeNothing() throws {
    let batch = BulkTestBatch().resource(tenant: "acme").record(.empty, [("data_stream.namespace", "n")]).record()
    #expect(
      try batch.encoded().actions.map { index($0) } == ["logs-generic.otel-n", "logs-generic.otel-default"])
  }

  @Test func aPatternKnowsItsText() {
    #expect(!TenantPattern("logs-tenant").namesTenant && TenantPattern("").textBytes == 0)
    #expect(TenantPattern("a{tenant}bc{tenant}").textBytes == 3 && TenantPattern("{tenant}").namesTenant)
    #expect(TenantPattern("{tenant").textBytes == 7)
  }
}
