package import Files
package import LogPipeline
package import NIOCore
import Synchronization

/// Makes unary gRPC calls to several servers: each body to the member that the mark of its records names or, if that
/// has gone, to another. Each member has a connection of its own.
package final class BalancingSender: Sender {
  /// What leads to one member.
  private struct Link {
    let sender: GRPCSender
    /// Calls under way.
    var calls = 0
  }

  private struct State {
    var links: [String: Link] = [:]
    var isClosed = false
  }

  private let options: GRPCSenderOptions
  private let table: MemberTable
  private let lookup: MemberLookup?
  private let group: any EventLoopGroup
  private let state = Mutex(State())

  /// A sender with options whose endpoint does not count. Without a lookup the members of the table stay as they are.
  package init(
    _ options: GRPCSenderOptions, members table: MemberTable, lookup: MemberLookup? = nil, group: any EventLoopGroup
  ) throws(SenderConfigurationError) {
    var options = options
    if !options.isInsecure { options.sharedTLS = try options.tls.watched(offering: ["h2"]) }
    self.options = options
    self.table = table
    self.lookup = lookup
    self.group = group
    for member in table.ring.members { _ = try makeSender(to: member) }
    lookup?.start(for: table)
  }

  package var files: [UsedFiles] {
    UsedFiles.tls(options.sharedTLS) + PresentedCredentials(options.credentials).files
  }
  package var certificateExpiry: Int? { options.sharedTLS?.value.certificateExpiry }

  /// Members that there is a connection for, or was; for tests.
  package var linked: [String] { state.withLock { $0.links.keys.sorted() } }

  private func makeSender(to member: String) throws(SenderConfigurationError) -> GRPCSender {
    var options = options
    options.endpoint = member
    return try GRPCSender(options, group: group)
  }

  package func send(_ body: ExportBody, along route: DialectRoute, timeout: Duration) async -> SendResult {
    let ring = table.ring
    guard let member = ring.member(for: Self.member(named: route)) else {
      return .failed(reason: "no member is known\(lookup?.problem.map { ": \($0)" } ?? "")", retryable: true)
    }
    let sender: GRPCSender
    do {
      sender = try link(to: member)
    } catch {
      return .failed(reason: "\(error)", retryable: true)
    }
    let result = await sender.send(body, along: route, timeout: timeout)
    for gone in ended(to: member) { await gone.close() }
    return result
  }

  /// The member that a route names; empty if it names none.
  private static func member(named route: DialectRoute) -> String {
    guard case .grpc(_, let headers) = route else { return "" }
    return headers.first { $0.isMetadata && $0.name == BalancedDialect.memberKey }?.value ?? ""
  }

  private func link(to member: String) throws(SenderConfigurationError) -> GRPCSender {
    let made = state.withLock { state -> Result<GRPCSender, SenderConfigurationError> in
      if state.isClosed { return .failure(SenderConfigurationError("closed")) }
      do throws(SenderConfigurationError) {
        if state.links[member] == nil { state.links[member] = Link(sender: try makeSender(to: member)) }
        state.links[member]?.calls += 1
        return state.links[member].map { .success($0.sender) } ?? .failure(SenderConfigurationError("closed"))
      } catch {
        return .failure(error)
      }
    }
    return try made.get()
  }

  /// Takes note that a call has ended; returns the senders of members that have gone, which nothing uses any more.
  private func ended(to member: String) -> [GRPCSender] {
    let members = Set(table.ring.members)
    return state.withLock { state in
      state.links[member]?.calls -= 1
      let gone = state.links.filter { $0.value.calls <= 0 && !members.contains($0.key) }
      for name in gone.keys { state.links[name] = nil }
      return gone.values.map(\.sender)
    }
  }

  package func close() async {
    await lookup?.stop()
    let links = state.withLock { state in
      state.isClosed = true
      defer { state.links = [:] }
      return state.links.values.map(\.sender)
    }
    for sender in links { await sender.close() }
  }
}
