import Access
package import LogExport
import LogPipeline
import NIOCore
package import Options

/// An OTLP endpoint that the gateway sends metrics or logs of its own to (`exporter.otlp` under `service.telemetry`).
package struct PushTarget: Sendable {
  /// What is spoken.
  package enum Way: Sendable {
    case grpc(GRPCSenderOptions)
    /// The path is that of the signal unless the address has one.
    case http(HTTPSenderOptions, path: String)
  }

  /// How it is reached.
  package let way: Way

  /// Reads the options of an endpoint for a signal.
  package init(_ options: ConfigReader, of signal: Signal) {
    let isGRPC =
      options.read(
        "protocol", .oneOf(["http/protobuf", "grpc"]), default: "http/protobuf", "What the endpoint speaks.") == "grpc"
    let given = options.required(
      "endpoint", .nonEmptyString, "Its address; with a path that is used as it is, else the signal's is.")
    let insecure = options.read(
      "insecure", .bool, default: false, "Whether an endpoint without a scheme is clear text.")
    let headers = options.headers("headers", "Header fields, or metadata, of every request.")
      .map { (name: $0.key, value: $0.value.reveal()) }
    let compression = options.read(
      "compression", .oneOf(["none", "gzip"]), default: "none", "How requests are compressed.")
    let tls = Self.tls(options)
    options.ignored(
      "temporality_preference", "default_histogram_aggregation",
      because: "counts are cumulative and histograms have the buckets that they have")
    options.unsupported("headers_list", because: "give them as headers")
    let address = given.contains("://") ? given : "\(insecure ? "http" : "https")://\(given)"
    let endpoint = Self.endpoint(address, isGRPC: isGRPC, options)
    let gzip = compression == "gzip" ? Compression.gzip(level: 1) : .none
    guard isGRPC else {
      var sender = HTTPSenderOptions()
      sender.endpoints = endpoint.map { ["\($0.isTLS ? "https" : "http")://\($0.authority)"] } ?? []
      (sender.headers, sender.compression, sender.tls) = (headers, gzip, tls)
      let path = endpoint?.path ?? ""
      way = .http(sender, path: path.isEmpty ? signal.httpPath : path)
      return
    }
    var sender = GRPCSenderOptions()
    (sender.endpoint, sender.headers, sender.compression, sender.tls) = (address, headers, gzip, tls)
    way = .grpc(sender)
  }

  /// The address, if it is one.
  private static func endpoint(_ address: String, isGRPC: Bool, _ options: ConfigReader) -> LogExport.Endpoint? {
    if options.isEmpty("endpoint") { return nil }
    if address.utf8.contains(UInt8(ascii: "@")) {
      options.error(at: "endpoint", "has no place for credentials: give them as headers")
      return nil
    }
    do throws(SenderConfigurationError) {
      let endpoint = try LogExport.Endpoint(parsing: address, defaultPorts: isGRPC ? (4317, 4317) : (80, 443))
      if isGRPC, !endpoint.path.isEmpty { options.error(at: "endpoint", "a gRPC endpoint has no path") }
      return endpoint
    } catch {
      options.error(at: "endpoint", "\(error)")
      return nil
    }
  }

  /// TLS as a section, as everywhere else, or by the keys of OpenTelemetry's configuration.
  private static func tls(_ options: ConfigReader) -> ClientTLSOptions {
    var tls = options.section("tls", "TLS towards the endpoint.") { ClientTLSOptions($0) }
    for (key, doc, part) in [
      ("certificate", "The file of authorities to trust instead of the system's.", \TLSMaterial.authorities),
      ("client_certificate", "The file of the certificate chain to present.", \.chain),
      ("client_key", "The file of its private key.", \.key),
    ] {
      if let path = options.optional(key, .nonEmptyString, doc) { tls.material[keyPath: part] = .file(path) }
    }
    if (tls.material.chain == nil) != (tls.material.key == nil), !options.has("tls") {
      options.error(at: "client_certificate", "client_certificate and client_key go together")
    }
    return tls
  }
}
