import Access
import AsyncHTTPClient
package import Files
package import NIOCore
import NIOHTTP1

/// Gets answers of any length over HTTP/1.1 and hands their bytes on as they come.
///
/// Redirects are answers like others. Errors quote no header and no body. One task uses a reader.
package final class HTTPReader: Sendable {
  /// How an answer began.
  package struct Head: Sendable {
    package let status: Int
    /// How long the server asks to wait before the next request.
    package let retryAfter: Duration?
  }

  /// Why there is no answer, or no more of it.
  package struct Failure: Error, Sendable, CustomStringConvertible {
    package let description: String
    /// Whether the answer had begun: it was cut off, or nothing more came for as long as is waited.
    package let hasBegun: Bool
    /// Whether the server sent too much that is no part of a body.
    package let isExcess: Bool
  }

  /// Time from a request to the head of its answer.
  private static let headTimeout = Duration.seconds(30)

  private let endpoint: Endpoint
  private let client: RenewedClient
  private let tls: WatchedTLS?
  private let idleTimeout: Duration
  private let besideBody = BytesBesideBody()

  /// A reader from the first endpoint of the options, with their TLS. It gives up an answer of which nothing comes for
  /// `idleTimeout`.
  package init(
    _ options: HTTPSenderOptions, idleTimeout: Duration, group: any EventLoopGroup
  ) throws(SenderConfigurationError) {
    endpoint = try Endpoint(parsing: options.endpoints.first ?? "")
    var configuration = options.clientConfiguration(for: endpoint)
    configuration.decompression = .disabled
    configuration.timeout.read = .init(idleTimeout)
    let look = configuration.http1_1ConnectionDebugInitializer
    configuration.http1_1ConnectionDebugInitializer = { [besideBody] channel in
      guard let look else { return besideBody.watch(channel) }
      return look(channel).flatMap { besideBody.watch(channel) }
    }
    self.idleTimeout = idleTimeout
    tls = endpoint.isTLS ? try options.tls.watched() : nil
    client = RenewedClient(
      configuration, tls: tls, verifiesName: !options.isAddressBehindProxy(endpoint), group: group)
  }

  /// Ends its connections.
  package func close() async { await client.close() }

  /// The files that it uses and has read again when they hold something else.
  package var files: [UsedFiles] { UsedFiles.tls(tls) }

  /// Gets what is at a path; `take` gets the head with no bytes, then with all bytes of the body, piece by piece. What
  /// it throws ends the answer. Anything else that goes wrong is a `Failure`.
  package func get(
    _ path: String, headers: [(name: String, value: String)], _ take: (Head, [UInt8]) throws -> Void
  ) async throws {
    var request = HTTPClientRequest(url: "\(endpoint)\(path)")
    request.headers = HTTPHeaders([("host", endpoint.authority), ("user-agent", "sluice")])
    for (name, value) in headers { request.headers.replaceOrAdd(name: name, value: value) }
    besideBody.reset()
    let lease = client.lease()
    defer { withExtendedLifetime(lease) {} }
    let response: HTTPClientResponse
    do {
      response = try await lease.client.execute(request, timeout: .init(Self.headTimeout))
    } catch {
      throw failure(error, waiting: Self.headTimeout, hasBegun: false)
    }
    let retryAfter = response.headers.first(name: "retry-after")
      .flatMap { HTTPDate.retryAfter($0, unixSeconds: ExportTime.system.unixSeconds()) }
    let head = Head(status: Int(response.status.code), retryAfter: retryAfter)
    try take(head, [])
    var body = response.body.makeAsyncIterator()
    while true {
      let bytes: ByteBuffer?
      do { bytes = try await body.next() } catch { throw failure(error, waiting: idleTimeout, hasBegun: true) }
      guard let bytes else { return }
      besideBody.took(bytes.readableBytes)
      try take(head, Array(bytes.readableBytesView))
    }
  }

  private func failure(_ error: any Error, waiting time: Duration, hasBegun: Bool) -> any Error {
    if error is CancellationError { return error }
    let reason = SendError.reason(of: error, timeout: time)
    let isExcess = if case SendError.tooMuchBesideBody = error { true } else { false }
    return Failure(description: "\(endpoint.authority): \(reason)", hasBegun: hasBegun, isExcess: isExcess)
  }
}
