import LogPipeline
import Testing

@testable import Gateway

@Suite struct LokiExporterOptionsTests {
  @Test(arguments: [
    "http://loki:3100/loki/api/v1/push", "http://loki:3100/loki/api/v1/push/", "http://loki:3100/api/prom/push",
    "http://loki:3100", "http://loki:3100/",
  ])
  func sendsToWhereLokiTakesOTLP(_ endpoint: String) throws {
    let found = problems("loki", "endpoint: \(endpoint)\ntls: {insecure: true}\nheaders: {X-Scope-OrgID: a}")
    #expect(
      found == [
        "f.yaml:4:5: warning: exporters.loki.endpoint: records go to http://loki:3100/otlp/v1/logs over OTLP, which "
          + "Loki has from 3.0, and labels are what it makes of attributes of resources"
      ])
    let (component, _): (LokiExporterOptions, _) = try component("loki", "endpoint: \(endpoint)")
    let dialect = try #require(try component.makeDialect() as? OTLPDialect)
    #expect(dialect.transport == .http(path: "/otlp/v1/logs"))
  }

  @Test func aPathBeforeThatStays() {
    let found = problems("loki", "endpoint: https://h/tenants/a/loki/api/v1/push")
    #expect(found.first?.contains("records go to https://h/tenants/a/otlp/v1/logs over") == true)
  }

  @Test func labelsAreLokisOwn() {
    let found = problems("loki", "endpoint: http://h\ndefault_labels_enabled: {exporter: false}\nlabels: {a: b}")
    #expect(found.count == 3 && found.allSatisfy { $0.contains("warning: ") })
  }

  @Test func needsAnAddress() {
    #expect(problems("loki", "") == ["f.yaml:3:8: exporters.loki: endpoint: required"])
    #expect(problems("loki", "endpoint: loki:3100").count == 1)
  }
}
