import LogPipeline
import Options
import Testing

@testable import Gateway

@Suite struct PrometheusPageTests {
  private typealias Label = MetricLabel

  private func reader(_ change: (inout PrometheusReader) -> Void = { _ in }) -> PrometheusReader {
    var reader = PrometheusReader(at: TelemetryOptions.defaultMetricsEndpoint)
    change(&reader)
    return reader
  }

  /// The lines of a page but for what the gateway says of itself.
  private func lines(
    _ families: MetricFamilies, _ reader: PrometheusReader? = nil, as format: MetricsFormat = .text,
    resource: [(key: String, value: String)] = []
  ) -> [String] {
    families.page(reader ?? self.reader(), as: format, resource: resource).split(separator: "\n").dropFirst(3)
      .map(String.init)
  }

  /// One family of each kind.
  private var some: MetricFamilies {
    var families = MetricFamilies()
    families.begin("a.requests", .counter, "All \"a\".")
    families.sample([Label("otel.signal", "logs")], 1)
    families.begin("b", .gauge, "Some b.", in: .bytes)
    families.sample([], 0.5)
    families.begin("c_seconds", .counter, "Time.")
    families.sample([], 2)
    return families
  }

  @Test func writesAFamilyWithItsSamples() {
    var families = MetricFamilies()
    families.begin("a_total", .counter, "All a.")
    families.sample([], 1)
    families.sample([Label("x", "y"), Label("z", "")], 2)
    families.begin("b", .gauge, "Some b.")
    families.sample([], 0.5)
    #expect(
      lines(families) == [
        "# HELP a_total All a.", "# TYPE a_total counter", "a_total 1", "a_total{x=\"y\",z=\"\"} 2", "# HELP b Some b.",
        "# TYPE b gauge", "b 0.5",
      ])
  }

  @Test func namesAreTheCollectorsUnlessTheReaderWantsMore() {
    #expect(
      lines(some) == [
        "# HELP a_requests All \"a\".", "# TYPE a_requests counter", "a_requests{otel_signal=\"logs\"} 1",
        "# HELP b Some b.", "# TYPE b gauge", "b 0.5", "# HELP c_seconds Time.", "# TYPE c_seconds counter",
        "c_seconds 2",
      ])
    let all = reader {
      $0.withoutTypeSuffix = false
      $0.withoutUnits = false
    }
    #expect(
      lines(some, all).filter { !$0.hasPrefix("# HELP") } == [
        "# TYPE a_requests_total counter", "a_requests_total{otel_signal=\"logs\"} 1", "# TYPE b_bytes gauge",
        "b_bytes 0.5", "# TYPE c_seconds_total counter", "c_seconds_total 2",
      ])
  }

  /// Whichever format a reader asks for, a metric has one name.
  @Test(arguments: [true, false]) func openMetricsHasTheSameNames(_ withoutTypeSuffix: Bool) {
    let reader = reader { $0.withoutTypeSuffix = withoutTypeSuffix }
    let samples = { (format: MetricsFormat) in
      lines(some, reader, as: format).filter { !$0.hasPrefix("#") }
    }
    #expect(samples(.openMetrics) == samples(.text) && samples(.text).count == 3)
    let open = lines(some, reader, as: .openMetrics)
    #expect(open.last == "# EOF")
    #expect(open.first == "# HELP a_requests All \\\"a\\\".")
    #expect(open[1] == "# TYPE a_requests \(withoutTypeSuffix ? "unknown" : "counter")")
  }

  @Test func theGatewayIsNamedOnceAndItsScopeIfThatIsWanted() {
    let resource = [(key: "service.name", value: "edge"), (key: "1st", value: "x")]
    let page = some.page(reader(), resource: resource).split(separator: "\n").map(String.init)
    #expect(page[1] == "# TYPE target_info gauge")
    #expect(page[2].hasPrefix("target_info{service_version=\"\(BuildInformation.version)\",service_instance_id=\""))
    #expect(page[2].hasSuffix("\",service_name=\"edge\",_1st=\"x\"} 1"))
    let open = some.page(reader(), as: .openMetrics).split(separator: "\n").map(String.init)
    #expect(open[1] == "# TYPE target info")
    #expect(open[2].hasPrefix("target_info{service_name=\"sluice\",service_version="))
    let scoped = lines(some, reader { $0.withoutScopeInfo = false }).filter { !$0.hasPrefix("#") }
    let version = "otel_scope_version=\"\(BuildInformation.version)\""
    let scope = "otel_scope_name=\"sluice\",\(version),otel_scope_schema_url=\"\""
    #expect(scoped[1] == "b{\(scope)} 0.5" && scoped[0] == "a_requests{otel_signal=\"logs\",\(scope)} 1")
  }

  @Test func labelsOfAllAreThoseOfTheConfigurationUnlessTheReaderChooses() {
    let resource = [(key: "service.name", value: "edge"), (key: "k8s.pod.name", value: "p")]
    func labels(_ choice: AttributeChoice?) -> String? {
      lines(some, reader { $0.constantLabels = choice }, resource: resource).first { $0.hasPrefix("b") }
    }
    #expect(labels(nil) == "b{service_name=\"edge\",k8s_pod_name=\"p\"} 0.5")
    #expect(labels(AttributeChoice(included: ["service.name"], excluded: [])) == "b{service_name=\"edge\"} 0.5")
    #expect(labels(AttributeChoice(included: ["k8s.*"], excluded: ["k8s.pod.name"])) == "b 0.5")
    #expect(labels(AttributeChoice(included: [], excluded: ["service.*"])) == "b{k8s_pod_name=\"p\"} 0.5")
    let version = labels(AttributeChoice(included: ["service.version"], excluded: []))
    #expect(version == "b{service_version=\"\(BuildInformation.version)\"} 0.5")
  }

  @Test func writesAHistogramWithItsBuckets() {
    var families = MetricFamilies()
    families.begin("a_seconds", .histogram, "All a.")
    let histogram = Histogram(.requests)
    histogram.observe(.milliseconds(5))
    histogram.observe(.seconds(61), count: 2)
    families.histogram([Label("x", "y")], histogram.snapshot)
    families.begin("b", .histogram, "All b.", in: .milliseconds)
    families.histogram([], histogram.snapshot, times: 1000)
    let page = lines(families)
    #expect(page[1] == "# TYPE a_seconds histogram" && page.count == 2 * (2 + 16 + 2))
    let few = ["a_seconds_bucket{x=\"y\",le=\"0.0025\"} 0", "a_seconds_bucket{x=\"y\",le=\"0.005\"} 1"]
    let many = ["a_seconds_bucket{x=\"y\",le=\"60.0\"} 1", "a_seconds_bucket{x=\"y\",le=\"+Inf\"} 3"]
    #expect(page.filter { (few + many).contains($0) } == few + many)
    #expect(page[18...19] == ["a_seconds_sum{x=\"y\"} 122.005", "a_seconds_count{x=\"y\"} 3"])
    #expect(page.contains("b_bucket{le=\"2.5\"} 0") && page.contains("b_bucket{le=\"60000.0\"} 1"))
    #expect(page.suffix(2) == ["b_sum 122005.0", "b_count 3"])
  }

  @Test func escapesWhatWouldBreakALine() {
    var families = MetricFamilies()
    families.begin("a", .gauge, "back\\slash \"quoted\"\nnext")
    families.sample([Label("x", "back\\slash \"quoted\"\nnext ü")], 1)
    let page = lines(families)
    #expect(page.count == 3)
    #expect(page.first == #"# HELP a back\\slash "quoted"\nnext"#)
    #expect(page.last == #"a{x="back\\slash \"quoted\"\nnext ü"} 1"#)
  }

  @Test func namesNoLabelTwice() {
    var families = MetricFamilies()
    families.begin("a", .gauge, "A.")
    families.sample([Label("x", "own")], 1)
    let resource = [(key: "x", value: "common"), (key: "y", value: "first"), (key: "y.", value: "second")]
    #expect(lines(families, resource: resource).last == "a{x=\"own\",y=\"first\",y_=\"second\"} 1")
    let twice = [(key: "a.b", value: "first"), (key: "a_b", value: "second")]
    #expect(lines(families, resource: twice).last == "a{x=\"own\",a_b=\"first\"} 1")
  }

  @Test func aSampleWithoutAFamilyIsNone() {
    var families = MetricFamilies()
    families.sample([], 1)
    #expect(families.all.isEmpty)
  }
}
