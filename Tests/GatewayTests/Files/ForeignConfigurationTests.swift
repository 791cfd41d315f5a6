import Options
import Testing

@testable import Gateway

@Suite struct ForeignConfigurationTests {
  private func errors(_ text: String) throws -> [String] {
    let file = try TemporaryFile(text)
    let report = ConfigReport()
    var loader = ConfigLoader(environment: { _ in nil }, report: report)
    _ = loader.load([.file(file.path)])
    return report.errors.map { String($0.description.dropFirst(file.path.count)) }
  }

  @Test(arguments: [
    ("[sources.a]\ntype = \"file\"\n", "Vector"),
    ("# x\n\n[SERVICE]\n    Flush 1\n[INPUT]\n    Name tail\n", "Fluent Bit"),
    ("{\"sources\": {\"a\": {}}, \"sinks\": {}}", "Vector"), ("pipeline:\n  inputs:\n    - name: tail\n", "Fluent Bit"),
    ("<source>\n  @type tail\n</source>\n", "Fluentd"), ("input { beats { port => 5044 } }\n", "Logstash"),
    ("filebeat.inputs:\n- type: filestream\n", "Filebeat"), ("apiVersion: v1\nkind: ConfigMap\n", "Kubernetes"),
    ("service:\n  flush: 1\npipeline:\n  inputs:\n    - name: tail\n  outputs:\n    - name: stdout\n", "Fluent Bit"),
    ("pipeline.workers: 2\npath.config: /x\n", "Logstash"), ("pipeline:\n  batch: {size: 125}\n", "Logstash"),
    ("http.host: 0.0.0.0\nxpack.monitoring.enabled: false\n", "Logstash or Elasticsearch"),
    ("- pipeline.id: main\n  path.config: /x\n", "Logstash"),
    ("services:\n  web:\n    image: nginx\nvolumes: {a: }\n", "Docker Compose"),
    ("services: {web: {build: .}}\n", "Docker Compose"),
    ("replicaCount: 2\nservice: {type: ClusterIP}\nconfig: |\n  receivers:\n", "Helm (values of a chart)"),
    ("image: {tag: x}\nservice: {port: 1}\n", "Helm (values of a chart)"),
    ("config: {receivers: {}, exporters: {}}\n", "Helm (values of a chart)"),
    ("[[inputs.tail]]\n  files = [\"x\"]\n", "Telegraf"),
  ])
  func otherToolsAreNamed(_ text: String, _ tool: String) throws {
    #expect(
      try errors(text) == [
        ":1:1: this looks like a configuration of \(tool), not of this gateway: that is YAML with receivers, exporters "
          + "and service"
      ])
  }

  @Test func whatIsNoYAMLIsSaidToBeNone() throws {
    #expect(
      try errors("; hello\n[server]\nport = 1\n") == [
        ":1:1: this is not YAML but looks like TOML or INI: line 2 begins with a section in brackets"
      ])
    #expect(
      try errors("port = 1\nhost = \"a\"\n") == [
        ":1:1: this is not YAML but looks like TOML or INI: line 1 begins with a key and \"=\""
      ])
    #expect(try errors("a: 1\nb\n").count == 1)
  }

  @Test(arguments: [
    "receivers: {}\nsources: {}\nsinks: {}\n", "service: {pipelines: {}}\npipeline: {}\n", "", "# nothing\n",
    "# [SERVICE]\nexporters: {nop: }\n", "receivrs: {otlp: }\n", "services: {pipelines: {logs: {receivers: [otlp]}}}\n",
    "service: {telemetry: {}}\nimage: x\npipelines: {}\n", "exporters: {nop: }\npipeline: {inputs: []}\n",
    "service: {}\nloki.x: {}\n",
  ])
  func theGatewaysOwnFilesAreNot(_ text: String) throws { #expect(try errors(text) == []) }
}
