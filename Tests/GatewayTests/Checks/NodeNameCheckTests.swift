import Testing

@testable import Gateway

@Suite struct NodeNameCheckTests {
  private func problems(_ options: String, node: String?, forThisMachine: Bool = true) -> [String] {
    let yaml = """
      receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0"}}}}
      processors: {k8s_attributes: {\(options)}}
      exporters: {nop: {}}
      service:
        telemetry: {metrics: {level: none}}
        pipelines: {logs: {receivers: [otlp], processors: [k8s_attributes], exporters: [nop]}}
      """
    do throws(ConfigurationError) {
      _ = try Configuration.load(
        [.text(yaml, name: "f.yaml")], registry: .standard, forThisMachine: forThisMachine
      ) { $0 == "NODE" ? node : nil }
      return []
    } catch {
      return error.problems.map(\.description)
    }
  }

  @Test func theEnvironmentHasToNameTheNode() {
    let options = "filter: {node_from_env_var: NODE}"
    #expect(problems(options, node: "node-1") == [])
    for node in [nil, "", "no such/node"] {
      let found = problems(options, node: node)
      #expect(found.count == 1, "\(found)")
      #expect(
        found.first?.hasSuffix(
          "processors.k8s_attributes.filter.node_from_env_var: NODE is not in the environment, or names no node")
          == true,
        "\(found)")
    }
  }

  @Test func itIsNotAskedForWhereItIsNotUsed() {
    #expect(problems("passthrough: true, filter: {node_from_env_var: NODE}", node: nil) == [])
    #expect(problems("filter: {node_from_env_var: NODE}", node: nil, forThisMachine: false) == [])
  }
}
