import Access
import LogPipeline
import Options

/// What pipelines are made of: the parts that they share, by id.
struct PipelineParts {
  private let options: [ServiceOptions.Pipeline]
  /// The steps of each pipeline, wherever it stands in the tree of pipelines, with what they are made of.
  private let steps: [ComponentID: [(id: ComponentID, content: ComponentContent?, step: PipelineStep)]]
  private let tables: [ComponentID: RoutingTable]
  private let exporters: [ComponentID: Exporter]
  /// Where somebody can look at the records of each pipeline.
  private let tapPoints: [ComponentID: TapPoint]

  init(
    options: [ServiceOptions.Pipeline], steps: [ComponentID: UsedStep], tables: [ComponentID: RoutingTable],
    exporters: [ComponentID: Exporter], keepingStepsOf old: PipelineParts? = nil
  ) {
    self.options = options
    self.tables = tables
    self.exporters = exporters
    var ofPipelines: [ComponentID: [(id: ComponentID, content: ComponentContent?, step: PipelineStep)]] = [:]
    for pipeline in options {
      ofPipelines[pipeline.id] = pipeline.processors.compactMap { named in
        guard let used = steps[named.id] else { return nil }
        let kept = old?.steps[pipeline.id]?.first { $0.id == named.id && $0.content == used.content }
        return (named.id, used.content, kept?.step ?? used.step.forAnotherPipeline())
      }
    }
    self.steps = ofPipelines
    tapPoints = Dictionary(options.map { ($0.id, TapPoint()) }) { first, _ in first }
  }

  /// Every pipeline by itself.
  var pipelines: [Pipeline] { options.map { pipeline($0) } }

  /// A pipeline with all pipelines behind its connectors, which a check of the configuration has found to end.
  func pipeline(_ options: ServiceOptions.Pipeline) -> Pipeline {
    Pipeline(
      id: "\(options.id)", signal: options.signal, steps: steps[options.id]?.map(\.step) ?? [],
      destinations: options.exporters.compactMap { exporters[$0.id]?.destination },
      routers: options.exporters.compactMap { tables[$0.id] }.map { router($0) },
      acknowledgement: options.acknowledgement, acknowledgementTimeout: options.acknowledgementTimeout,
      tapPoint: tapPoints[options.id] ?? TapPoint())
  }

  private func router(_ table: RoutingTable) -> Router {
    let pipelines = table.targets.compactMap { target in options.first { $0.id.description == target } }
    return Router(table, pipelines: pipelines.map { pipeline($0) })
  }
}

/// An authenticator that is started, with what its section says.
struct UsedAuthenticator {
  let content: ComponentContent
  let authenticator: any Authenticator
}

/// The tenants of an extension that is started, with what its section says.
struct UsedTenants {
  let content: ComponentContent
  let tenants: Tenants
}

/// A processor that pipelines use, with what its section says.
struct UsedStep {
  let content: ComponentContent
  let step: PipelineStep
}

/// The table of a connector that pipelines use, with what its section says and the pipelines it feeds.
struct UsedTable {
  let content: ComponentContent
  let receivers: [ComponentID]
  let table: RoutingTable
}
