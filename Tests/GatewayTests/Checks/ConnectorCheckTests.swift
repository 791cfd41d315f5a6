import Testing

@Suite struct ConnectorCheckTests {
  @Test func aConnectorEndsOnePipelineAndBeginsAnother() {
    let onlyExporter = joinedProblems("forward:", "logs: {receivers: [otlp], exporters: [forward]}")
    #expect(
      onlyExporter.contains("f.yaml:4:3: connectors.forward: \"forward\" is an exporter but a receiver of no pipeline"))
    let onlyReceiver = joinedProblems(
      "forward:", "logs: {receivers: [otlp], exporters: [nop]}\nlogs/2: {receivers: [forward], exporters: [nop]}")
    #expect(
      onlyReceiver.contains("f.yaml:4:3: connectors.forward: \"forward\" is a receiver but the exporter of no pipeline")
    )
  }

  @Test func pipelinesMustNotLeadInACircle() {
    let found = joinedProblems(
      "forward/1:\nforward/2:",
      """
      logs/in: {receivers: [otlp], exporters: [forward/1]}
      logs/a: {receivers: [forward/1, forward/2], exporters: [nop, forward/2]}
      """)
    #expect(found.count == 1)
    #expect(found.first?.hasSuffix("pipelines lead in a circle: logs/a -> logs/a") == true, "\(found)")
    let wide = joinedProblems(
      "forward/1:\nforward/2:",
      """
      logs/a: {receivers: [otlp, forward/2], exporters: [forward/1]}
      logs/b: {receivers: [forward/1], exporters: [forward/2]}
      """)
    #expect(wide.first?.hasSuffix("circle: logs/a -> logs/b -> logs/a") == true, "\(wide)")
  }

  @Test func whatARequestCanReachIsBounded() {
    /// Layers of two pipelines that each feed both of the next layer, which doubles the ends each time.
    func found(_ layers: Int) -> [String] {
      var pipelines = ["logs/in: {receivers: [otlp], exporters: [forward/0]}"]
      var connectors = ["forward/0:"]
      for layer in 0..<layers {
        let next = layer + 1 == layers ? "nop" : "forward/\(layer + 1)"
        for side in 0..<2 {
          pipelines.append("logs/p\(layer)-\(side): {receivers: [forward/\(layer)], exporters: [\(next)]}")
        }
        if next != "nop" { connectors.append("forward/\(layer + 1):") }
      }
      return joinedProblems(connectors.joined(separator: "\n"), pipelines.joined(separator: "\n")).filter {
        !$0.contains("warning")
      }
    }
    #expect(found(9) == [])
    #expect(
      found(10).contains {
        $0.hasSuffix("a request may reach 1024 exporters, those behind connectors included: the limit is 1000")
      })
    let most = "a request may reach at least 1000000 exporters, those behind connectors included: the limit is 1000"
    #expect(found(19).contains { $0.contains("a request may reach 524288 exporters") })
    #expect(found(40).contains { $0.hasSuffix(most) })
  }

  @Test func ofPipelinesPastTheLimitNothingElseIsSaid() {
    /// A chain of pipelines, each of which feeds the next.
    func found(_ count: Int) -> [String] {
      let middle = (1..<count).map { "logs/\($0): {receivers: [forward/\($0 - 1)], exporters: [forward/\($0)]}" }
      let first = "logs: {receivers: [otlp], exporters: [forward/0]}"
      let last = "logs/end: {receivers: [forward/\(count - 1)], exporters: [nop]}"
      return joinedProblems(
        (0..<count).map { "forward/\($0):" }.joined(separator: "\n"),
        ([first] + middle + [last]).joined(separator: "\n")
      )
      .filter { !$0.contains("warning") }
    }
    #expect(found(999) == [])
    let past = found(1000)
    #expect(past.count == 1 && past[0].hasSuffix("pipelines: found 1001 sections: the limit is 1000"), "\(past)")
  }

  @Test func anIdIsAConnectorOrAnExporter() {
    let found = joinedProblems("nop:", "logs: {receivers: [otlp], exporters: [nop]}")
    #expect(!found.isEmpty)
    let both = standardProblems(
      """
      receivers: {otlp: {protocols: {http: }}}
      exporters: {file/forward: {path: /dev/null}, nop: }
      connectors: {forward: }
      service: {pipelines: {logs: {receivers: [otlp], exporters: [forward]}}}
      """)
    #expect(both.contains { $0.contains("receiver of no pipeline") })
  }
}
