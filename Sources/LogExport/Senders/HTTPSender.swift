import Access
import AsyncHTTPClient
package import Files
package import LogPipeline
package import NIOCore
import NIOHTTP1
import Synchronization

/// Posts bodies over HTTP/1.1, to several endpoints in turn.
///
/// A request that could not be connected goes to the next endpoint at once; everything else is answered or failed, and
/// the loop decides. Redirects are answers like others. Errors quote no header and no credential.
package final class HTTPSender: Sender {
  private struct Target: Sendable {
    /// What requests go to; differs from the endpoint if `server_name_override` is set.
    let baseURL: String
    let headers: HTTPHeaders
    let client: RenewedClient
    /// Where errors say that a request went: the endpoint, and the proxy on the way, if there is one.
    let place: String
  }

  private let targets: [Target]
  /// Nil if no endpoint has TLS.
  private let tls: WatchedTLS?
  private let ring: Mutex<EndpointRing>
  private let credentials: PresentedCredentials
  private let compressor: Compressor
  private let maxAnswerBytes: Int
  private let group: any EventLoopGroup
  private let time: ExportTime

  package init(
    _ options: HTTPSenderOptions, group: any EventLoopGroup, time: ExportTime = .system
  ) throws(SenderConfigurationError) {
    guard !options.endpoints.isEmpty else { throw SenderConfigurationError("endpoint: at least one is needed") }
    var made: [(Endpoint, HTTPHeaders, HTTPClient.Configuration)] = []
    for address in options.endpoints {
      let endpoint = try Endpoint(parsing: address)
      made.append((endpoint, try options.commonHeaders(for: endpoint), options.clientConfiguration(for: endpoint)))
    }
    let tls = made.contains { $0.0.isTLS } ? try options.tls.watched() : nil
    self.tls = tls
    // Clients are made last: once made, a client has to be shut down.
    targets = made.map { endpoint, headers, configuration in
      let host = endpoint.isTLS ? options.tls.serverNameOverride ?? endpoint.host : endpoint.host
      let base = "\(endpoint.isTLS ? "https" : "http")://\(Endpoint.bracketed(host)):\(endpoint.port)\(endpoint.path)"
      let client = RenewedClient(
        configuration, tls: endpoint.isTLS ? tls : nil, verifiesName: !options.isAddressBehindProxy(endpoint),
        group: group)
      let proxy = options.proxies.proxy(for: endpoint).map { " through the proxy \($0.authority)" }
      return Target(baseURL: base, headers: headers, client: client, place: "\(endpoint)\(proxy ?? "")")
    }
    ring = Mutex(EndpointRing(count: targets.count))
    credentials = PresentedCredentials(options.credentials)
    compressor = Compressor(options.compression)
    maxAnswerBytes = max(options.maxAnswerBytes, 1)
    self.group = group
    self.time = time
  }

  package func close() async {
    for target in targets { await target.client.close() }
  }

  package var files: [UsedFiles] { UsedFiles.tls(tls) + credentials.files }
  package var certificateExpiry: Int? { tls?.value.certificateExpiry }

  package func send(_ body: ExportBody, along route: DialectRoute, timeout: Duration) async -> SendResult {
    guard case .http(let path, let headers) = route else {
      return .failed(reason: "not an HTTP destination", retryable: false)
    }
    guard let bytes = wireForm(of: body) else {
      return .failed(reason: "cannot compress \(body.byteCount) bytes", retryable: true)
    }
    let deadline = time.now() + timeout
    var tried: Set<Int> = []
    var failure = "no endpoint"
    while let index = ring.withLock({ $0.next(at: time.now(), except: tried) }) {
      tried.insert(index)
      do {
        let answer = try await post(bytes, to: targets[index], path: path, headers: headers, deadline: deadline)
        ring.withLock { ring in
          if case .http(502...504) = answer.status { ring.failed(index, at: time.now()) } else { ring.succeeded(index) }
        }
        return .answered(answer, wireBytes: bytes.readableBytes)
      } catch let failure as CredentialFailure {
        return .failed(reason: "no credentials: \(failure)", retryable: true)
      } catch {
        failure = "\(targets[index].place): \(SendError.reason(of: error, timeout: timeout))"
        if !Task.isCancelled { ring.withLock { $0.failed(index, at: time.now()) } }
        guard SendError.isConnectFailure(error), time.now() < deadline, !Task.isCancelled else { break }
      }
    }
    return .failed(reason: failure, retryable: true)
  }

  /// What is sent for a body: itself, where it lies, or its compressed form.
  private func wireForm(of body: ExportBody) -> ByteBuffer? {
    compressor.compression == .none ? body.lent() : body.withUnsafeBytes { compressor.compress($0) }
  }

  private func post(
    _ bytes: ByteBuffer, to target: Target, path: String, headers routeHeaders: [DialectRoute.Header],
    deadline: Duration
  ) async throws -> Answer {
    var request = HTTPClientRequest(url: target.baseURL + path)
    request.method = .POST
    request.headers = HTTPHeaders(routeHeaders.filter { !$0.isMetadata }.map { ($0.name, $0.value) })
    for (name, value) in target.headers { request.headers.replaceOrAdd(name: name, value: value) }
    request.body = .bytes(bytes)
    return try await credentials.of(routeHeaders).send(request.headers, within: deadline - time.now()) { headers, _ in
      request.headers = headers
      request.headers.bind(routeHeaders)
      return try await answer(to: request, from: target, deadline: deadline)
    }
  }

  private func answer(to request: HTTPClientRequest, from target: Target, deadline: Duration) async throws -> Answer {
    let left = max(deadline - time.now(), .milliseconds(1))
    let lease = target.client.lease()
    defer { withExtendedLifetime(lease) {} }
    let response = try await lease.client.execute(request, timeout: .init(left))
    let body = try await AnswerBody(maxBytes: maxAnswerBytes, timers: group.any())
      .read(response, within: max(deadline - time.now(), .zero))
    let retryAfter = response.headers.first(name: "retry-after")
      .flatMap { HTTPDate.retryAfter($0, unixSeconds: time.unixSeconds()) }
    return Answer(
      .http(Int(response.status.code)), retryAfter: retryAfter, body: body,
      mediaType: Self.mediaType(response.headers.first(name: "content-type") ?? ""))
  }

  /// A `Content-Type` in lower case, without parameters (RFC 9110 section 8.3).
  static func mediaType(_ contentType: String) -> String {
    let type = contentType.utf8.prefix(128).prefix { $0 != UInt8(ascii: ";") }
    return String(decoding: Array(type), as: UTF8.self).lowercased().filter { !$0.isWhitespace }
  }
}

extension HTTPHeaders {
  /// Puts those fields of a route last of which nothing may take the place.
  mutating func bind(_ route: [DialectRoute.Header]) {
    for header in route where header.isBinding { replaceOrAdd(name: header.name, value: header.value) }
  }
}
