import LogPipeline
import Testing

@testable import Gateway

@Suite struct MetricsTextTests {
  private typealias Label = MetricsText.Label

  @Test func writesAFamilyWithItsSamples() {
    var text = MetricsText()
    text.family("a_total", .counter, "All a.")
    text.sample([], 1)
    text.sample([Label("x", "y"), Label("z", "")], 2)
    text.family("b", .gauge, "Some b.")
    text.sample([], 0.5)
    #expect(
      text.text == """
        # HELP a_total All a.
        # TYPE a_total counter
        a_total 1
        a_total{x="y",z=""} 2
        # HELP b Some b.
        # TYPE b gauge
        b 0.5

        """)
  }

  @Test func writesAHistogramWithItsBuckets() {
    var text = MetricsText()
    text.family("a_seconds", .histogram, "All a.")
    let histogram = DurationHistogram(.requests)
    histogram.observe(.milliseconds(5))
    histogram.observe(.seconds(61), count: 2)
    text.histogram([Label("x", "y")], histogram.snapshot)
    let lines = text.text.split(separator: "\n")
    #expect(lines[1] == "# TYPE a_seconds histogram" && lines.count == 2 + 16 + 2)
    let few = ["a_seconds_bucket{x=\"y\",le=\"0.0025\"} 0", "a_seconds_bucket{x=\"y\",le=\"0.005\"} 1"]
    let many = ["a_seconds_bucket{x=\"y\",le=\"60.0\"} 1", "a_seconds_bucket{x=\"y\",le=\"+Inf\"} 3"]
    #expect(lines.map(String.init).filter { (few + many).contains($0) } == few + many)
    #expect(lines.suffix(2) == ["a_seconds_sum{x=\"y\"} 122.005", "a_seconds_count{x=\"y\"} 3"])
  }

  @Test func escapesWhatWouldBreakALine() {
    var text = MetricsText()
    text.family("a", .gauge, "back\\slash \"quoted\"\nnext")
    text.sample([Label("x", "back\\slash \"quoted\"\nnext ü")], 1)
    let lines = text.text.split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines.first == #"# HELP a back\\slash "quoted"\nnext"#)
    #expect(lines.last == #"a{x="back\\slash \"quoted\"\nnext ü"} 1"#)
  }

  @Test func addsCommonLabelsToEverySample() {
    var text = MetricsText(common: [Label("service_name", "sluice")])
    text.family("a", .gauge, "A.")
    text.sample([Label("x", "1")], 1)
    text.sample([], 2)
    #expect(text.text.hasSuffix("a{x=\"1\",service_name=\"sluice\"} 1\na{service_name=\"sluice\"} 2\n"))
  }

  @Test func namesNoLabelTwice() {
    var text = MetricsText(common: [Label("x", "common"), Label("y", "first"), Label("y", "second")])
    text.family("a", .gauge, "A.")
    text.sample([Label("x", "own")], 1)
    #expect(text.text.hasSuffix("a{x=\"own\",y=\"first\"} 1\n"))
  }
}
