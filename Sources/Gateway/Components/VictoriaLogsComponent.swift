package import LogExport
package import LogPipeline
package import NIOCore

/// `exporters.victorialogs`.
package struct VictoriaLogsComponent: ExporterComponent {
  package let delivery: DeliveryOptions
  package var frameFormat: String { "victorialogs \(dialect.ingestProtocol.rawValue)" }
  let dialect: VictoriaLogsOptions
  let sender: HTTPSenderOptions

  package init(_ options: ConfigReader) {
    let endpoint = options.optional("endpoint", .url, "The address of VictoriaLogs.")
    var endpoints = options.list("endpoints", of: .url, "The addresses of several, used in turn.")
    if let endpoint { endpoints.insert(endpoint, at: 0) }
    options.requireOne(of: "endpoint", "endpoints")
    dialect = VictoriaLogsOptions(options)
    delivery = DeliveryOptions(options, timeout: .seconds(90))
    if delivery.loop.requestTimeout <= VictoriaLogsOptions.longestWait {
      options.warning(
        at: "timeout", "a busy VictoriaLogs takes 60s to say so; a shorter timeout sends records again that it may keep"
      )
    }
    let authorization = readAuthorization(options, apiKey: false)
    var sender = HTTPSenderOptions(options, endpoints: endpoints, compression: .zstd(level: 1))
    sender.authorization = authorization
    self.sender = sender
  }

  package var compression: Compression { sender.compression }

  package func makeDialect() throws -> any Dialect { VictoriaLogsDialect(dialect) }

  package func makeSender(id: String, group: any EventLoopGroup) throws -> any Sender {
    try HTTPSender(sender, group: group)
  }
}

extension VictoriaLogsOptions {
  /// Reads how records become rows.
  init(_ options: ConfigReader) {
    self.init()
    ingestProtocol = options.read(
      "protocol", .choice(IngestProtocol.jsonline), default: .jsonline, "The ingestion path that is used.")
    streamFields = options.list(
      "stream_fields", of: .nonEmptyString, default: streamFields, "The fields that name a record's stream.")
    messageFields = options.list(
      "msg_field", of: .nonEmptyString, default: messageFields, "The fields that may hold the message, first wins.")
    timeField = options.read("time_field", .nonEmptyString, default: timeField, "The field that holds the time.")
    tenant = options.optionalSection("tenant", "The tenant; without it 0:0.") { tenant in
      let ids = 0...Int(UInt32.max)
      let account = tenant.read("account_id", .int(in: ids), default: 0, "AccountID.")
      let project = tenant.read("project_id", .int(in: ids), default: 0, "ProjectID.")
      return Tenant(accountID: UInt32(clamping: account), projectID: UInt32(clamping: project))
    }
    extraFields = options.map("extra_fields", of: .string, "Fields that the server adds to every record.")
      .map { ExtraField($0.key, $0.value) }
    ignoreFields = options.list(
      "ignore_fields", of: .nonEmptyString, "Fields that the server leaves out; prefix* for all that start so.")
    decolorizeFields = options.list(
      "decolorize_fields", of: .nonEmptyString, "Fields that the server takes terminal colours out of.")
    debug = options.read("debug", .bool, default: false, "Whether the server logs records instead of storing them.")
    resourcePrefix = options.read("resource_prefix", .string, default: "", "Stands before resource attributes' keys.")
    attributePrefix = options.read("attribute_prefix", .string, default: "", "Stands before record attributes' keys.")
    options.section("limits", "What the server would drop without a word; such records are counted instead.") {
      self.readLimits($0)
    }
  }

  private mutating func readLimits(_ options: ConfigReader) {
    maxLineBytes = options.read(
      "max_line_size", .byteSize(in: 1...(2 << 20)), default: maxLineBytes, "The server's -insert.maxLineSizeBytes.")
    maxFields = options.read(
      "max_fields", .int(in: 1...2000), default: maxFields, "The server's -insert.maxFieldsPerLine.")
    maxFieldNameBytes = options.read(
      "max_field_name_bytes", .int(in: 1...128), default: maxFieldNameBytes, "The longest field name.")
    maxAge = options.optional("max_age", .duration(), "The server's retention; older records are not sent.")
    maxFuture = options.read(
      "max_future", .duration(), default: maxFuture, "Records further in the future are not sent.")
  }
}
