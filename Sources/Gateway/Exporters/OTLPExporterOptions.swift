package import LogExport
package import LogPipeline
package import Options

/// `exporters.otlphttp`: the next OTLP endpoint over HTTP.
package struct OTLPHTTPExporterOptions: SignalExporterOptions {
  package static let doc = "The next OTLP endpoint, over HTTP."

  package var delivery: DeliveryOptions
  package var frameFormat: String { OTLPExporterOptions.frameFormat(of: signal) }
  package var signal = Signal.logs
  /// The base address for all signals.
  private let endpoint: HTTPURL?
  /// Whole addresses that are given for single ones.
  private let ownEndpoints: [Signal: HTTPURL]
  let tenantHeader: TenantHeader?
  /// What sends to `endpoint`, whatever the signal.
  private let commonSender: HTTPSenderOptions
  package let auth: ExporterAuth?
  private(set) var encoding = Encoding.proto

  /// How requests are encoded.
  enum Encoding: String, Sendable, CaseIterable { case proto, json }

  package init(_ options: ConfigReader) {
    let endpoint = options.optional(
      "endpoint", .url, "The base address; the signal's path, such as /v1/logs, is appended.")
    var own: [Signal: HTTPURL] = [:]
    let keys: [(Signal, String)] = [
      (.logs, "logs_endpoint"), (.traces, "traces_endpoint"), (.metrics, "metrics_endpoint"),
    ]
    for (signal, key) in keys {
      own[signal] = options.optional(key, .url, "The whole address for \(signal.rawValue), instead of endpoint.")
    }
    let encoding = options.read("encoding", .choice(Encoding.proto), default: .proto, "How requests are encoded.")
    options.requireOne(of: "endpoint", "logs_endpoint", "traces_endpoint", "metrics_endpoint")
    for (signal, key) in keys {
      options.checkPaths(
        of: [endpoint].compactMap { $0 }, known: [signal.httpPath], instead: "give it as \(key), or")
    }
    self.init(options, base: endpoint, own: own)
    self.encoding = encoding
  }

  /// The options but for the addresses: to those of single signals nothing is appended.
  init(_ options: ConfigReader, base: HTTPURL?, own: [Signal: HTTPURL]) {
    endpoint = base
    ownEndpoints = own
    tenantHeader = options.tenantHeader(isGRPC: false)
    delivery = DeliveryOptions(options, timeout: .seconds(30))
    commonSender = HTTPSenderOptions(options, endpoints: [base].compactMap { $0 }, compression: .gzip(level: 1))
    let addresses = [base] + Signal.allCases.map { own[$0] }
    auth = options.exporterAuth(to: addresses.compactMap { $0.map { "\($0)" } })
    if case .zstd = commonSender.compression {
      options.warning(
        at: "compression", "OTLP asks servers for none and gzip only; records wait for ever at one that has no zstd")
    }
  }

  package var compression: Compression { commonSender.compression }
  package var needsTenants: Bool { tenantHeader != nil }

  package func problem(in signal: Signal) -> String? {
    // Without any address that has been said already.
    endpoint == nil && !ownEndpoints.isEmpty && ownEndpoints[signal] == nil
      ? "has neither endpoint nor \(signal.rawValue)_endpoint, so that \(signal.rawValue) go nowhere" : nil
  }

  /// The path of a whole address is the dialect's too, so that dead letters bring it to where they are sent again.
  var path: String { ownEndpoints[signal]?.path ?? signal.httpPath }

  var sender: HTTPSenderOptions {
    guard var base = ownEndpoints[signal] else { return commonSender }
    base.path = ""
    var sender = commonSender
    sender.endpoints = ["\(base)"]
    return sender
  }

  package func makeDialect() throws -> any Dialect {
    OTLPDialect(transport: .http(path: path), signal: signal, tenantHeader: tenantHeader)
  }

  package func makeSender(id: String, of parts: SenderParts) throws -> any Sender {
    let sender = try HTTPSender(sender.presenting(parts.credentials), group: parts.group)
    return encoding == .json ? OTLPJSONSender(sender, signal: signal) : sender
  }

  package static func replayDialect(_ format: BodyFormat) -> (any Dialect)? {
    guard let signal = Signal.allCases.first(where: { OTLPDialect(transport: .grpc, signal: $0).bodyFormat == format }),
      format.isOTLP
    else { return nil }
    return OTLPDialect(transport: .http(path: signal.httpPath), signal: signal)
  }
}

/// `exporters.otlp`: the next OTLP endpoint over gRPC.
package struct OTLPExporterOptions: SignalExporterOptions {
  package static let doc = "The next OTLP endpoint, over gRPC."

  package var delivery: DeliveryOptions
  package var frameFormat: String { Self.frameFormat(of: signal) }
  package var signal = Signal.logs
  let tenantHeader: TenantHeader?
  let sender: GRPCSenderOptions
  package let auth: ExporterAuth?

  package init(_ options: ConfigReader) {
    let endpoint = options.required(
      "endpoint", .grpcEndpoint, "host:port, or with http:// for clear text and https:// for TLS.")
    tenantHeader = options.tenantHeader(isGRPC: true)
    delivery = DeliveryOptions(options, timeout: .seconds(30))
    var sender = GRPCSenderOptions(options)
    sender.endpoint = endpoint
    let scheme = sender.isInsecure && !sender.endpoint.contains("://") ? "http://" : ""
    auth = options.exporterAuth(to: [scheme + sender.endpoint], isGRPC: true)
    self.sender = sender
  }

  package var compression: Compression { sender.compression }
  package var needsTenants: Bool { tenantHeader != nil }

  /// The format of frames for a signal.
  static func frameFormat(of signal: Signal) -> String {
    signal == .logs ? "otlp protobuf" : "otlp protobuf \(signal.rawValue)"
  }

  package func makeDialect() throws -> any Dialect {
    OTLPDialect(transport: .grpc, signal: signal, tenantHeader: tenantHeader)
  }

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

extension GRPCSenderOptions {
  /// Reads what every gRPC destination has but its address.
  init(_ options: ConfigReader) {
    self.init()
    headers = options.headers("headers", "Metadata of every call.").map { ($0.key, $0.value.reveal()) }
    compression = readCompression(
      options, default: .gzip(level: 1), algorithms: .oneOf(["none", "gzip"]), alsoGzip: gzipInstead + ["zstd"])
    (tls, isInsecure) = options.section("tls", "TLS towards the destination.") { tls in
      let insecure = tls.read("insecure", .bool, default: false, "Whether an endpoint without a scheme is clear text.")
      if insecure { tls.warnOfClearText("insecure is true") }
      return (ClientTLSOptions(tls), insecure)
    }
    connectTimeout = options.read(
      "connect_timeout", .duration(in: .milliseconds(1) ... .maxConfigured), default: connectTimeout,
      "Time to connect, TLS included; not in the Collector.")
    options.ignored(
      "read_buffer_size", "write_buffer_size", "wait_for_ready", "keepalive", "authority",
      because: "the connection is kept as the gateway sees fit")
    options.ignored("balancer_name", because: "one connection is used at a time, to any address of the name")
    options.unsupported("middlewares", because: "there is no such step on this exporter")
    proxies = options.proxies(given: nil)
  }
}

extension OptionType where Value == String {
  /// The address of a gRPC server; credentials in it are refused.
  static var grpcEndpoint: OptionType {
    var type = OptionType.nonEmptyString
    type.parse = { (text) throws(OptionMismatch) in
      let hasAt = text.utf8.contains(UInt8(ascii: "@"))
      let expected = "host:port, or http:// or https:// with host and port"
      // Names of resolvers of gRPC, whose work the system's does.
      let resolver = ["dns:///", "passthrough:///", "dns:"].first { text.hasPrefix($0) }
      let address = String(text.dropFirst(resolver?.count ?? 0))
      guard !hasAt, let endpoint = try? LogExport.Endpoint(parsing: address), endpoint.path.isEmpty else {
        throw OptionMismatch(expected, hidesText: hasAt)
      }
      return address
    }
    return type
  }
}
