import NIOPosix
import Testing

@testable import Gateway

@Suite struct ExporterMetricsTests {
  private func page(_ exporter: String) async throws -> String {
    let configuration = try loadStandard(withExporter(exporter, ""))
    let assembly = try await Assembly(
      configuration, group: MultiThreadedEventLoopGroup.singleton, logger: LogCapture().logger)
    let page = GatewayMetrics.text(assembly)
    await assembly.close()
    return page
  }

  @Test func queuesAndRequestsOfLogsSayThatTheyAre() async throws {
    let page = try await page("nop")
    for name in ["otelcol_exporter_queue_size", "otelcol_exporter_in_flight_requests"] {
      #expect(page.contains("\n\(name){exporter=\"nop\",data_type=\"logs\"} 0\n"), "\(name)")
    }
    #expect(page.contains("\notelcol_exporter_sent_log_records{exporter=\"nop\"} 0\n"))
  }
}
