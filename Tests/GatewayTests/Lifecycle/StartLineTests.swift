import Testing

@testable import Gateway

@Suite struct StartLineTests {
  @Test func namesWhatRunsByWhatAndWhereItWrites() throws {
    let folder = try TemporaryFolder()
    let yaml = """
      receivers: {otlp: }
      exporters:
        file: {path: \(folder.path)/logs, dead_letter: {path: \(folder.path)/letters}}
        nop: {sending_queue: {directory: \(folder.path)/queue}}
        file/unused: {path: \(folder.path)/unused}
      service: {pipelines: {logs: {receivers: [otlp], exporters: [file, nop]}, logs/b: {receivers: [otlp], exporters: [nop]}}}
      """
    let sources: [ConfigSource] = [.text(yaml, name: "a.yaml"), .setting("service.shutdown_timeout=9s")]
    let configuration = try Configuration.load(sources, registry: .standard) { _ in nil }
    let fields = StartLine.fields(configuration).mapValues { "\($0)" }
    #expect(fields["configuration"] == "a.yaml, --set service.shutdown_timeout")
    #expect(fields["pipelines"] == "logs, logs/b")
    #expect(fields["writes"] == "\(folder.path)/logs, \(folder.path)/letters, \(folder.path)/queue")
    #expect(fields["version"] == BuildInformation.version)
    #expect(fields["commit"]?.isEmpty == false)
    #expect(fields["libraries"]?.contains("libnghttp2 1.") == true)
  }
}
