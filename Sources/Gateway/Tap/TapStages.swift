import LogPipeline

/// The stages of a pipeline at which records can be looked at, and which of them have what redaction would take.
struct TapStages {
  let pipeline: Pipeline

  /// All, in the order in which records pass them.
  var all: [TapStage] {
    let processors = pipeline.steps.map(\.processor.id)
    return [.received] + processors.flatMap { [.around($0), .after($0)] }
      + (pipeline.destinations.map(\.id) + pipeline.routers.map(\.table.id)).map { .to($0) }
  }

  /// Whether a redaction processor has still to see the records: of this pipeline, or of one behind a connector.
  func isBeforeRedaction(_ stage: TapStage) -> Bool {
    let steps = pipeline.steps
    let next =
      switch stage {
      case .received: 0
      case .around(let id): steps.firstIndex { $0.processor.id == id } ?? 0
      case .after(let id): steps.firstIndex { $0.processor.id == id }.map { $0 + 1 } ?? 0
      case .to: steps.count
      }
    return steps[next...].contains { $0.redacts } || pipeline.routers.contains { $0.redacts }
  }
}

extension PipelineStep {
  fileprivate var redacts: Bool { processor is RedactionProcessor }
}

extension Router {
  fileprivate var redacts: Bool {
    pipelines.contains { pipeline in
      pipeline.steps.contains { $0.redacts } || pipeline.routers.contains { $0.redacts }
    }
  }
}
