import Files
package import LogPipeline
package import Options

/// One test of a pipeline: records that go in, and what is to come out (`sluice test`).
package struct PipelineCase: Sendable {
  package var name: String
  package var place: ConfigPlace
  /// The pipeline that the records enter.
  package var pipeline: String
  /// The exporter whose records are looked at; nil for the first of the pipeline.
  package var exporter: String?
  /// The records that go in, as a request in OTLP's JSON.
  package var input: [UInt8]
  /// The records that are to come out, in their order; nil if it does not matter.
  package var expected: [Constant]?
  /// Whether records may have no more than what is expected.
  package var isExact = false
  /// How many records are to be missing from the output; nil if it does not matter.
  package var dropped: Int?
  /// How many records processors are to reject; nil if it does not matter.
  package var rejected: Int?
  /// Header fields or gRPC metadata of the request.
  package var headers: [(name: String, value: String)] = []
  /// What authentication knows of the sender.
  package var auth: [(name: String, value: String)] = []
  /// The sender's IP address.
  package var clientAddress: String
  /// When the request comes in, in nanoseconds since 1970; nil for now.
  package var received: Int?

  /// The cases of one file; problems go to the report.
  package static func read(_ path: String, limits: ConfigLimits = ConfigLimits(), report: ConfigReport)
    -> [PipelineCase]
  {
    do throws(FileReadError) {
      return read(try readFile(path, maxBytes: limits.maxFileBytes), source: path, limits: limits, report: report)
    } catch {
      report.error(at: ConfigPlace(source: path), path: "", "cannot read the file of cases: \(error.reason)")
      return []
    }
  }

  /// The cases of one YAML text.
  package static func read(
    _ yaml: [UInt8], source: String, limits: ConfigLimits = ConfigLimits(), report: ConfigReport
  ) -> [PipelineCase] {
    guard let root = YAMLParser.parse(yaml, source: source, limits: limits, report: report) else { return [] }
    let document = ConfigReader(root, path: "", report: report)
    let pipeline = document.read("pipeline", .nonEmptyString, default: "logs", "The pipeline of cases that name none.")
    let cases = document.sections("cases", "The cases.") { PipelineCase($0, pipeline: pipeline) }
    if cases.isEmpty { document.error(at: "cases", "at least one case is needed") }
    document.finish()
    return cases
  }

  private init(_ options: ConfigReader, pipeline: String) {
    place = options.place
    name = options.required("name", .nonEmptyString, "What the case shows.")
    self.pipeline = options.read("pipeline", .nonEmptyString, default: pipeline, "The pipeline that records enter.")
    exporter = options.optional("exporter", .nonEmptyString, "Whose records are looked at; the first of the pipeline.")
    let records = options.sections("input", "The records that go in.") { CaseRecord($0).fields }
    let otlp = options.constant("otlp", "Instead of input, a request in OTLP's JSON, as text or as YAML.")
    if records.isEmpty == (otlp == nil) { options.error(at: "input", "expected either input or otlp") }
    input = otlp.map { CaseRequest.bytes(of: $0) } ?? CaseRequest.bytes(of: records)
    let outputs = options.sections("expect", "The records that come out.") { CaseRecord($0).fields }
    expected = options.has("expect") ? outputs : nil
    isExact =
      options.read(
        "match", .oneOf(["subset", "exact"]), default: "subset", "Whether records may have more than is expected.")
      == "exact"
    dropped = options.optional("dropped", .int(in: 0...1_000_000), "How many records do not come out.")
    rejected = options.optional("rejected", .int(in: 0...1_000_000), "How many records the sender hears were rejected.")
    if expected == nil && dropped == nil && rejected == nil {
      options.error(at: "expect", "expected expect, dropped or rejected")
    }
    headers = options.map("headers", of: .string, "Header fields or gRPC metadata of the request.")
      .map { ($0.key, $0.value) }
    auth = options.map("auth", of: .string, "What authentication knows of the sender, such as username.")
      .map { ($0.key, $0.value) }
    received = options.optional(
      "received_unix_nano", .int(in: 1...Int.max), "When the request comes in, nanoseconds since 1970; else now.")
    clientAddress = options.read("client_address", .string, default: "127.0.0.1", "The sender's IP address.")
  }
}

/// One record of a case as it is written in YAML.
struct CaseRecord {
  /// The fields that are given, by name.
  private(set) var fields: Constant

  init(_ options: ConfigReader) {
    var members: [Constant.Member] = []
    func add(_ name: String, _ value: Constant?) {
      if let value { members.append(.init(name, value)) }
    }
    add("resource", options.constantMap("resource", "Attributes of the resource."))
    let scope = options.optionalSection("scope", "The instrumentation scope.") { Self.scope($0) }
    add("scope", scope)
    for (name, doc) in [
      ("severity", "The severity's text."), ("event_name", "The event's name."),
      ("trace_id", "32 hexadecimal digits."), ("span_id", "16 hexadecimal digits."),
    ] {
      add(name, options.optional(name, .string, doc).map { .string($0) })
    }
    for (name, doc) in [
      ("severity_number", "1 to 24."), ("time_unix_nano", "Nanoseconds since 1970."),
      ("observed_time_unix_nano", "Nanoseconds since 1970."), ("flags", "Flags of the trace."),
    ] {
      add(name, options.optional(name, .int(in: 0...Int.max), doc).map { .int(Int64($0)) })
    }
    add("body", options.constant("body", "The body, of any kind."))
    add("attributes", options.constantMap("attributes", "Attributes of the record; null expects that there is none."))
    fields = .map(members)
  }

  private static func scope(_ options: ConfigReader) -> Constant {
    var members: [Constant.Member] = []
    for (name, doc) in [("name", "The scope's name."), ("version", "The scope's version.")] {
      if let text = options.optional(name, .string, doc) { members.append(.init(name, .string(text))) }
    }
    if let attributes = options.constantMap("attributes", "Attributes of the scope.") {
      members.append(.init("attributes", attributes))
    }
    return .map(members)
  }
}

extension ConfigReader {
  /// A map of free keys and values of any kind.
  fileprivate func constantMap(_ key: String, _ doc: String) -> Constant? {
    guard let constant = constant(key, doc) else { return nil }
    if case .map = constant { return constant }
    error(at: key, "expected a map")
    return nil
  }
}
