import LogPipeline
import Logging
import NIOCore
import OTLPReceiver

/// A configuration turned into parts that can run; nothing listens or sends yet.
struct Assembly: Sendable {
  let exporters: [RunningExporter]
  let receivers: [RunningReceiver]
  /// The processors that pipelines use, in the order of the file.
  let steps: [PipelineStep]
  /// The pipelines, in the order of the file.
  let pipelines: [Pipeline]
  let summaries: Summaries
  let health: HealthState

  /// Makes what the pipelines use; components that no pipeline names are left out.
  init(_ configuration: Configuration, group: any EventLoopGroup, logger: Logger) async throws(GatewayError) {
    let health = HealthState()
    let exporters = try await Self.exporters(configuration, group, logger)
    let steps = Self.steps(configuration)
    let pipelines = Self.pipelines(configuration, steps, exporters)
    do throws(GatewayError) {
      receivers = try Self.receivers(configuration, pipelines, health, logger)
    } catch {
      await Self.close(exporters.values)
      throw error
    }
    self.steps = configuration.processors.compactMap { steps[$0.id] }
    self.pipelines = configuration.service.pipelines.compactMap { pipelines[$0.id] }
    summaries = Summaries(of: self.pipelines, logger: logger)
    self.exporters = exporters.values.sorted { $0.id < $1.id }
    self.health = health
  }

  /// Ends the exporters' connections; what is queued stays where it is.
  func close() async { await Self.close(exporters) }

  private static func close(_ exporters: some Sequence<RunningExporter>) async {
    for exporter in exporters {
      await exporter.sender.close()
      exporter.destination.queue.shutdown()
    }
  }

  private static func exporters(
    _ configuration: Configuration, _ group: any EventLoopGroup, _ logger: Logger
  ) async throws(GatewayError) -> [ComponentID: RunningExporter] {
    let used = Set(configuration.service.pipelines.flatMap { $0.exporters.map(\.id) })
    var exporters: [ComponentID: RunningExporter] = [:]
    for component in configuration.exporters where used.contains(component.id) {
      guard let options = component.options as? any ExporterComponent else { continue }
      do {
        exporters[component.id] = try RunningExporter(
          id: "\(component.id)", component: options, directory: directory(of: component.id, options, configuration),
          group: group, logger: logger)
      } catch {
        await close(exporters.values)
        throw .cannotMake(component: "exporter \(component.id)", cause: "\(error)")
      }
    }
    return exporters
  }

  /// The folder of an exporter's queue; nil if it is kept in memory.
  private static func directory(
    of exporter: ComponentID, _ options: any ExporterComponent, _ configuration: Configuration
  ) -> String? {
    guard let storage = options.delivery.storage else { return options.delivery.directory }
    return (configuration.component(.extensions, storage.id)?.options as? FileStorageComponent)?.directory(of: exporter)
  }

  private static func receivers(
    _ configuration: Configuration, _ pipelines: [ComponentID: Pipeline], _ health: HealthState, _ logger: Logger
  ) throws(GatewayError) -> [RunningReceiver] {
    let refusals = RefusalLog(logger: logger)
    var receivers: [RunningReceiver] = []
    for component in configuration.receivers {
      let fed = configuration.service.pipelines.filter { $0.receivers.contains { $0.id == component.id } }
      guard !fed.isEmpty, let options = component.options as? OTLPReceiverOptions else { continue }
      do {
        receivers.append(
          try RunningReceiver(
            id: "\(component.id)", options: options, pipelines: fed.compactMap { pipelines[$0.id] }, health: health,
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
      guard let options = component.options as? any ProcessorComponent else { continue }
      steps[component.id] = options.makeProcessor(id: "\(component.id)").map { PipelineStep($0) }
    }
    return steps
  }

  private static func pipelines(
    _ configuration: Configuration, _ steps: [ComponentID: PipelineStep],
    _ exporters: [ComponentID: RunningExporter]
  ) -> [ComponentID: Pipeline] {
    var pipelines: [ComponentID: Pipeline] = [:]
    for pipeline in configuration.service.pipelines {
      pipelines[pipeline.id] = Pipeline(
        id: "\(pipeline.id)", steps: pipeline.processors.compactMap { steps[$0.id]?.forAnotherPipeline() },
        destinations: pipeline.exporters.compactMap { exporters[$0.id]?.destination },
        acknowledgement: pipeline.acknowledgement)
    }
    return pipelines
  }
}
