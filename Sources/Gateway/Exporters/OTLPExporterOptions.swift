package import LogExport
package import LogPipeline
package import Options

/// `exporters.otlphttp`: the next OTLP endpoint over HTTP.
package struct OTLPHTTPExporterOptions: ExporterOptions {
  package static let doc = "The next OTLP endpoint, over HTTP."

  package let delivery: DeliveryOptions
  package var frameFormat: String { "otlp protobuf" }
  let path: String
  let tenantHeader: TenantHeader?
  let sender: HTTPSenderOptions
  package let auth: ExporterAuth?

  package init(_ options: ConfigReader) {
    let endpoint = options.optional("endpoint", .url, "The base address; /v1/logs is appended.")
    let logsEndpoint = options.optional("logs_endpoint", .url, "The whole address, instead of endpoint.")
    options.ignored("traces_endpoint", "metrics_endpoint", because: "this gateway handles logs only")
    _ = options.read("encoding", .oneOf(["proto"]), default: "proto", "How requests are encoded.")
    options.requireOne(of: "endpoint", "logs_endpoint")
    options.checkPaths(
      of: [endpoint].compactMap { $0 }, known: ["/v1/logs"], instead: "give it as logs_endpoint, or")
    // The path of a whole address is the dialect's too, so that dead letters bring it to where they are sent again.
    path = logsEndpoint?.path ?? "/v1/logs"
    var base = logsEndpoint ?? endpoint
    if logsEndpoint != nil { base?.path = "" }
    tenantHeader = options.tenantHeader(isGRPC: false)
    delivery = DeliveryOptions(options, timeout: .seconds(30))
    sender = HTTPSenderOptions(options, endpoints: [base].compactMap { $0 }, compression: .gzip(level: 1))
    auth = options.exporterAuth(to: sender.endpoints)
    if case .zstd = sender.compression {
      options.warning(
        at: "compression", "OTLP asks servers for none and gzip only; records wait for ever at one that has no zstd")
    }
  }

  package var compression: Compression { sender.compression }

  package func makeDialect() throws -> any Dialect {
    OTLPDialect(transport: .http(path: path), tenantHeader: tenantHeader)
  }

  package func makeSender(id: String, of parts: SenderParts) throws -> any Sender {
    try HTTPSender(sender.presenting(parts.credentials), group: parts.group)
  }

  package static func replayDialect(_ format: BodyFormat) -> (any Dialect)? {
    format == .otlp ? OTLPDialect(transport: .http) : nil
  }
}

/// `exporters.otlp`: the next OTLP endpoint over gRPC.
package struct OTLPExporterOptions: ExporterOptions {
  package static let doc = "The next OTLP endpoint, over gRPC."

  package let delivery: DeliveryOptions
  package var frameFormat: String { "otlp protobuf" }
  let tenantHeader: TenantHeader?
  let sender: GRPCSenderOptions
  package let auth: ExporterAuth?

  package init(_ options: ConfigReader) {
    var sender = GRPCSenderOptions()
    sender.endpoint = options.required(
      "endpoint", .grpcEndpoint, "host:port, or with http:// for clear text and https:// for TLS.")
    tenantHeader = options.tenantHeader(isGRPC: true)
    delivery = DeliveryOptions(options, timeout: .seconds(30))
    sender.headers = options.headers("headers", "Metadata of every call.").map { ($0.key, $0.value.reveal()) }
    sender.compression = readCompression(options, default: .gzip(level: 1), algorithms: .oneOf(["none", "gzip"]))
    (sender.tls, sender.isInsecure) = options.section("tls", "TLS towards the destination.") { tls in
      let insecure = tls.read("insecure", .bool, default: false, "Whether an endpoint without a scheme is clear text.")
      return (ClientTLSOptions(tls), insecure)
    }
    sender.connectTimeout = options.read(
      "connect_timeout", .duration(in: .milliseconds(1) ... .maxConfigured), default: sender.connectTimeout,
      "Time to connect, TLS included; not in the Collector.")
    options.ignored(
      "read_buffer_size", "write_buffer_size", "wait_for_ready", "balancer_name", "keepalive", "authority",
      because: "the connection is kept as the gateway sees fit")
    options.unsupported("middlewares", because: "there is no such step on this exporter")
    sender.proxies = options.proxies(given: nil)
    let scheme = sender.isInsecure && !sender.endpoint.contains("://") ? "http://" : ""
    auth = options.exporterAuth(to: [scheme + sender.endpoint], isGRPC: true)
    self.sender = sender
  }

  package var compression: Compression { sender.compression }

  package func makeDialect() throws -> any Dialect { OTLPDialect(transport: .grpc, tenantHeader: tenantHeader) }

  package func makeSender(id: String, of parts: SenderParts) throws -> any Sender {
    var options = sender
    options.credentials = parts.credentials
    return try GRPCSender(options, group: parts.group)
  }

  /// Letters are sent again over HTTP, whatever they were sent over.
  package static func replayDialect(_ format: BodyFormat) -> (any Dialect)? {
    OTLPHTTPExporterOptions.replayDialect(format)
  }
}

extension OptionType where Value == String {
  /// The address of a gRPC server; credentials in it are refused.
  fileprivate static var grpcEndpoint: OptionType {
    var type = OptionType.nonEmptyString
    type.parse = { (text) throws(OptionMismatch) in
      let hasAt = text.utf8.contains(UInt8(ascii: "@"))
      let expected = "host:port, or http:// or https:// with host and port"
      if !hasAt, text.hasPrefix("dns:///") { throw OptionMismatch(expected, suggestion: String(text.dropFirst(7))) }
      guard !hasAt, let endpoint = try? LogExport.Endpoint(parsing: text), endpoint.path.isEmpty else {
        throw OptionMismatch(expected, hidesText: hasAt)
      }
      return text
    }
    return type
  }
}
