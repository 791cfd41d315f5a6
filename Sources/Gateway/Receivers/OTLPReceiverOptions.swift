package import HTTPTransport
package import LogPipeline
package import OTLPReceiver
package import Options

/// The options of `receivers.otlp`; nil for a protocol that is not switched on.
package struct OTLPReceiverOptions: ReceiverOptions {
  package static let doc = "Takes logs, traces and metrics over OTLP/gRPC and OTLP/HTTP."

  /// The listener of `protocols.grpc`.
  package var grpc: OTLPGRPCOptions?
  /// The listener of `protocols.http`.
  package var http: OTLPHTTPOptions?
  /// What one request may ask for.
  package var limits: OTLPLimits
  /// The wait that a sender is asked for when a retry can help.
  package var retryAfter: Duration
  /// Whether senders are told, by a partial success that rejects nothing, what was mended in their records.
  package var warnSenders: Bool
  /// What becomes of requests with a signal that no pipeline is of.
  package var otherSignals: OtherSignals
  /// The extension that says whose records are; nil if nobody asks.
  package var tenants: ExtensionReference?

  /// Only the protocols that are named run, as in the Collector; without `protocols` both run with their defaults.
  package init(_ options: ConfigReader) {
    let isDefault = !options.has("protocols")
    let grpcDoc = "OTLP/gRPC; the port also takes OTLP/HTTP."
    let httpDoc = "OTLP/HTTP with protobuf and JSON; the port also takes OTLP/gRPC."
    (grpc, http) = options.section("protocols", "The protocols to serve.") { protocols in
      if isDefault {
        return (protocols.section("grpc", grpcDoc) { .init($0) }, protocols.section("http", httpDoc) { .init($0) })
      }
      return (
        protocols.optionalSection("grpc", grpcDoc) { .init($0) },
        protocols.optionalSection("http", httpDoc) { .init($0) }
      )
    }
    if !isDefault && grpc == nil && http == nil && options.entry("protocols")?.value.isMapOrNothing == true {
      options.error(at: "protocols", "at least one of grpc and http is required")
    }
    limits = options.section("limits", "What one request may ask for; not in the Collector.") { .init($0) }
    retryAfter = options.read(
      "retry_after", .duration(in: .seconds(1) ... .seconds(3600)), default: .seconds(5),
      "The wait that a sender is asked for when a retry can help; not in the Collector.")
    warnSenders = options.read(
      "warn_senders", .bool, default: false,
      "Whether senders are told what was mended in their records; not in the Collector.")
    otherSignals = options.read(
      "other_signals", .choice(OtherSignals.refuse), default: .refuse,
      "What becomes of signals that no pipeline is of: refuse tells the sender, discard answers that they were taken "
        + "and drops them; not in the Collector.")
    let tenants = options.optional(
      "tenants", .componentID, "The extension that says whose records are; not in the Collector.")
    self.tenants = tenants.map {
      ExtensionReference(id: $0, place: options.place(of: "tenants"), path: options.path(of: "tenants"))
    }
    let maxBodyBytes = max(grpc?.maxMessageBytes ?? 0, http?.maxRequestBodyBytes ?? 0)
    if !limits.isMaxInFlightGiven {
      limits.maxInFlightBytes = max(limits.maxInFlightBytes, maxBodyBytes)
    } else if limits.maxInFlightBytes < maxBodyBytes {
      let (budget, body) = (formatByteSize(limits.maxInFlightBytes), formatByteSize(maxBodyBytes))
      options.error(at: "limits", "max_in_flight of \(budget) is less than the largest request of \(body)")
    }
  }
}

extension OTLPReceiverOptions {
  package var ports: [ListeningPort] {
    let grpc = grpc.map {
      ListeningPort(
        endpoint: $0.endpoint, option: "protocols.grpc.endpoint", place: $0.endpointPlace, isOpen: $0.auth == nil)
    }
    let http = http.map {
      ListeningPort(
        endpoint: $0.endpoint, option: "protocols.http.endpoint", place: $0.endpointPlace, isOpen: $0.auth == nil)
    }
    return [grpc, http].compactMap { $0 }
  }

  package var authenticators: [ExtensionReference] {
    (grpc?.auth?.authenticators ?? []) + (http?.auth?.authenticators ?? [])
  }

  package var authenticatorsWithoutCertificates: [ExtensionReference] {
    let asks = { (tls: TLSServerOptions?) in tls?.material.authorities != nil }
    return (asks(grpc?.tls) ? [] : grpc?.auth?.authenticators ?? [])
      + (asks(http?.tls) ? [] : http?.auth?.authenticators ?? [])
  }

  package func makeReceiver(
    id: String, feeding pipelines: [Pipeline], replacing old: Receiver?, with surroundings: ReceiverSurroundings
  ) throws -> Receiver {
    try Receiver(id: id, options: self, pipelines: pipelines, replacing: old, with: surroundings)
  }
}

/// The options of `receivers.otlp.protocols.grpc`.
package struct OTLPGRPCOptions: Sendable {
  /// Where to listen.
  package var endpoint: Endpoint
  /// Where the configuration says so.
  package var endpointPlace: ConfigPlace
  /// The largest message, decompressed.
  package var maxMessageBytes: Int
  /// Requests at a time on one connection.
  package var maxConcurrentStreams: Int
  /// When idle and old connections are closed.
  package var keepalive: OTLPKeepaliveOptions
  /// Certificates; nil for plain text.
  package var tls: TLSServerOptions?
  /// Who may send over the port; nil for everybody.
  package var auth: ReceiverAuthOptions?
  /// The proxies whose word is taken for where senders are.
  package var proxies: TrustedProxies

  private static let defaultMessageBytes = 64 << 20

  /// Reads the section.
  package init(_ options: ConfigReader) {
    endpoint = options.read(
      "endpoint", .endpoint(defaultPort: 4317), default: Endpoint(host: "localhost", port: 4317), "Where to listen.")
    endpointPlace = options.place(of: "endpoint")
    _ = options.read("transport", .oneOf(["tcp"]), default: "tcp", "The kind of socket.")
    let maxMessageMiB = options.read(
      "max_recv_msg_size_mib", .int(in: 0...1024), default: 64,
      "The largest message, decompressed, in MiB; 0 for the default.")
    maxMessageBytes = maxMessageMiB == 0 ? Self.defaultMessageBytes : maxMessageMiB << 20
    maxConcurrentStreams = options.read(
      "max_concurrent_streams", .int(in: 1...100_000), default: 256, "Requests at a time on one connection.")
    keepalive = options.section("keepalive", "When idle and old connections are closed.") { .init($0) }
    tls = options.optionalSection("tls", "TLS; without it the port is plain text.") { .init($0) }
    proxies = TrustedProxies(options)
    options.acceptMetadataOption()
    options.ignored("read_buffer_size", "write_buffer_size", because: "buffers size themselves")
    auth = options.optionalSection("auth", "Who may send over the port; without it everybody.") { .init($0) }
    options.unsupported("middlewares", because: "there is no such step on this receiver")
  }
}

/// The options of `receivers.otlp.protocols.grpc.keepalive`, as in gRPC's keepalive guide.
package struct OTLPKeepaliveOptions: Sendable {
  /// Idle time after which a connection is closed; nil for the listener's default.
  package var maxConnectionIdle: Duration?
  /// Age at which a client is asked to connect anew.
  package var maxConnectionAge: Duration
  /// Time left to requests after that.
  package var maxConnectionAgeGrace: Duration

  /// Reads the section.
  package init(_ options: ConfigReader) {
    let positive = Duration.milliseconds(1)...Duration.maxConfigured
    (maxConnectionIdle, maxConnectionAge, maxConnectionAgeGrace) = options.section(
      "server_parameters", "What the server does to its connections."
    ) { server in
      server.ignored("time", "timeout", because: "dead connections end by TCP keep-alive and max_connection_idle")
      return (
        server.optional(
          "max_connection_idle", .duration(in: positive),
          "Idle time after which a connection is closed; 5m if not given."),
        server.read(
          "max_connection_age", .duration(in: positive), default: .seconds(300),
          "Age at which clients are asked to connect anew, so that they spread over replicas."),
        server.read(
          "max_connection_age_grace", .duration(), default: .seconds(30), "Time left to requests after that.")
      )
    }
    options.ignored("enforcement_policy", because: "limits.connections.max_pings bounds how often clients may ping")
  }
}

/// The options of `receivers.otlp.protocols.http`.
package struct OTLPHTTPOptions: Sendable {
  /// Where to listen.
  package var endpoint: Endpoint
  /// Where the configuration says so.
  package var endpointPlace: ConfigPlace
  /// The path that takes logs.
  package var logsURLPath: String
  /// The path that takes traces.
  package var tracesURLPath: String
  /// The path that takes metrics.
  package var metricsURLPath: String
  /// The largest body, decompressed.
  package var maxRequestBodyBytes: Int
  /// Certificates; nil for plain text.
  package var tls: TLSServerOptions?
  /// Who may send over the port; nil for everybody.
  package var auth: ReceiverAuthOptions?
  /// The proxies whose word is taken for where senders are.
  package var proxies: TrustedProxies
  /// The accepted values of `Content-Encoding`; the empty text is for bodies without one.
  package var compressionAlgorithms: [String]
  /// Headers added to every response; their values may be secret.
  package var responseHeaders: [(key: String, value: Secret)]
  /// Which web pages may send.
  package var cors: OTLPCORSOptions
  /// Time for a request's headers.
  package var readHeaderTimeout: Duration
  /// Time for a response to be taken.
  package var writeTimeout: Duration
  /// Time between two requests of a connection.
  package var idleTimeout: Duration

  private static let defaultBodyBytes = 64 << 20

  /// Every value of `Content-Encoding` that can be accepted.
  package static let compressionAlgorithms = ["", "gzip", "zstd", "zlib", "deflate"]

  /// Reads the section.
  package init(_ options: ConfigReader) {
    let positive = Duration.milliseconds(1)...Duration.maxConfigured
    endpoint = options.read(
      "endpoint", .endpoint(defaultPort: 4318), default: Endpoint(host: "localhost", port: 4318), "Where to listen.")
    endpointPlace = options.place(of: "endpoint")
    _ = options.read("transport", .oneOf(["tcp"]), default: "tcp", "The kind of socket.")
    logsURLPath = options.read("logs_url_path", .urlPath, default: "/v1/logs", "The path that takes logs.")
    tracesURLPath = options.read("traces_url_path", .urlPath, default: "/v1/traces", "The path that takes traces.")
    metricsURLPath = options.read("metrics_url_path", .urlPath, default: "/v1/metrics", "The path that takes metrics.")
    Self.checkPaths([logsURLPath, tracesURLPath, metricsURLPath], of: options)
    let maxBodyBytes = options.read(
      "max_request_body_size", .byteSize(in: 0...(1 << 30)), default: Self.defaultBodyBytes,
      "The largest body, decompressed; 0 for the default.")
    maxRequestBodyBytes = maxBodyBytes == 0 ? Self.defaultBodyBytes : maxBodyBytes
    tls = options.optionalSection("tls", "TLS; without it the port is plain text.") { .init($0) }
    proxies = TrustedProxies(options)
    compressionAlgorithms = options.list(
      "compression_algorithms", of: .oneOf(Self.compressionAlgorithms), default: Self.compressionAlgorithms,
      "The values of Content-Encoding that are accepted.")
    readHeaderTimeout = options.read(
      "read_header_timeout", .duration(in: positive), default: .seconds(10), "Time for a request's headers.")
    writeTimeout = options.read(
      "write_timeout", .duration(in: positive), default: .seconds(30), "Time for a response to be taken.")
    idleTimeout = options.read(
      "idle_timeout", .duration(in: positive), default: .seconds(300), "Time between two requests of a connection.")
    options.acceptMetadataOption()
    options.ignored("keep_alives_enabled", because: "connections serve more than one request")
    options.ignored("read_timeout", because: "limits.connections says how slowly a body may come")
    responseHeaders = options.headers("response_headers", "Headers added to every response.")
    auth = options.optionalSection("auth", "Who may send over the port; without it everybody.") { .init($0) }
    options.unsupported("middlewares", because: "there is no such step on this receiver")
    cors = options.section("cors", "Which web pages may send logs from browsers.") { OTLPCORSOptions($0) }
  }
}

extension OTLPHTTPOptions {
  /// Reports paths, in the order of logs, traces and metrics, that take more than one signal.
  private static func checkPaths(_ paths: [String], of options: ConfigReader) {
    let keys = ["logs_url_path", "traces_url_path", "metrics_url_path"]
    for (index, path) in paths.enumerated() {
      guard let other = paths[..<index].firstIndex(of: path) else { continue }
      let key = options.has(keys[index]) ? index : other
      options.error(at: keys[key], "\(path) is the path of \(keys[index + other - key]) too")
    }
  }
}

/// The options of `receivers.otlp.protocols.http.cors`.
package struct OTLPCORSOptions: Sendable {
  /// Origins that may send; empty for none.
  package var allowedOrigins: [String]
  /// Headers that pages may send besides the usual.
  package var allowedHeaders: [String]
  /// Headers of answers that pages may read.
  package var exposedHeaders: [String]
  /// Seconds for which browsers keep the permission.
  package var maxAgeSeconds: Int?

  /// Reads the section.
  package init(_ options: ConfigReader) {
    allowedOrigins = options.list(
      "allowed_origins", of: .nonEmptyString, "Origins that may send; * in one stands for any text.")
    allowedHeaders = options.list(
      "allowed_headers", of: .headerName, "Headers that they may send besides the usual.")
    exposedHeaders = options.list("exposed_headers", of: .headerName, "Headers of answers that they may read.")
    maxAgeSeconds = options.optional("max_age", .int(in: 0...86400), "Seconds for which browsers keep the permission.")
  }
}

/// The `limits` section of `receivers.otlp`: what one request may ask for.
package struct OTLPLimits: Sendable {
  /// What becomes of text that is not valid UTF-8.
  package enum InvalidUTF8: String, Sendable, CaseIterable { case replace, refuse }

  /// How deep attribute values may nest.
  package var maxDepth: Int
  /// The most log records in one request.
  package var maxRecordsPerRequest: Int
  /// The most attributes and values in one request.
  package var maxValuesPerRequest: Int
  /// What becomes of text that is not valid UTF-8.
  package var invalidUTF8: InvalidUTF8
  /// Whether times that are plainly in another unit than nanoseconds are mended.
  package var mendsTimeUnits: Bool
  /// Bytes that one request's records may take once encoded for a destination.
  package var maxEncodedBytes: Int
  /// Bytes of all requests that are being read and processed, together.
  package var maxInFlightBytes: Int
  /// Whether that is given.
  package var isMaxInFlightGiven: Bool
  /// What one connection may do.
  package var connections: ConnectionLimits

  /// Reads the section.
  package init(_ options: ConfigReader) {
    maxDepth = options.read("max_depth", .int(in: 1...256), default: 64, "How deep attribute values may nest.")
    maxRecordsPerRequest = options.read(
      "max_records_per_request", .int(in: 1...100_000_000), default: 1 << 20, "The most log records in one request.")
    maxValuesPerRequest = options.read(
      "max_values_per_request", .int(in: 1...1_000_000_000), default: 4 << 20,
      "The most attributes and values in one request.")
    invalidUTF8 = options.read(
      "invalid_utf8", .choice(InvalidUTF8.replace), default: .replace, "What becomes of text that is not UTF-8.")
    mendsTimeUnits = options.read(
      "mend_time_units", .bool, default: true,
      "Whether times that are plainly seconds, milliseconds or microseconds are read as such.")
    maxEncodedBytes = options.read(
      "max_encoded", .byteSize(in: (1 << 20)...(4 << 30)), default: 256 << 20,
      "Memory for one request's records once encoded for a destination.")
    isMaxInFlightGiven = options.has("max_in_flight")
    maxInFlightBytes = options.read(
      "max_in_flight", .byteSize(in: (1 << 20)...(1 << 40)), default: 256 << 20,
      "Memory for all requests that are being read and processed; more are refused with a retry hint.")
    connections = options.section("connections", "What one connection may do, on either port.") { .init($0) }
  }
}

extension ConfigReader {
  /// The Collector's `include_metadata`, without which header fields cannot be asked for there.
  fileprivate func acceptMetadataOption() {
    let given = optional("include_metadata", .bool, "Accepted: what asks for header fields has them anyway.")
    if given == false { warning(at: "include_metadata", "has no effect: what asks for header fields has them anyway") }
  }
}
