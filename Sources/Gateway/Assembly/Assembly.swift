import LogPipeline
import Logging
import NIOCore
import OTLPReceiver
import Options

/// A configuration turned into parts that can run; nothing listens or sends yet.
struct Assembly: Sendable {
  let exporters: [Exporter]
  let receivers: [Receiver]
  /// The processors that pipelines use, in the order of the file.
  let steps: [PipelineStep]
  let summaries: Summaries
  /// The tables of the connectors that pipelines use, in the order of the file.
  let tables: [RoutingTable]
  /// The pipelines, in the order of the file.
  let pipelines: [Pipeline]
  let health: HealthState

  /// Makes what the pipelines use; components that no pipeline names are left out.
  init(
    _ configuration: Configuration, group: any EventLoopGroup, workers: RequestWorkers? = nil, logger: Logger
  ) async throws(GatewayError) {
    let health = HealthState()
    let exporters = try await Self.exporters(configuration, group, logger)
    let steps = Self.steps(configuration)
    let tables = Self.tables(configuration)
    let parts = PipelineParts(
      options: configuration.service.pipelines, steps: steps, tables: tables, exporters: exporters)
    do throws(GatewayError) {
      receivers = try Self.receivers(configuration, parts, health, workers, logger)
    } catch {
      await Self.close(exporters.values)
      throw error
    }
    self.tables = configuration.connectors.compactMap { tables[$0.id] }
    self.steps = configuration.processors.compactMap { steps[$0.id] }
    pipelines = parts.pipelines
    summaries = Summaries(of: pipelines, logger: logger)
    self.exporters = exporters.values.sorted { $0.id < $1.id }
    self.health = health
  }

  /// Gives memory back that was kept to be used again and was not used since the last time.
  func trim() {
    for exporter in exporters { exporter.destination.queue.trim() }
    for receiver in receivers { receiver.service.trim() }
  }

  /// Ends the exporters' connections; what is queued stays where it is.
  func close() async { await Self.close(exporters) }

  private static func close(_ exporters: some Sequence<Exporter>) async {
    for exporter in exporters { _ = await exporter.close(by: .now + .seconds(1)) }
  }

  private static func exporters(
    _ configuration: Configuration, _ group: any EventLoopGroup, _ logger: Logger
  ) async throws(GatewayError) -> [ComponentID: Exporter] {
    var exporters: [ComponentID: Exporter] = [:]
    for component in configuration.exporters {
      let feeding = configuration.service.pipelines.filter { $0.exporters.contains { $0.id == component.id } }
      if feeding.isEmpty { continue }
      let options = component.options
      do {
        exporters[component.id] = try Exporter(
          id: "\(component.id)", component: options,
          delivery: PipelineSizing(configuration).delivery(of: component.id, options.delivery),
          directory: directory(of: component.id, options, configuration),
          allSendersWait: feeding.allSatisfy { $0.acknowledgement != .memory }, group: group, logger: logger)
      } catch {
        await close(exporters.values)
        throw .cannotMake(component: "exporter \(component.id)", cause: "\(error)")
      }
    }
    return exporters
  }

  /// The folder of an exporter's queue; nil if it is kept in memory.
  private static func directory(
    of exporter: ComponentID, _ options: any ExporterOptions, _ configuration: Configuration
  ) -> String? {
    guard let storage = options.delivery.storage else { return options.delivery.directory }
    return configuration.storageFolder(of: exporter, storage)
  }

  private static func receivers(
    _ configuration: Configuration, _ parts: PipelineParts, _ health: HealthState, _ workers: RequestWorkers?,
    _ logger: Logger
  ) throws(GatewayError) -> [Receiver] {
    let refusals = RefusalLog(logger: logger)
    var receivers: [Receiver] = []
    for component in configuration.receivers {
      let fed = configuration.service.pipelines.filter { $0.receivers.contains { $0.id == component.id } }
      if fed.isEmpty { continue }
      var options = component.options
      options.limits = PipelineSizing(configuration).limits(of: component.id, options.limits)
      do {
        receivers.append(
          try options.makeReceiver(
            id: "\(component.id)", feeding: fed.map { parts.pipeline($0) }, health: health, workers: workers,
            refusals: refusals))
      } catch {
        throw .cannotMake(component: "receiver \(component.id)", cause: "\(error)")
      }
    }
    return receivers
  }

  /// One step for each processor that is used, shared by the pipelines that name it.
  private static func steps(_ configuration: Configuration) -> [ComponentID: PipelineStep] {
    let used = Set(configuration.service.pipelines.flatMap { $0.processors.map(\.id) })
    var steps: [ComponentID: PipelineStep] = [:]
    for component in configuration.processors where used.contains(component.id) {
      steps[component.id] = component.options.makeProcessor(id: "\(component.id)").map { PipelineStep($0) }
    }
    return steps
  }

  /// One table for each connector that is used, shared by the pipelines that it ends.
  private static func tables(_ configuration: Configuration) -> [ComponentID: RoutingTable] {
    let pipelines = configuration.service.pipelines
    let used = Set(pipelines.flatMap { $0.exporters.map(\.id) })
    var tables: [ComponentID: RoutingTable] = [:]
    for component in configuration.connectors where used.contains(component.id) {
      let receivers = pipelines.filter { $0.receivers.contains { $0.id == component.id } }.map(\.id)
      tables[component.id] = component.options.makeTable(id: "\(component.id)", receivers: receivers)
    }
    return tables
  }
}
