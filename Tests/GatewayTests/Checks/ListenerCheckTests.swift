import Gateway
import Testing

@Suite struct ListenerCheckTests {
  /// The errors of two receivers' endpoints, on lines 2 and 3, and of the metrics' address on line 6.
  private func errors(_ first: String, _ second: String, metrics: String = "127.0.0.1:0", used: String = "otlp, otlp/b")
    -> [String]
  {
    standardProblems(
      """
      receivers:
        otlp: {protocols: {grpc: {endpoint: "\(first)"}}}
        otlp/b: {protocols: {http: {endpoint: "\(second)"}}}
      exporters: {nop: {}}
      service:
        telemetry: {metrics: {address: "\(metrics)"}}
        pipelines: {logs: {receivers: [\(used)], exporters: [nop]}}
      """
    ).filter { !$0.contains("warning") }
  }

  @Test func namesBothPlacesOfOnePort() {
    #expect(
      errors("0.0.0.0:4317", "0.0.0.0:4317") == [
        "f.yaml:3:31: receivers.otlp/b.protocols.http.endpoint: cannot listen on 0.0.0.0:4317: "
          + "receivers.otlp.protocols.grpc.endpoint listens on 0.0.0.0:4317 (f.yaml:2:29)"
      ])
  }

  @Test func comparesThePortOfMetricsToo() {
    let found = errors("0.0.0.0:4317", "0.0.0.0:4318", metrics: ":4318")
    #expect(
      found == [
        "f.yaml:6:15: service.telemetry.metrics: cannot listen on :4318: "
          + "receivers.otlp/b.protocols.http.endpoint listens on 0.0.0.0:4318 (f.yaml:3:31)"
      ])
  }

  @Test func findsTheDefaultsOfTwoReceivers() {
    let yaml = """
      receivers: {otlp: , otlp/b: }
      exporters: {nop: {}}
      service: {pipelines: {logs: {receivers: [otlp, otlp/b], exporters: [nop]}}}
      """
    #expect(standardProblems(yaml).count == 2)
  }

  @Test(arguments: [
    ("127.0.0.1:1", "0.0.0.0:1"), ("[::]:1", "127.0.0.1:1"), (":1", "10.0.0.1:1"), ("localhost:1", "127.0.0.1:1"),
    ("LocalHost:1", "localhost:1"), ("[::1]:1", "[::1]:1"), ("localhost:1", "[::1]:1"), ("0.0.0.0:1", "[::1]:1"),
    ("[::1]:1", "[0:0::1]:1"), ("[::ffff:10.0.0.1]:1", "10.0.0.1:1"), ("[0::0]:1", "10.0.0.1:1"),
  ])
  func anAddressOfEveryInterfaceTakesThemAll(_ first: String, _ second: String) {
    #expect(errors(first, second).count == 1)
    #expect(errors(second, first).count == 1)
  }

  @Test(arguments: [
    ("127.0.0.1:1", "127.0.0.1:2"), ("127.0.0.1:1", "10.0.0.1:1"), ("127.0.0.1:1", "[::1]:1"),
    ("0.0.0.0:0", "0.0.0.0:0"),
  ])
  func differentAddressesAndChosenPortsDoNotClash(_ first: String, _ second: String) {
    #expect(errors(first, second) == [])
  }

  @Test func aReceiverThatNoPipelineNamesDoesNotListen() {
    #expect(errors("0.0.0.0:4317", "0.0.0.0:4317", used: "otlp") == [])
  }
}
