import LogPipeline

/// What pipelines are made of: the parts that they share, by id.
struct PipelineParts {
  let options: [ServiceOptions.Pipeline]
  let steps: [ComponentID: PipelineStep]
  let tables: [ComponentID: RoutingTable]
  let exporters: [ComponentID: RunningExporter]

  /// A pipeline with all pipelines behind its connectors, which a check of the configuration has found to end.
  func pipeline(_ options: ServiceOptions.Pipeline) -> Pipeline {
    Pipeline(
      id: "\(options.id)", steps: options.processors.compactMap { steps[$0.id] },
      destinations: options.exporters.compactMap { exporters[$0.id]?.destination },
      routers: options.exporters.compactMap { tables[$0.id] }.map { router($0) },
      acknowledgement: options.acknowledgement)
  }

  private func router(_ table: RoutingTable) -> Router {
    let pipelines = table.targets.compactMap { target in options.first { $0.id.description == target } }
    return Router(table, pipelines: pipelines.map { pipeline($0) })
  }
}
