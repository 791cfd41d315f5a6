package import Access
import AsyncHTTPClient
import HTTPTransport
import NIOHTTP1
import NIOSSL

/// How an HTTP destination is reached; every member but `endpoints` has a default.
package struct HTTPSenderOptions: Sendable {
  /// Base addresses (`endpoint`, `endpoints`): used in turn, each replaced by the others while it fails.
  package var endpoints: [String] = []
  /// Sent with every request, after the dialect's own (`headers`); their values may be secret.
  package var headers: [(name: String, value: String)] = []
  /// Default none; credentials in an endpoint's address count if this is none.
  package var authorization = Authorization.none
  /// What requests present beside, or instead of, that (`auth`).
  package var credentials: (any RequestCredentials)?
  /// Default gzip, level 1.
  package var compression = Compression.gzip(level: 1)
  package var tls = ClientTLSOptions()
  /// What connections go through (`proxy_url`, or the environment). Default none.
  package var proxies = ProxySettings.none
  /// TCP connect and TLS handshake (`connect_timeout`). Default 10 s.
  package var connectTimeout: Duration = .seconds(10)
  /// An idle connection is closed after so long (`idle_conn_timeout`). Default 90 s.
  package var idleConnectionTimeout: Duration = .seconds(90)
  /// Connections to each endpoint (`max_conns_per_host`). Default 64.
  package var maxConnections = 64
  /// The body of an answer, also once decompressed (`max_answer_bytes`). Default 16 MiB.
  package var maxAnswerBytes = 16 << 20

  package init() {}

  /// The header fields for all requests to one endpoint.
  func commonHeaders(for endpoint: Endpoint) throws(SenderConfigurationError) -> HTTPHeaders {
    var fields = HTTPHeaders([("host", endpoint.authority), ("user-agent", "sluice")])
    let authorization = self.authorization == .none ? endpoint.authorization : self.authorization
    if let value = authorization.headerValue { fields.add(name: "authorization", value: value) }
    if let encoding = compression.contentEncoding { fields.add(name: "content-encoding", value: encoding) }
    for (name, value) in headers { fields.replaceOrAdd(name: name, value: value) }
    for (name, value) in fields where !Self.isValid(name: name, value: value) {
      throw SenderConfigurationError("headers: the name or value of \(name.debugDescription) cannot be sent")
    }
    return fields
  }

  /// True for a token and a value without control characters: RFC 9110 sections 5.1 and 5.5.
  static func isValid(name: String, value: String) -> Bool {
    let marks = Array("!#$%&'*+-.^_`|~".utf8)
    let isToken = name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
      case UInt8(ascii: "0")...UInt8(ascii: "9"): true
      default: marks.contains(byte)
      }
    }
    return !name.isEmpty && isToken && value.utf8.allSatisfy { $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7f) }
  }

  /// The client for one endpoint, but for its TLS; each has its own, since the name to expect in certificates belongs
  /// to it.
  func clientConfiguration(for endpoint: Endpoint) -> HTTPClient.Configuration {
    var pool = HTTPClient.Configuration.ConnectionPool(idleTimeout: .init(idleConnectionTimeout))
    pool.concurrentHTTP1ConnectionsPerHostSoftLimit = max(maxConnections, 1)
    pool.retryConnectionEstablishment = false
    var configuration = HTTPClient.Configuration(
      redirectConfiguration: .disallow,
      timeout: .init(connect: .init(connectTimeout)), connectionPool: pool,
      decompression: .enabled(limit: .size(max(maxAnswerBytes, 1))))
    configuration.httpVersion = .http1Only
    configuration.proxy = proxies.proxy(for: endpoint).map { proxy in
      var authorization: HTTPClient.Authorization?
      if case .basic(let user, let password) = proxy.authorization {
        authorization = .basic(username: user, password: password)
      }
      return .server(host: proxy.host, port: proxy.port, authorization: authorization)
    }
    if endpoint.isTLS, let name = tls.serverNameOverride { configuration.dnsOverride = [name: endpoint.host] }
    if endpoint.isTLS, let destination = tls.destination(for: endpoint) {
      configuration.http1_1ConnectionDebugInitializer = { channel in
        channel.eventLoop.submit { try destination.check(channel) }
      }
    }
    return configuration
  }

  /// Whether the TLS library would look for the proxy's address in the certificate of an endpoint that is named by its
  /// own: `clientConfiguration` looks for the right one.
  func isAddressBehindProxy(_ endpoint: Endpoint) -> Bool {
    endpoint.isTLS && tls.serverNameOverride == nil && endpoint.isIPAddress && proxies.proxy(for: endpoint) != nil
  }

  /// The TLS of a client for one endpoint alone, as its files are now.
  func currentTLS(for endpoint: Endpoint) throws(SenderConfigurationError) -> TLSConfiguration? {
    guard endpoint.isTLS else { return nil }
    return try tls.watched(verifiesName: !isAddressBehindProxy(endpoint)).value.configuration
  }
}
