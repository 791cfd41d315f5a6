import LogPipeline
import Testing

@testable import Gateway

@Suite struct UsageMetricsTests {
  private func page(_ tables: SignalUsage) -> [String] {
    var metrics = GatewayMetrics()
    metrics.usage(tables)
    return metrics.families.page.split(separator: "\n").map(String.init).filter { !$0.contains("target_info") }
  }

  /// A pipeline without destinations, whose tenants are its services too.
  private func ingest(_ services: [String], into tables: SignalUsage) throws {
    var policy = TenantPolicy()
    policy.sources = [.attribute("tenant")]
    var ingest = IngestPipeline(
      pipelines: [Pipeline(id: "logs", processors: [], destinations: [])], limits: DecodeLimits(),
      tenants: Tenants(policy))
    ingest.usage = tables[.logs]
    let resources = services.map { name in
      #"{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":\#(OwnLog.quoted(name))}}]},"#
        + #""scopeLogs":[{"logRecords":[{}]}]}"#
    }
    _ = try ingest.ingest(
      Array(#"{"resourceLogs":[\#(resources.joined(separator: ","))]}"#.utf8), as: .json, receivedUnixNano: 1,
      with: IngestScratch())
  }

  @Test func everyNameIsALabelAndWhatHasNoneIsThereToo() throws {
    let tables = SignalUsage(UsageTables.Sizes(tenants: 1, services: 5))
    try ingest(["a", "b", "a", ""], into: tables)
    let lines = page(tables)
    for line in [
      #"sluice_service_accepted_log_records{service="a"} 2"#, #"sluice_service_accepted_log_records{service="b"} 1"#,
      #"sluice_service_accepted_log_records{service=""} 1"#, #"sluice_service_accepted_log_records{service="other"} 0"#,
      #"sluice_tenant_accepted_log_records{tenant=""} 4"#, #"sluice_tenant_refused_requests{tenant="other"} 0"#,
    ] { #expect(lines.contains(line), "\(line) in \(lines)") }
  }

  /// Whatever a sender calls itself, each line is one sample, and no two are the same series.
  @Test func aNameMakesNoLineAndNoSecondSeries() throws {
    let tables = SignalUsage(UsageTables.Sizes(tenants: 0, services: 100))
    let names = [
      "a\"} 1\nup{x=\"", "back\\slash", "back\\\\slash", "tab\t", "nul\u{0}", "other", "", "é", "e\u{301}", "\u{2028}",
      "\r", "{service=\"a\"}", String(repeating: "x", count: 129), String(repeating: "x", count: 128),
    ]
    try ingest(names, into: tables)
    let samples = page(tables).filter { !$0.hasPrefix("#") }
    let form = try Regex(#"sluice_service_[a-z_]+\{service="([^"\\]|\\\\|\\"|\\n)*"\} [0-9]+"#)
    for sample in samples { #expect(sample.wholeMatch(of: form) != nil, "\(sample)") }
    let series = samples.map { Array($0.utf8.prefix { $0 != UInt8(ascii: "}") }) }
    #expect(Set(samples.map { Array($0.utf8) }).count == samples.count && !series.isEmpty)
    let accepted = samples.filter { $0.hasPrefix("sluice_service_accepted_log_records") }
    #expect(accepted.count == 9, "\(accepted)")
    #expect(accepted.contains(#"sluice_service_accepted_log_records{service="other"} 6"#))
    #expect(accepted.contains(#"sluice_service_accepted_log_records{service="back\\slash"} 1"#))
  }

  @Test func whatIsNotCountedHasNoSamples() {
    let lines = page(SignalUsage(UsageTables.Sizes(tenants: 0, services: 0)))
    #expect(lines.count == 20 && lines.allSatisfy { $0.hasPrefix("#") })
  }
}
