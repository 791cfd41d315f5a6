import Options
import Testing

@testable import Gateway

@Suite struct OpenFilesCheckTests {
  private func warnings(_ maxConnections: Int, limit: Int) throws -> [String] {
    let configuration = try loadStandard(
      """
      receivers:
        otlp: {limits: {connections: {max_connections: \(maxConnections)}}}
        otlp/unused: {limits: {connections: {max_connections: 1000000}}}
      exporters: {nop: }
      service: {pipelines: {logs: {receivers: [otlp], exporters: [nop]}}}
      """)
    let report = ConfigReport()
    OpenFilesCheck(configuration, limit: limit, report: report).run()
    return report.warnings.map(\.description)
  }

  @Test func asManyAsCanBeHadAreNoProblem() throws {
    let limit = 1000
    let most = OpenFiles(limit: limit, open: 0, wanted: 84).endForSenders
    #expect(try warnings(most, limit: limit) == [])
    #expect(
      try warnings(most + 1, limit: limit) == [
        "f.yaml:2:33: warning: receivers.otlp.limits.connections.max_connections: \(most + 1) connections cannot be "
          + "had: the process may have 1000 files open (ulimit -Hn), which leaves \(most) for connections"
      ])
  }
}
