import Gateway
import LogPipeline
import Options
import Testing

/// A valid configuration around the options of one exporter `type`, which start on line 4 in column 5.
func withExporter(_ type: String, _ options: String) -> String {
  let indented = options.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)\n" }.joined()
  return """
    receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0"}}}}
    exporters:
      \(type):
    \(indented)service:
      telemetry: {metrics: {level: none}}
      pipelines: {logs: {receivers: [otlp], exporters: [\(type)]}}
    """
}

/// Loads one text named `f.yaml` with the components that sluice has.
func loadStandard(_ yaml: String) throws(ConfigurationError) -> Configuration {
  try Configuration.load([.text(yaml, name: "f.yaml")], registry: .standard) { _ in nil }
}

/// The errors of one text named `f.yaml`, or without any its warnings, as they are shown.
func standardProblems(_ yaml: String) -> [String] {
  do throws(ConfigurationError) {
    return try loadStandard(yaml).warnings.map(\.description)
  } catch {
    return error.problems.map(\.description)
  }
}

/// The errors, or without any the warnings, of one exporter's options; not that no receiver of the rest knows tenants.
func problems(_ type: String, _ options: String) -> [String] {
  standardProblems(withExporter(type, options)).filter { !$0.hasSuffix("no receiver has tenants") }
}

/// What the options of an exporter are read as, and the paths of those that were left at their defaults.
func component<T: ExporterOptions>(_ type: String, _ options: String, as: T.Type = T.self) throws -> (T, [String]) {
  let configuration = try loadStandard(withExporter(type, options))
  let exporter = try #require(configuration.exporters.first)
  let exporters = try #require(configuration.records.first { $0.key == "exporters" })
  return (try #require(exporter.options as? T), notGiven(exporters.value.sections.first?.value ?? .absent))
}

/// The dotted paths of the options within a section that its YAML does not give.
private func notGiven(_ value: OptionValue, _ path: String = "") -> [String] {
  value.sections.flatMap { record in
    let path = path.isEmpty ? record.key : "\(path).\(record.key)"
    return record.isGiven ? notGiven(record.value, path) : [path]
  }
}

extension OptionValue {
  fileprivate var sections: [OptionRecord] {
    if case .section(let records) = self { records } else { [] }
  }
}

typealias ElasticsearchExporterOptions = HTTPExporterOptions<ElasticsearchOptions>
typealias VictoriaLogsExporterOptions = HTTPExporterOptions<VictoriaLogsOptions>
