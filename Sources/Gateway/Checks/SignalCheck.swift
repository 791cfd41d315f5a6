import Options

/// Checks that what pipelines name takes their signal.
struct SignalCheck {
  private let components: DefinedComponents
  private let service: ServiceOptions
  private let report: ConfigReport

  init(_ components: DefinedComponents, service: ServiceOptions, report: ConfigReport) {
    self.components = components
    self.service = service
    self.report = report
  }

  func run() {
    for pipeline in service.pipelines {
      check(pipeline.receivers, at: "receivers", of: pipeline) { connectorProblem(of: $0, in: pipeline.signal) }
      check(pipeline.processors, at: "processors", of: pipeline) { id in
        let processor = components.processors.first { $0.id == id }
        return pipeline.signal == .logs ? nil : processor?.options.problem(in: pipeline.signal)
      }
      check(pipeline.exporters, at: "exporters", of: pipeline) { id in
        let exporter = components.exporters.first { $0.id == id }
        return connectorProblem(of: id, in: pipeline.signal) ?? exporter?.options.problem(in: pipeline.signal)
      }
    }
  }

  private func connectorProblem(of id: ComponentID, in signal: Signal) -> String? {
    signal != .logs && components.connectors.contains { $0.id == id } ? "is a connector, which are for logs only" : nil
  }

  private func check(
    _ references: [ServiceOptions.Reference], at key: String, of pipeline: ServiceOptions.Pipeline,
    problem: (ComponentID) -> String?
  ) {
    for (position, reference) in references.enumerated() {
      guard let problem = problem(reference.id) else { continue }
      let wayOut = pipeline.signal == .logs ? "" : "; --signals logs runs the pipelines of logs alone"
      report.error(
        at: reference.place, path: "service.pipelines.\(pipeline.id).\(key)[\(position)]",
        "\"\(reference.id)\" \(problem)\(wayOut)")
    }
  }
}
