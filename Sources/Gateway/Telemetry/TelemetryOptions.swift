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
  /// Who comes for metrics, and how each wants them; empty if the level is `none`.
  package var readers: [PrometheusReader]
  /// Where they come to.
  package var metricsEndpoints: [Endpoint] { readers.map(\.endpoint) }
  /// How many tenants and services have metrics of their own.
  package var usage: UsageTables.Sizes
  /// Where the configuration speaks of metrics.
  package var metricsPlace: ConfigPlace
  /// Where the gateway sends its metrics, and its log.
  package var metricsPushes: [MetricsPush]
  package var logsPushes: [LogsPush]
  /// Attributes that every metric of the gateway carries.
  package var resource: [(key: String, value: String)]

  /// Where metrics are served unless the configuration says otherwise.
  package static let defaultMetricsEndpoint = Endpoint(host: "", port: 8888)

  /// Reads the section.
  package init(_ options: ConfigReader) {
    (logLevel, logEncoding, logsPushes) = options.section("logs", "The gateway's own log.") { Self.logs($0) }
    ((metricsLevel, readers, metricsPushes), usage) = options.section("metrics", "The gateway's own metrics.") {
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

  private static func logs(_ options: ConfigReader) -> (LogLevel, LogEncoding, [LogsPush]) {
    let level = options.read(
      "level", .choice(LogLevel.info, inAnyCase: true), default: .info,
      "The least severe level that is written.")
    let encoding = options.read("encoding", .choice(LogEncoding.console), default: .console, "The form of a log line.")
    options.ignored("output_paths", "error_output_paths", because: "the gateway logs to standard error")
    options.ignored(
      "development", "disable_caller", "disable_stacktrace", "sampling", "initial_fields", "disable_zap_resource",
      because: "the gateway has no such log setting")
    let pushes = options.sections("processors", "How the log is sent, beside being written.") { processor in
      let push = processor.optionalSection("batch", "Lines are sent together.") { LogsPush($0) }
      processor.ignored("simple", because: "lines are sent by batch only")
      return push.flatMap { $0 }
    }
    return (level, encoding, pushes.compactMap { $0 })
  }

  private static func metrics(_ options: ConfigReader) -> (MetricsLevel, [PrometheusReader], [MetricsPush]) {
    let level = options.read(
      "level", .choice(MetricsLevel.normal, inAnyCase: true), default: .normal,
      "How many metrics are kept: detailed has those of requests on the wire too, none switches all off.")
    let address = options.optional(
      "address", .endpoint(defaultPort: 8888), "Where Prometheus reads metrics; older form of readers.")
    let readers = options.sections("readers", "How metrics leave the gateway.") { Self.reader($0) }
    options.ignored("views", because: "the gateway's metrics are fixed")
    if address != nil && !readers.isEmpty {
      options.error(at: "address", "cannot be given together with readers")
    }
    if level == .none { return (level, [], []) }
    let given = readers.compactMap(\.pull)
    let pulls = given.isEmpty ? [PrometheusReader(at: address ?? defaultMetricsEndpoint)] : given
    return (level, pulls, readers.compactMap(\.push))
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

  /// One item of `readers`: `{pull: {exporter: {prometheus: {host, port}}}}`, or
  /// `{periodic: {exporter: {otlp: {endpoint}}}}`.
  private static func reader(_ options: ConfigReader) -> (pull: PrometheusReader?, push: MetricsPush?) {
    let push = options.optionalSection("periodic", "Metrics that are sent.") { MetricsPush($0) }
    let reader = options.optionalSection("pull", "Metrics that are read over HTTP.") { pull in
      pull.section("exporter", "The form in which they are read.") { exporter in
        exporter.section("prometheus", "Prometheus text, or OpenMetrics.") { PrometheusReader($0) }
      }
    }
    if reader == nil && !options.has("periodic") {
      options.report.error(at: options.place, path: options.path, "expected \"pull\" or \"periodic\"")
    }
    return (reader, push.flatMap { $0 })
  }
}

extension PrometheusReader {
  /// Reads `readers[].pull.exporter.prometheus`.
  fileprivate init(_ options: ConfigReader) {
    let usual = TelemetryOptions.defaultMetricsEndpoint
    self.init(
      at: Endpoint(
        host: options.read("host", .host, default: usual.host, "Address to listen on; empty for all."),
        port: options.read("port", .port, default: usual.port, "Port to listen on.")))
    withoutTypeSuffix = options.read(
      "without_type_suffix", .bool, default: false, "Whether the names of counters do without _total.")
    withoutUnits = options.read(
      "without_units", .bool, default: false, "Whether names do without the unit that they have in the Collector.")
    withoutScopeInfo = options.read(
      "without_scope_info", .bool, default: false, "Whether samples do without the labels otel_scope_name and the like."
    )
    constantLabels = options.optionalSection(
      "with_resource_constant_labels",
      "Which attributes of the gateway's resource are labels of each sample, instead of those of telemetry.resource."
    ) { section in
      AttributeChoice(
        included: section.list(
          "included", of: .string,
          "Attributes that are labels, all if none is named; * at the end stands for any end."),
        excluded: section.list("excluded", of: .string, "Attributes that are not."))
    }
    options.ignored(
      "translation_strategy", because: "without_type_suffix and without_units say how names are written")
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
