package import Options

extension ElasticsearchOptions: HTTPDialectOptions {
  package static let doc = "Elasticsearch, by _bulk."

  package static var http: HTTPExporterDefaults {
    var http = HTTPExporterDefaults(
      endpointDoc: "The address of the cluster, if it has one.",
      endpointsDoc: "The addresses of its nodes, used in turn.")
    http.appendedPaths = ["/_bulk"]
    http.timeout = .seconds(90)
    http.algorithms = .elasticsearchCompression
    http.hasAPIKey = true
    return http
  }

  package var frameFormat: String { "elasticsearch bulk" }

  package func makeDialect() throws -> any Dialect { try ElasticsearchDialect(self) }

  package static func replayDialect(_ format: BodyFormat) -> (any Dialect)? {
    format == .bulk ? try? ElasticsearchDialect(ElasticsearchOptions()) : nil
  }

  /// Reads how records become documents, under the Collector's names.
  package init(_ options: ConfigReader) {
    self.init()
    options.section("mapping", "The shape of documents.") { mapping in
      self.mappingMode = mapping.read("mode", .choice(MappingMode.otel), default: .otel, "The mapping mode.")
      self.conflicts = mapping.read(
        "conflicts", .choice(Conflicts.keep), default: .keep,
        "Arrays that no mapping takes: as they are, or as JSON text. Not in the Collector.")
      mapping.ignored(
        "allowed_modes", "dedot", "dedup", "fields", "file", because: "the mode alone decides the shape of documents")
    }
    logsIndex = options.read(
      "logs_index", .string, default: logsIndex,
      "A fixed index or data stream, {tenant} for the tenant's name; empty routes by attributes.")
    logsDynamicIndexEnabled = enabled(options, "logs_dynamic_index", "Whether attributes win over logs_index.")
    readDocumentID(options)
    logsDynamicPipelineEnabled = enabled(
      options, "logs_dynamic_pipeline", "Whether attributes name the ingest pipeline.")
    pipeline = options.read("pipeline", .string, default: pipeline, "The ingest pipeline of all records.")
    includeSourceOnError = options.optional(
      "include_source_on_error", .bool, "Whether errors quote the document; Elasticsearch 8.18 or later.")
    requireDataStream = options.optional(
      "require_data_stream", .bool, "Whether targets must be data streams; by default for routed otel and ecs records.")
    bulkResponseFilterPath = options.read(
      "bulk_response_filter_path", .string, default: bulkResponseFilterPath, "What of the answer is asked for.")
    options.section("data_stream", "Where records go that do not say it; not in the Collector.") { stream in
      self.dataset = stream.read("dataset", .nonEmptyString, default: self.dataset, "The default dataset.")
      self.namespace = stream.read(
        "namespace", .nonEmptyString, default: self.namespace,
        "The default namespace; with {tenant} for the tenant's name, that of all records.")
    }
    checkTenants(options)
    readFieldLimits(options)
    options.section("logstash_format", "An index name that ends in today's date.") { self.readLogstash($0) }
    do throws(ElasticsearchOptionError) { _ = try ElasticsearchDialect(self) } catch {
      options.error(at: "logstash_format", error.message)
    }
    Self.passOver(options)
  }

  package var needsTenants: Bool { TenantPattern(logsIndex).namesTenant || TenantPattern(namespace).namesTenant }

  /// Reports what would take records to another place than their tenant's.
  private func checkTenants(_ options: ConfigReader) {
    let place = "{tenant}"
    let (index, namespace) = (TenantPattern(logsIndex), TenantPattern(self.namespace))
    if TenantPattern(dataset).namesTenant {
      options.error(at: "data_stream", "\(place) can stand in logs_index and data_stream.namespace, not in the dataset")
    }
    if namespace.namesTenant, !logsIndex.isEmpty {
      options.error(at: "logs_index", "is in the way of \(place) in data_stream.namespace: give one of them")
    }
    if index.beginsWithTenant {
      options.error(at: "logs_index", "\(place) cannot come first, as an index cannot begin with what a name may")
    }
    if index.namesTenant, logsDynamicIndexEnabled {
      options.error(at: "logs_dynamic_index", "lets senders choose another index than that of their tenant")
    }
    for (key, pattern) in [("logs_index", index), ("data_stream", namespace)] where pattern.namesTenant {
      if pattern.textBytes > TenantPattern.maxTextBytes {
        options.error(
          at: key, "\(pattern.textBytes) bytes around \(place): the limit is \(TenantPattern.maxTextBytes)")
      }
      if logsDynamicPipelineEnabled {
        options.warning(
          at: "logs_dynamic_pipeline", "lets senders name a pipeline; one that reroutes takes records to other tenants")
      }
    }
  }

  /// Options of the Collector that have no effect here, or would be missed.
  private static func passOver(_ options: ConfigReader) {
    options.unsupported("cloudid", because: "give the cluster's address in endpoint")
    options.ignored("num_workers", "flush", because: "sending_queue says how bodies are batched and sent")
    options.ignored("retry", because: "retry_on_failure says when records are sent again")
    options.ignored("discover", because: "the nodes are those in endpoints")
    options.ignored("telemetry", because: "the gateway's log never holds records")
    options.ignored("metadata_keys", because: "batches do not depend on request metadata")
    options.ignored(
      "metrics_index", "traces_index", "metrics_dynamic_index", "traces_dynamic_index", "traces_dynamic_id",
      because: "this gateway handles logs only")
  }

  private mutating func readDocumentID(_ options: ConfigReader) {
    let isDynamic = enabled(options, "logs_dynamic_id", "Whether attributes give the document's id.")
    documentID = options.read(
      "document_id", .choice(DocumentIDSource.none), default: isDynamic ? .attribute : .none,
      "Where _id comes from; request lets Elasticsearch tell records that are sent again. Not in the Collector.")
    if isDynamic && documentID != .attribute {
      options.report.error(
        at: options.place, path: options.path,
        "document_id: \(documentID.rawValue) contradicts logs_dynamic_id::enabled, which means attribute")
    }
  }

  private mutating func readFieldLimits(_ options: ConfigReader) {
    maxFieldNameBytes = options.read(
      "max_field_name", .byteSize(in: 1...32_766), default: maxFieldNameBytes,
      "The longest flattened field name in ecs, none and raw mode. Not in the Collector.")
    maxFieldNamesBytes = options.read(
      "max_field_names", .byteSize(in: 1...(64 << 20)), default: maxFieldNamesBytes,
      "All flattened field names of a record, of its scope and of its resource, each. Not in the Collector.")
  }

  private mutating func readLogstash(_ options: ConfigReader) {
    logstashFormat.enabled = options.read("enabled", .bool, default: false, "Whether the date is appended.")
    logstashFormat.prefixSeparator = options.read(
      "prefix_separator", .string, default: logstashFormat.prefixSeparator, "Stands between index and date.")
    logstashFormat.dateFormat = options.read(
      "date_format", .nonEmptyString, default: logstashFormat.dateFormat, "The date, in strftime conversions.")
  }

  private func enabled(_ options: ConfigReader, _ key: String, _ doc: String) -> Bool {
    options.section(key, doc) { $0.read("enabled", .bool, default: false, "Whether it is so.") }
  }
}

extension OptionType where Value == String {
  /// How bodies for Elasticsearch may be compressed: one of zstd it takes for broken JSON and rejects with every
  /// record.
  fileprivate static var elasticsearchCompression: OptionType {
    var type = OptionType.oneOf(["none", "gzip"])
    let parse = type.parse
    type.parse = { (text) throws(OptionMismatch) in
      guard text == "zstd" else { return try parse(text) }
      throw OptionMismatch("none or gzip, because Elasticsearch answers 400 to zstd", suggestion: "gzip")
    }
    return type
  }
}
