import Foundation
import LogPipeline
import NIOPosix
import Testing

@testable import Gateway

@Suite struct PipelinesPageTests {
  /// What the page is told of a gateway that has not run, read as JSON.
  private func page(of text: String, queues: [Readiness.Queue]? = nil) async throws -> [String: Any] {
    let configuration = try loadStandard(text)
    let group = MultiThreadedEventLoopGroup.singleton
    let assembly = try await Assembly(configuration, group: group, logger: LogCapture().logger)
    defer { Task { await assembly.close() } }
    let readiness = Readiness(state: .ready, queues: queues ?? assembly.exporters.map(\.readiness))
    let page = PipelinesPage(assembly, former: FormerExporters(), readiness: readiness, ports: [])
    let json = page.json(configuration.service.pipelines, uptime: .milliseconds(1500))
    return try #require(JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
  }

  private static let text = """
    receivers: {otlp: {protocols: {http: {endpoint: 127.0.0.1:0}}}}
    processors: {filter/health: {logs: {log_record: ['body == "health"']}}}
    exporters: {nop: {}, nop/next: {}}
    connectors:
      routing/kinds: {default_pipelines: [logs/rest], table: [{statement: route(), pipelines: [logs/rest]}]}
    service:
      pipelines:
        logs: {receivers: [otlp], processors: [filter/health], exporters: [nop, routing/kinds]}
        logs/rest: {receivers: [routing/kinds], exporters: [nop/next]}
    """

  @Test func theGraphIsAsConfigured() async throws {
    let page = try await page(of: Self.text)
    #expect(page["state"] as? String == "ready")
    #expect(page["version"] as? String == BuildInformation.version)
    #expect(page["uptime_seconds"] as? Double == 1.5)
    #expect(page["saturation"] as? Double == 0)
    let pipelines = try #require(page["pipelines"] as? [[String: Any]])
    #expect(pipelines.map { $0["id"] as? String } == ["logs", "logs/rest"])
    #expect(pipelines.map { $0["signal"] as? String } == ["logs", "logs"])
    #expect(pipelines.map { $0["receivers"] as? [String] } == [["otlp"], ["routing/kinds"]])
    #expect(pipelines.map { $0["processors"] as? [String] } == [["filter/health"], []])
    #expect(pipelines.map { $0["exporters"] as? [String] } == [["nop", "routing/kinds"], ["nop/next"]])
  }

  @Test func everyComponentIsThereWithItsCounts() async throws {
    let page = try await page(of: Self.text)
    let receiver = try #require((page["receivers"] as? [[String: Any]])?.first)
    #expect(receiver["id"] as? String == "otlp")
    #expect(receiver["accepted"] as? Int == 0 && receiver["refused"] as? Int == 0 && receiver["failed"] as? Int == 0)
    #expect(receiver["addresses"] as? [String] == [])
    #expect((receiver["refused_requests"] as? [String: Int])?.isEmpty == true)
    #expect((receiver["in_flight_capacity_bytes"] as? Int ?? 0) > 0)
    let processor = try #require((page["processors"] as? [[String: Any]])?.first)
    #expect(processor["id"] as? String == "filter/health")
    #expect(processor["filtered"] as? Int == 0)
    let connector = try #require((page["connectors"] as? [[String: Any]])?.first)
    #expect(connector["routed"] as? [String: Int] == ["logs/rest": 0])
    #expect(connector["unrouted"] as? Int == 0)
    let exporters = try #require(page["exporters"] as? [[String: Any]])
    #expect(exporters.map { $0["id"] as? String } == ["nop", "nop/next"])
    for exporter in exporters {
      #expect(exporter["delivered"] as? Int == 0)
      #expect(exporter["last_success"] is NSNull)
      #expect((exporter["dropped"] as? [String: Int])?.isEmpty == true)
      #expect(exporter["failing"] == nil && exporter["leaving"] == nil)
      let queue = try #require(exporter["queue"] as? [String: Int])
      #expect(queue["bytes"] == 0 && queue["records"] == 0 && queue["oldest_seconds"] == 0)
      #expect((queue["capacity_bytes"] ?? 0) > 0)
    }
  }

  @Test func whatFailsIsSaid() async throws {
    var queue = Readiness.Queue(exporter: "nop", queuedBytes: 5, capacityBytes: 10, queuedRecords: 2)
    queue.oldestAge = .seconds(90)
    queue.failing = .init(since: 1_700_000_000, attempts: 3, error: "refused \"twice\"\u{1B}", records: 2)
    queue.stuck = .init(since: 1_700_000_001, attempts: 4, error: "stuck", records: 1)
    queue.isLeaving = true
    let page = try await page(of: withExporter("nop", ""), queues: [queue])
    let exporter = try #require((page["exporters"] as? [[String: Any]])?.first)
    let failing = try #require(exporter["failing"] as? [String: Any])
    #expect(failing["since"] as? String == "2023-11-14T22:13:20Z")
    #expect(failing["attempts"] as? Int == 3)
    #expect(failing["error"] as? String == "refused \"twice\"\u{1B}")
    #expect((exporter["stuck"] as? [String: Any])?["error"] as? String == "stuck")
    #expect(exporter["leaving"] as? Bool == true)
    let expected = ["records": 2, "bytes": 5, "capacity_bytes": 10, "oldest_seconds": 90]
    #expect(exporter["queue"] as? [String: Int] == expected)
  }
}
