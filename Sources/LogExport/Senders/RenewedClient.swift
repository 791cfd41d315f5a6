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

    fileprivate init(of owner: borrowing Making, _ tls: TLSInUse?) {
      var configuration = owner.configuration
      configuration.tlsConfiguration = tls?.configuration
      if !owner.verifiesName, tls?.configuration.certificateVerification == .fullVerification {
        configuration.tlsConfiguration?.certificateVerification = .noHostnameVerification
      }
      client = HTTPClient(eventLoopGroupProvider: .shared(owner.group), configuration: configuration)
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

  /// What clients are made of, beside their TLS.
  fileprivate struct Making: Sendable {
    let configuration: HTTPClient.Configuration
    let verifiesName: Bool
    let group: any EventLoopGroup
  }

  private let making: Making
  private let tls: WatchedTLS?
  private let state: Mutex<State>

  /// A client of this configuration, with TLS unless it is nil. Without `verifiesName` the configuration has something
  /// that sees to it that the certificate is the destination's.
  init(
    _ configuration: HTTPClient.Configuration, tls: WatchedTLS?, verifiesName: Bool = true, group: any EventLoopGroup
  ) {
    let making = Making(configuration: configuration, verifiesName: verifiesName, group: group)
    self.making = making
    self.tls = tls
    state = Mutex(State(lease: Lease(of: making, tls?.value)))
  }

  /// The client for a request that begins now, to be held until its answer has been read.
  func lease() -> Lease {
    state.withLock { state in
      guard let now = tls?.value, now.context !== state.lease.context, !state.isClosed else { return state.lease }
      state.former = state.former.filter { $0.lease != nil } + [Former(lease: state.lease)]
      state.lease = Lease(of: making, now)
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
