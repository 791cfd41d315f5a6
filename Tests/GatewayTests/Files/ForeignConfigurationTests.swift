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
    "# [SERVICE]\nexporters: {nop: }\n", "receivrs: {otlp: }\n",
  ])
  func theGatewaysOwnFilesAreNot(_ text: String) throws { #expect(try errors(text) == []) }
}
