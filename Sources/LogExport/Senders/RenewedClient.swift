import Access
import AsyncHTTPClient
import NIOCore
import NIOSSL
import Synchronization

/// An HTTP client that is made anew when the files of its TLS hold something else: requests from then on go over new
/// connections. Those that are under way end with the client they have begun with.
final class RenewedClient: Sendable {
  /// A client as long as somebody uses it.
  final class Lease: Sendable {
    let client: HTTPClient
    /// What its connections use; nil in clear text.
    fileprivate let context: NIOSSLContext?

    fileprivate init(_ configuration: HTTPClient.Configuration, _ tls: TLSInUse?, _ group: any EventLoopGroup) {
      var configuration = configuration
      configuration.tlsConfiguration = tls?.configuration
      client = HTTPClient(eventLoopGroupProvider: .shared(group), configuration: configuration)
      context = tls?.context
    }

    /// A client has to be shut down; once it is, nothing happens.
    deinit {
      Task { [client] in try? await client.shutdown() }
    }
  }

  private struct State {
    var lease: Lease
    /// Those before it that may still be in use.
    var former: [Former] = []
    var isClosed = false
  }

  private struct Former: Sendable {
    weak var lease: Lease?
  }

  private let configuration: HTTPClient.Configuration
  private let tls: WatchedTLS?
  private let group: any EventLoopGroup
  private let state: Mutex<State>

  /// A client of this configuration, with TLS unless it is nil.
  init(_ configuration: HTTPClient.Configuration, tls: WatchedTLS?, group: any EventLoopGroup) {
    self.configuration = configuration
    self.tls = tls
    self.group = group
    state = Mutex(State(lease: Lease(configuration, tls?.value, group)))
  }

  /// The client for a request that begins now, to be held until its answer has been read.
  func lease() -> Lease {
    state.withLock { state in
      guard let now = tls?.value, now.context !== state.lease.context, !state.isClosed else { return state.lease }
      state.former = state.former.filter { $0.lease != nil } + [Former(lease: state.lease)]
      state.lease = Lease(configuration, now, group)
      return state.lease
    }
  }

  /// Ends all connections; nothing is sent afterwards.
  func close() async {
    let leases = state.withLock { state in
      state.isClosed = true
      return [state.lease] + state.former.compactMap(\.lease)
    }
    for lease in leases { try? await lease.client.shutdown() }
  }
}
