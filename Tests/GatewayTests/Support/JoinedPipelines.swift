/// A configuration with these connectors and pipelines; each exporter is a `nop`.
func joinedConfiguration(_ connectors: String, _ pipelines: String) -> String {
  """
  receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0"}}}}
  exporters: {nop: , nop/2: , nop/3: }
  connectors:
  \(connectors.indented)
  service:
    telemetry: {metrics: {level: none}}
    pipelines:
  \(pipelines.indented.indented)
  """
}

extension String {
  /// The text two columns to the right.
  var indented: String {
    split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)" }.joined(separator: "\n")
  }
}

/// The problems of these connectors and pipelines.
func joinedProblems(_ connectors: String, _ pipelines: String) -> [String] {
  standardProblems(joinedConfiguration(connectors, pipelines))
}
