import LogPipeline
import Logging
import NIOCore
import OTLPReceiver

/// A configuration turned into parts that can run; nothing listens or sends yet.
struct Assembly: Sendable {
  let exporters: [RunningExporter]
  let receivers: [RunningReceiver]
  /// The processors that pipelines use, in the order of the file.
  let processors: [any Processor]
  let health: HealthState

  /// Makes what the pipelines use; components that no pipeline names are left out.
  init(_ configuration: Configuration, group: any EventLoopGroup, logger: Logger) throws {
    let health = HealthState()
    let exporters = try Self.exporters(configuration, group, logger)
    let processors = Self.processors(configuration)
    let pipelines = Self.pipelines(configuration, processors, exporters)
    let refusals = RefusalLog(logger: logger)
    receivers = try configuration.receivers.compactMap { component in
      let fed = configuration.service.pipelines.filter { $0.receivers.contains { $0.id == component.id } }
      guard !fed.isEmpty, let options = component.options as? OTLPReceiverOptions else { return nil }
      return try RunningReceiver(
        id: "\(component.id)", options: options, pipelines: fed.compactMap { pipelines[$0.id] }, health: health,
        refusals: refusals)
    }
    self.processors = configuration.processors.compactMap { processors[$0.id] }
    self.exporters = exporters.values.sorted { $0.id < $1.id }
    self.health = health
  }

  private static func exporters(_ configuration: Configuration, _ group: any EventLoopGroup, _ logger: Logger) throws
    -> [ComponentID: RunningExporter]
  {
    let used = Set(configuration.service.pipelines.flatMap { $0.exporters.map(\.id) })
    var exporters: [ComponentID: RunningExporter] = [:]
    for component in configuration.exporters where used.contains(component.id) {
      guard let options = component.options as? any ExporterComponent else { continue }
      exporters[component.id] = try RunningExporter(
        id: "\(component.id)", component: options, group: group, logger: logger)
    }
    return exporters
  }

  /// One processor for each that is used, shared by the pipelines that name it.
  private static func processors(_ configuration: Configuration) -> [ComponentID: any Processor] {
    let used = Set(configuration.service.pipelines.flatMap { $0.processors.map(\.id) })
    var processors: [ComponentID: any Processor] = [:]
    for component in configuration.processors where used.contains(component.id) {
      guard let options = component.options as? any ProcessorComponent else { continue }
      processors[component.id] = options.makeProcessor(id: "\(component.id)")
    }
    return processors
  }

  private static func pipelines(
    _ configuration: Configuration, _ processors: [ComponentID: any Processor],
    _ exporters: [ComponentID: RunningExporter]
  ) -> [ComponentID: Pipeline] {
    var pipelines: [ComponentID: Pipeline] = [:]
    for pipeline in configuration.service.pipelines {
      pipelines[pipeline.id] = Pipeline(
        id: "\(pipeline.id)", processors: pipeline.processors.compactMap { processors[$0.id] },
        destinations: pipeline.exporters.compactMap { exporters[$0.id]?.destination })
    }
    return pipelines
  }
}
