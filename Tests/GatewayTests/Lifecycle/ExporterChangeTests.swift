import FrameQueues
import NIOPosix
import Options
import Testing

@testable import Gateway

@Suite struct ExporterChangeTests {
  private static let yaml = """
    receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0"}}}}
    exporters: {nop/a: , nop/b: , nop/c: {sending_queue: {directory: DIRECTORY}}}
    service:
      telemetry: {metrics: {level: none}}
      pipelines: {logs: {receivers: [otlp], exporters: [nop/a, nop/b, nop/c]}}
      SERVICE
    """

  private static func configuration(_ folder: TemporaryFolder, service: String = "") throws -> Configuration {
    try loadStandard(
      yaml.replacingOccurrences(of: "DIRECTORY", with: "\(folder.path)/queue")
        .replacingOccurrences(of: "SERVICE", with: service))
  }

  /// Three exporters with a record of ten bytes each, the third on disk.
  private func exporters(_ folder: TemporaryFolder) async throws -> [Exporter] {
    let assembly = try await Assembly(
      Self.configuration(folder), group: MultiThreadedEventLoopGroup.singleton, logger: LogCapture().logger)
    for exporter in assembly.exporters {
      let queue = exporter.destination.queue
      try queue.reserve(10)
      let bytes = [UInt8](repeating: 0, count: 10)
      _ = try bytes.withUnsafeBytes { try queue.append($0, frames: [FrameMark(endOffset: 10, records: 1)]) }
    }
    return assembly.exporters
  }

  private func problem(_ change: ExporterChange, _ service: String, _ folder: TemporaryFolder) throws -> String? {
    let options = try Self.configuration(folder, service: service).service
    do throws(GatewayError) { try change.check(against: options) } catch { return "\(error)" }
    return nil
  }

  @Test func soManyMayLeaveAndNoMore() async throws {
    let folder = try TemporaryFolder()
    let exporters = try await exporters(folder)
    let change = ExporterChange(from: exporters, to: [])
    #expect(change.handedOver.isEmpty && change.others.count == 3)
    #expect(try problem(change, "max_leaving_exporters: 3", folder) == nil)
    #expect(
      try problem(change, "max_leaving_exporters: 2", folder)
        == "3 exporters that are replaced or removed would still have records in their queues, at most 2 may"
        + " (service.max_leaving_exporters)")
    for exporter in exporters { _ = await exporter.close(by: .now + .seconds(1)) }
  }

  @Test func queuesInMemoryMayHoldSoMuchAndNoMore() async throws {
    let folder = try TemporaryFolder()
    let exporters = try await exporters(folder)
    let change = ExporterChange(from: exporters, to: [])
    #expect(try problem(change, "max_leaving_size: 20", folder) == nil)
    #expect(
      try problem(change, "max_leaving_size: 19", folder)
        == "exporters that are replaced or removed would still hold 20 bytes in memory, at most 19 may"
        + " (service.max_leaving_size)")
    for exporter in exporters { _ = await exporter.close(by: .now + .seconds(1)) }
  }

  @Test func whatGoesOnOrHasNothingDoesNotCount() async throws {
    let folder = try TemporaryFolder()
    let exporters = try await exporters(folder)
    let queue = exporters[0].destination.queue
    queue.acknowledge(try #require(queue.lease(maxBytes: 100)))
    let change = ExporterChange(from: exporters, to: [exporters[1].plan, exporters[2].plan])
    #expect(try problem(change, "max_leaving_exporters: 0, max_leaving_size: 0".asLines, folder) == nil)
    for exporter in exporters { _ = await exporter.close(by: .now + .seconds(1)) }
  }

  @Test func aFolderThatAnotherGoesOnWithIsHandedOverAndDoesNotCount() async throws {
    let folder = try TemporaryFolder()
    let exporters = try await exporters(folder)
    let changed = Self.yaml.replacingOccurrences(of: "DIRECTORY}", with: "\(folder.path)/queue}, timeout: 7s")
    let configuration = try loadStandard(changed.replacingOccurrences(of: "SERVICE", with: ""))
    let change = ExporterChange(from: exporters, to: Assembly.exporterPlans(configuration))
    #expect(change.handedOver.map(\.id) == ["nop/c"] && change.others.map(\.id) == ["nop/a", "nop/b"])
    #expect(try problem(change, "max_leaving_exporters: 0", folder) == nil)
    for exporter in exporters { _ = await exporter.close(by: .now + .seconds(1)) }
  }
}

extension String {
  /// Options on a line each, as deep as those of `service`.
  fileprivate var asLines: String { split(separator: ", ").joined(separator: "\n  ") }
}
