package import Access
package import Files
import HTTPTransport
package import LogPipeline
package import NIOCore
import NIOHTTP1
import Synchronization

/// How a gRPC destination is reached; every member but `endpoint` has a default.
package struct GRPCSenderOptions: Sendable {
  /// `host:port`, or with `http://` for clear text and `https://` for TLS (`endpoint`).
  package var endpoint = ""
  /// Whether an endpoint without a scheme is clear text (`tls.insecure`). Default false.
  package var isInsecure = false
  /// Sent as metadata with every call (`headers`); values may be secret.
  package var headers: [(name: String, value: String)] = []
  package var authorization = Authorization.none
  /// What calls present beside, or instead of, that (`auth`).
  package var credentials: (any RequestCredentials)?
  /// gRPC knows `none` and `gzip` here. Default gzip, level 1.
  package var compression = Compression.gzip(level: 1)
  package var tls = ClientTLSOptions()
  /// What `tls` comes to, where several senders share it; nil for one of its own.
  package var sharedTLS: WatchedTLS?
  /// What the connection goes through (the environment). Default none.
  package var proxies = ProxySettings.none
  /// TCP connect and TLS handshake. Default 10 s.
  package var connectTimeout: Duration = .seconds(10)
  /// An answer's message (`max_answer_bytes`). Default 4 MiB.
  package var maxAnswerBytes = 4 << 20

  package init() {}
}

/// Makes unary gRPC calls over one HTTP/2 connection, which is made when it is needed and made anew when it is gone.
///
/// Waiting between attempts is the loop's; at most one attempt to connect runs at a time.
package final class GRPCSender: Sender {
  private let endpoint: Endpoint
  /// Nil in clear text; a connection uses what it holds when it is made.
  private let tls: (files: WatchedTLS, serverName: String?)?
  private let headers: HTTPHeaders
  private let clientOptions: HTTP2ClientOptions
  private let credentials: PresentedCredentials
  private let compressor: Compressor
  private let group: any EventLoopGroup
  private let link = Mutex(Link.none)

  private enum Link {
    case none
    case connecting(Task<HTTP2ClientConnection, any Error>)
    case open(HTTP2ClientConnection)
    case closed
  }

  package init(_ options: GRPCSenderOptions, group: any EventLoopGroup) throws(SenderConfigurationError) {
    endpoint = try Endpoint(
      parsing: options.endpoint, defaultPorts: (4317, 4317), defaultTLS: !options.isInsecure)
    guard endpoint.path.isEmpty else { throw SenderConfigurationError("endpoint: a gRPC endpoint has no path") }
    tls = try Self.tls(for: endpoint, options)
    headers = try Self.headers(for: endpoint, options)
    credentials = PresentedCredentials(options.credentials)
    compressor = Compressor(options.compression)
    var clientOptions = HTTP2ClientOptions()
    clientOptions.connectTimeout = options.connectTimeout
    clientOptions.maxResponseBodyBytes = options.maxAnswerBytes
    clientOptions.proxy = options.proxies.proxy(for: endpoint, isGRPC: true).map {
      HTTPProxy(host: $0.host, port: $0.port, authorization: $0.authorization.headerValue)
    }
    if endpoint.isTLS { clientOptions.destination = options.tls.destination(for: endpoint) }
    self.clientOptions = clientOptions
    self.group = group
  }

  private static func tls(
    for endpoint: Endpoint, _ options: GRPCSenderOptions
  ) throws(SenderConfigurationError) -> (files: WatchedTLS, serverName: String?)? {
    guard endpoint.isTLS else { return nil }
    // Server Name Indication takes no IP address: RFC 6066 section 3. The certificate has to name it then.
    let name = options.tls.serverNameOverride ?? (endpoint.isIPAddress ? nil : endpoint.host)
    if let shared = options.sharedTLS { return (shared, name) }
    // The library would look for the proxy's address in the certificate.
    let isAddressBehindProxy = name == nil && options.proxies.proxy(for: endpoint, isGRPC: true) != nil
    return (try options.tls.watched(offering: ["h2"], verifiesName: !isAddressBehindProxy), name)
  }

  package var files: [UsedFiles] { UsedFiles.tls(tls?.files) + credentials.files }
  package var certificateExpiry: Int? { tls?.files.value.certificateExpiry }

  private static func headers(
    for endpoint: Endpoint, _ options: GRPCSenderOptions
  ) throws(SenderConfigurationError) -> HTTPHeaders {
    var fields = HTTPHeaders([
      ("content-type", "application/grpc"), ("te", "trailers"), ("grpc-accept-encoding", "identity"),
      ("user-agent", "sluice"),
    ])
    switch options.compression {
    case .none: break
    case .gzip: fields.add(name: "grpc-encoding", value: "gzip")
    case .zstd: throw SenderConfigurationError("compression: gRPC takes none or gzip")
    }
    let authorization = options.authorization == .none ? endpoint.authorization : options.authorization
    if let value = authorization.headerValue { fields.add(name: "authorization", value: value) }
    for (name, value) in options.headers {
      guard HTTPSenderOptions.isValid(name: name, value: value) else {
        throw SenderConfigurationError("headers: the name or value of \(name.debugDescription) cannot be sent")
      }
      fields.replaceOrAdd(name: name.lowercased(), value: value)
    }
    return fields
  }

  package func close() async {
    let link = link.withLock { link in
      defer { link = .closed }
      return link
    }
    switch link {
    case .none, .closed: break
    case .connecting(let task):
      task.cancel()
      try? await task.value.close()
    case .open(let connection): await connection.close()
    }
  }

  package func send(_ body: ExportBody, along route: DialectRoute, timeout: Duration) async -> SendResult {
    guard case .grpc(let path, let routeHeaders) = route else {
      return .failed(reason: "not a gRPC destination", retryable: false)
    }
    guard let message = message(of: body) else {
      return .failed(reason: "cannot compress \(body.byteCount) bytes", retryable: true)
    }
    var request = HTTPClientRequest(path: path, headers: headers, body: message)
    for header in routeHeaders where !header.isMetadata {
      request.headers.replaceOrAdd(name: header.name.lowercased(), value: header.value)
    }
    request.headers.replaceOrAdd(name: "grpc-timeout", value: GRPCTimeout.write(timeout))
    let binding = routeHeaders.map { DialectRoute.Header($0.name.lowercased(), $0.value, isBinding: $0.isBinding) }
    do {
      let answer = try await credentials.of(routeHeaders).send(request.headers, within: timeout) { headers, left in
        request.headers = headers
        request.headers.bind(binding)
        let response = try await call(request, timeout: left)
        return GRPCAnswer.answer(
          status: response.status, headers: response.headers, trailers: response.trailers, body: response.body)
      }
      return .answered(answer, wireBytes: message.readableBytes)
    } catch let failure as CredentialFailure {
      return .failed(reason: "no credentials: \(failure)", retryable: true)
    } catch {
      return .failed(reason: "\(endpoint.authority): \(error)", retryable: true)
    }
  }

  /// The body as one message behind its prefix.
  private func message(of body: ExportBody) -> ByteBuffer? {
    guard var message = body.withUnsafeBytes({ compressor.compress($0, prefixBytes: GRPCPrefix.byteCount) }),
      GRPCPrefix.fill(in: &message, isCompressed: compressor.compression != .none)
    else { return nil }
    return message
  }

  /// Sends, once more on a new connection if the server says that it did not look at the request.
  private func call(
    _ request: HTTPClientRequest, timeout: Duration
  ) async throws(HTTP2ClientError) -> HTTPClientResponse {
    do {
      return try await connection().send(request, timeout: timeout)
    } catch .notProcessed {
      return try await connection().send(request, timeout: timeout)
    }
  }

  private func connection() async throws(HTTP2ClientError) -> HTTP2ClientConnection {
    let (ready, task) = link.withLock { link -> (HTTP2ClientConnection?, Task<HTTP2ClientConnection, any Error>?) in
      switch link {
      case .open(let connection) where connection.isOpen: return (connection, nil)
      case .connecting(let task): return (nil, task)
      case .closed: return (nil, nil)
      case .none, .open:
        let task = Task { try await self.connect() }
        link = .connecting(task)
        return (nil, task)
      }
    }
    if let ready { return ready }
    guard let task else { throw .cannotConnect(reason: "closed") }
    do {
      return try await task.value
    } catch let error as HTTP2ClientError {
      throw error
    } catch {
      throw .cannotConnect(reason: "cancelled")
    }
  }

  private func connect() async throws -> HTTP2ClientConnection {
    do {
      let tls = tls.map { (context: $0.files.value.context, serverName: $0.serverName) }
      let connection = try await HTTP2ClientConnection.connect(
        host: endpoint.host, port: endpoint.port, tls: tls, options: clientOptions, group: group)
      settle(.open(connection))
      return connection
    } catch {
      settle(.none)
      throw error
    }
  }

  private func settle(_ outcome: Link) {
    link.withLock { link in
      if case .connecting = link { link = outcome }
    }
  }
}
