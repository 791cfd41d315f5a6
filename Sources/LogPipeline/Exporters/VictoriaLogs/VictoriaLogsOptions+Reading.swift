package import Options

extension OptionType where Value == String {
  /// Text that can stand in one of the server's lists.
  fileprivate static var listItem: OptionType {
    OptionType(
      name: "string", placeholder: "",
      parse: { (text) throws(OptionMismatch) in
        if text.isEmpty || text.contains(",") { throw OptionMismatch("a text that is not empty and has no \",\"") }
        return text
      }, show: { .text($0) })
  }
}

extension VictoriaLogsOptions.Tenant {
  fileprivate init(_ options: ConfigReader) {
    let ids = 0...Int(UInt32.max)
    let account = options.read("account_id", .int(in: ids), default: 0, "AccountID.")
    let project = options.read("project_id", .int(in: ids), default: 0, "ProjectID.")
    self.init(accountID: UInt32(clamping: account), projectID: UInt32(clamping: project))
  }
}

extension VictoriaLogsOptions: HTTPDialectOptions {
  package static let doc = "VictoriaLogs."

  package static var http: HTTPExporterDefaults {
    var http = HTTPExporterDefaults(
      endpointDoc: "The address of VictoriaLogs.", endpointsDoc: "The addresses of several, used in turn.")
    http.appendedPaths = [
      "/insert/elasticsearch/_bulk", "/insert/elasticsearch", "/insert/jsonline", "/insert/opentelemetry/v1/logs",
      "/insert/opentelemetry", "/insert",
    ]
    http.otherPaths = ["/select/vmui", "/select/logsql", "/select", "/vmui"]
    http.insteadOfPath = "protocol says which path is used; give"
    http.timeout = .seconds(90)
    http.compression = "zstd"
    return http
  }

  package var tenantHeaders: [String] { tenants.isEmpty ? [] : ["AccountID", "ProjectID"] }

  package var frameFormat: String { "victorialogs \(ingestProtocol.rawValue)" }

  package func makeDialect() throws -> any Dialect { VictoriaLogsDialect(self) }

  package static func replayDialect(_ format: BodyFormat) -> (any Dialect)? {
    var options = VictoriaLogsOptions()
    switch format {
    case .bulk: options.ingestProtocol = .elasticsearch
    case .jsonline: options.ingestProtocol = .jsonline
    case .otlp: options.ingestProtocol = .otlp
    case .otlpTraces, .otlpMetrics, .text: return nil
    }
    return VictoriaLogsDialect(options)
  }

  package func check(timeout: Duration, of options: ConfigReader) {
    if timeout > Self.longestWait { return }
    options.warning(
      at: "timeout", "a busy VictoriaLogs takes 60s to say so; a shorter timeout sends records again that it may keep")
  }

  /// Reads how records become rows.
  package init(_ options: ConfigReader) {
    self.init()
    ingestProtocol = options.read(
      "protocol", .choice(IngestProtocol.elasticsearch), default: .elasticsearch, "The ingestion path that is used.")
    if ingestProtocol == .jsonline {
      options.warning(
        at: "protocol",
        "a busy VictoriaLogs answers 200 and stores nothing; an answer over elasticsearch counts the records")
    }
    streamFields = options.list(
      "stream_fields", of: .listItem, default: streamFields, "The fields that name a record's stream.")
    messageFields = options.list(
      "msg_field", of: .listItem, default: messageFields, "The fields that may hold the message, first wins.")
    timeField = options.read("time_field", .listItem, default: timeField, "The field that holds the time.")
    tenant = options.optionalSection("tenant", "The tenant of records that tenants does not name; without it 0:0.") {
      Tenant($0)
    }
    tenants = options.namedSections(
      "tenants", maxCount: Self.maxTenants, "The tenant here of each tenant of records, by its name."
    ) { name, place, tenant in
      if name.isEmpty || name.utf8.count > TenantText.maxBytes {
        options.report.error(
          at: place, path: options.path(of: "tenants"),
          "expected a name of 1 to \(TenantText.maxBytes) bytes, found \(name.utf8.count)")
      }
      return ListedTenant(name, Tenant(tenant))
    }
    extraFields = options.map("extra_fields", of: .listItem, "Fields that the server adds to every record.")
      .map { ExtraField($0.key, $0.value) }
    for field in extraFields where field.name.isEmpty || field.name.contains(where: { ",=".contains($0) }) {
      options.error(at: "extra_fields", "expected names without \",\" and \"=\", found \"\(field.name)\"")
    }
    ignoreFields = options.list(
      "ignore_fields", of: .listItem, "Fields that the server leaves out; prefix* for all that start so.")
    decolorizeFields = options.list(
      "decolorize_fields", of: .listItem, "Fields that the server takes terminal colours out of.")
    debug = options.read("debug", .bool, default: false, "Whether the server logs records instead of storing them.")
    resourcePrefix = options.read("resource_prefix", .string, default: "", "Stands before resource attributes' keys.")
    attributePrefix = options.read("attribute_prefix", .string, default: "", "Stands before record attributes' keys.")
    if !resourcePrefix.isEmpty && !options.has("stream_fields") {
      options.warning(
        at: "resource_prefix",
        "no default of stream_fields starts with \"\(resourcePrefix)\": all records are one stream; name its fields")
    }
    flattenDepth = options.read(
      "flatten_depth", .int(in: 0...FlatLayout.maxDepth), default: flattenDepth,
      "Levels of nested maps that become fields; what is deeper is JSON text.")
    options.section("limits", "What the server would drop without a word; such records are counted instead.") {
      self.readLimits($0)
    }
  }

  private mutating func readLimits(_ options: ConfigReader) {
    maxLineBytes = options.read(
      "max_line_size", .byteSize(in: 2...(2 << 20)), default: maxLineBytes,
      "The server's -insert.maxLineSizeBytes, which no line may reach; not for otlp.")
    maxFields = options.read(
      "max_fields", .int(in: 1...2000), default: maxFields, "The server's -insert.maxFieldsPerLine.")
    maxFieldNameBytes = options.read(
      "max_field_name_bytes", .int(in: 1...128), default: maxFieldNameBytes, "The longest field name.")
    maxFieldNames = options.read(
      "max_field_names", .int(in: 100...2000), default: maxFieldNames,
      "Different field names of a stream; beyond, maps are JSON text and attributes share a field.")
    if maxFields + maxFieldNames > Self.maxBlockNames {
      options.warning(
        at: "max_field_names",
        "with max_fields it is \(maxFields + maxFieldNames), more than the \(Self.maxBlockNames) names that the server "
          + "takes: records beyond are lost")
    }
    maxAge = options.read(
      "max_age", .duration(), default: maxAge, "The server's -retentionPeriod; older records are not sent; 0 for all.")
    maxFuture = options.read(
      "max_future", .duration(), default: maxFuture, "Records further in the future are not sent.")
  }
}
