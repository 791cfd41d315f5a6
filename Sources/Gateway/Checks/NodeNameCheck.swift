import LogPipeline
import Options

/// Checks that the environment names the node whose pods `k8s_attributes` is to watch, where it is to name it.
struct NodeNameCheck {
  private let configuration: Configuration
  private let environment: ConfigSubstitution.Environment
  private let report: ConfigReport

  init(
    _ configuration: Configuration, environment: @escaping ConfigSubstitution.Environment, report: ConfigReport
  ) {
    self.configuration = configuration
    self.environment = environment
    self.report = report
  }

  func run() {
    let used = Set(configuration.service.pipelines.flatMap { $0.processors.map(\.id) })
    for processor in configuration.processors where used.contains(processor.id) {
      guard let options = processor.options as? KubernetesAttributesOptions, !options.isPassthrough else { continue }
      do {
        _ = try options.filter.node(in: environment)
      } catch {
        report.error(
          at: processor.place, path: "processors.\(processor.id).filter.node_from_env_var", "\(error)")
      }
    }
  }
}
