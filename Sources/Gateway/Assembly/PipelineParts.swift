import LogPipeline
import Options

/// What pipelines are made of: the parts that they share, by id.
struct PipelineParts {
  private let options: [ServiceOptions.Pipeline]
  /// The steps of each pipeline, wherever it stands in the tree of pipelines.
  private let steps: [ComponentID: [PipelineStep]]
  private let tables: [ComponentID: RoutingTable]
  private let exporters: [ComponentID: Exporter]

  init(
    options: [ServiceOptions.Pipeline], steps: [ComponentID: PipelineStep], tables: [ComponentID: RoutingTable],
    exporters: [ComponentID: Exporter]
  ) {
    self.options = options
    self.tables = tables
    self.exporters = exporters
    var ofPipelines: [ComponentID: [PipelineStep]] = [:]
    for pipeline in options {
      ofPipelines[pipeline.id] = pipeline.processors.compactMap { steps[$0.id]?.forAnotherPipeline() }
    }
    self.steps = ofPipelines
  }

  /// Every pipeline by itself.
  var pipelines: [Pipeline] { options.map { pipeline($0) } }

  /// A pipeline with all pipelines behind its connectors, which a check of the configuration has found to end.
  func pipeline(_ options: ServiceOptions.Pipeline) -> Pipeline {
    Pipeline(
      id: "\(options.id)", steps: steps[options.id] ?? [],
      destinations: options.exporters.compactMap { exporters[$0.id]?.destination },
      routers: options.exporters.compactMap { tables[$0.id] }.map { router($0) },
      acknowledgement: options.acknowledgement, acknowledgementTimeout: options.acknowledgementTimeout)
  }

  private func router(_ table: RoutingTable) -> Router {
    let pipelines = table.targets.compactMap { target in options.first { $0.id.description == target } }
    return Router(table, pipelines: pipelines.map { pipeline($0) })
  }
}
