package import LogPipeline
package import Options

/// The `service.telemetry` section: the gateway's own logs and metrics.
package struct TelemetryOptions: Sendable {
  /// How severe a line of the gateway's log is.
  package enum LogLevel: String, Sendable, CaseIterable { case debug, info, warn, error }
  /// The form of a line of the gateway's log.
  package enum LogEncoding: String, Sendable, CaseIterable { case console, json }
  /// How many metrics are kept.
  package enum MetricsLevel: String, Sendable, CaseIterable { case none, basic, normal, detailed }

  /// The least severe level that is written.
  package var logLevel: LogLevel
  /// The form of a log line.
  package var logEncoding: LogEncoding
  /// How many metrics are kept; `none` switches them off.
  package var metricsLevel: MetricsLevel
  /// Where Prometheus reads metrics; empty if the level is `none`.
  package var metricsEndpoints: [Endpoint]
  /// How many tenants and services have metrics of their own.
  package var usage: UsageTables.Sizes
  /// Where the configuration speaks of metrics.
  package var metricsPlace: ConfigPlace
  /// Attributes that every metric of the gateway carries.
  package var resource: [(key: String, value: String)]

  /// Where metrics are served unless the configuration says otherwise.
  package static let defaultMetricsEndpoint = Endpoint(host: "", port: 8888)

  /// Reads the section.
  package init(_ options: ConfigReader) {
    (logLevel, logEncoding) = options.section("logs", "The gateway's own log.") { Self.logs($0) }
    ((metricsLevel, metricsEndpoints), usage) = options.section("metrics", "The gateway's own metrics.") {
      (Self.metrics($0), Self.usage($0))
    }
    if metricsLevel == .none { usage = UsageTables.Sizes(tenants: 0, services: 0) }
    metricsPlace = options.place(of: "metrics")
    resource = Self.resource(options)
    options.ignored("traces", because: "the gateway does not trace itself")
  }

  /// Reads `resource`: a map of attributes, or a section with them under `attributes`.
  private static func resource(_ options: ConfigReader) -> [(key: String, value: String)] {
    let doc = "Attributes that describe this gateway; also as a section with attributes."
    guard let attributes = options.entry("resource")?.value["attributes"], attributes.isCollection else {
      return options.map("resource", of: .string, doc)
    }
    return options.section("resource", doc) { section in
      section.ignored(
        "schema_url", "detectors", "detection/development", because: "only attributes that are given are known")
      return section.map("attributes", of: .string, "Attributes that describe this gateway.")
    }
  }

  private static func logs(_ options: ConfigReader) -> (LogLevel, LogEncoding) {
    let level = options.read(
      "level", .choice(LogLevel.info, inAnyCase: true), default: .info,
      "The least severe level that is written.")
    let encoding = options.read("encoding", .choice(LogEncoding.console), default: .console, "The form of a log line.")
    options.ignored("output_paths", "error_output_paths", because: "the gateway logs to standard error")
    options.ignored(
      "development", "disable_caller", "disable_stacktrace", "sampling", "initial_fields", "processors",
      because: "the gateway has no such log setting")
    return (level, encoding)
  }

  private static func metrics(_ options: ConfigReader) -> (MetricsLevel, [Endpoint]) {
    let level = options.read(
      "level", .choice(MetricsLevel.normal, inAnyCase: true), default: .normal,
      "How many metrics are kept; none switches them off.")
    let address = options.optional(
      "address", .endpoint(defaultPort: 8888), "Where Prometheus reads metrics; older form of readers.")
    let readers = options.sections("readers", "How metrics leave the gateway.") { readerEndpoint($0) }
    options.ignored("views", because: "the gateway's metrics are fixed")
    if address != nil && !readers.isEmpty {
      options.error(at: "address", "cannot be given together with readers")
    }
    if level == .none { return (level, []) }
    let endpoints = readers.compactMap { $0 }
    return (level, endpoints.isEmpty ? [address ?? defaultMetricsEndpoint] : endpoints)
  }

  private static func usage(_ options: ConfigReader) -> UsageTables.Sizes {
    let sizes = 0...UsageTables.maxNames
    return UsageTables.Sizes(
      tenants: options.read(
        "top_tenants", .int(in: sizes), default: 50,
        "Tenants with metrics of their own, those that send most; 0 for no metrics of tenants. Not in the Collector."),
      services: options.read(
        "top_services", .int(in: sizes), default: 50,
        "Services with metrics of their own, those that send most; 0 for no metrics of services. Not in the Collector.")
    )
  }

  /// One item of `readers`: `{pull: {exporter: {prometheus: {host, port}}}}`.
  private static func readerEndpoint(_ options: ConfigReader) -> Endpoint? {
    options.ignored("periodic", because: "metrics are only served for Prometheus to pull")
    let endpoint = options.optionalSection("pull", "Metrics that are read over HTTP.") { pull in
      pull.section("exporter", "The form in which they are read.") { exporter in
        exporter.section("prometheus", "Prometheus text.") { prometheusEndpoint($0) }
      }
    }
    if endpoint == nil && !options.has("periodic") {
      options.report.error(at: options.place, path: options.path, "expected \"pull\"")
    }
    return endpoint
  }

  private static func prometheusEndpoint(_ options: ConfigReader) -> Endpoint {
    let endpoint = Endpoint(
      host: options.read("host", .host, default: defaultMetricsEndpoint.host, "Address to listen on; empty for all."),
      port: options.read("port", .port, default: defaultMetricsEndpoint.port, "Port to listen on."))
    options.ignored(
      "without_scope_info", "without_units", "without_type_suffix", "with_resource_constant_labels",
      "translation_strategy", because: "the gateway's metric names are fixed")
    return endpoint
  }
}

extension ConfigNode {
  fileprivate var isCollection: Bool {
    switch content {
    case .list, .map: true
    case .null, .scalar, .invalid: false
    }
  }
}
