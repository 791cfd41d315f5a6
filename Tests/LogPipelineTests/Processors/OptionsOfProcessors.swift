import Gateway
import LogPipeline
import Options
import Testing

/// The problems of one processor's options, `options` being the YAML below its key on line 3, errors first.
func processorProblems(_ type: String, _ options: String) -> [String] {
  let indented = options.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)\n" }.joined()
  return configurationProblems(
    """
    receivers: {otlp: {protocols: {http: }}}
    processors:
      \(type):
    \(indented)exporters: {nop: }
    service: {pipelines: {logs: {receivers: [otlp], processors: [\(type)], exporters: [nop]}}}
    """)
}

/// The errors of one text named `f.yaml`, or without any its warnings, as they are shown.
func configurationProblems(_ yaml: String) -> [String] {
  do throws(ConfigurationError) {
    let configuration = try Configuration.load([.text(yaml, name: "f.yaml")], registry: .standard) { _ in nil }
    return configuration.warnings.map(\.description)
  } catch {
    return error.problems.map(\.description)
  }
}

/// The processor that these options make.
func madeProcessor(_ type: String, _ options: String) throws -> (any Processor)? {
  let indented = options.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)\n" }.joined()
  let yaml = """
    receivers: {otlp: {protocols: {http: }}}
    processors:
      \(type):
    \(indented)exporters: {nop: }
    service: {pipelines: {logs: {receivers: [otlp], processors: [\(type)], exporters: [nop]}}}
    """
  let configuration = try Configuration.load([.text(yaml, name: "f.yaml")], registry: .standard) { _ in nil }
  return try #require(configuration.processors.first).options.makeProcessor(id: type)
}

/// One request of OTLP/JSON after a processor, as an exporter would see it: keys and texts of the first record.
func attributes(
  after type: String, _ options: String, _ logRecord: String, of request: RequestContext = RequestContext()
) throws -> [String] {
  var request = request
  var batch = LogBatch()
  let json = #"{"resourceLogs":[{"resource":{},"scopeLogs":[{"scope":{"name":"lib"},"logRecords":[\#(logRecord)]}]}]}"#
  try batch.decode(json: Array(json.utf8), limits: DecodeLimits())
  try madeProcessor(type, options)?.process(&batch, of: &request)
  guard let first = batch.records.first else { return ["dropped"] }
  return batch.attributes[first.attributes.indices].map { attribute in
    let key = String(decoding: batch.store[attribute.key.range], as: UTF8.self)
    switch attribute.value.kind {
    case .string: return "\(key)=\"\(String(decoding: batch.store[attribute.value.slice.range], as: UTF8.self))\""
    case .int: return "\(key)=\(attribute.value.intValue)"
    case .double: return "\(key)=\(attribute.value.doubleValue)"
    case .bool: return "\(key)=\(attribute.value.boolValue)"
    default: return "\(key):\(attribute.value.kind)"
    }
  }
}
