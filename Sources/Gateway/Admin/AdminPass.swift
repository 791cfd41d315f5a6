import Access
import HTTPTransport
import LogStore
import Logging

/// What whoever has asked is known to be allowed: handed out by `AdminGate` alone, and kept with the request.
final class AdminPass: Sendable {
  /// Who asks; nil on this machine, where nobody is asked.
  let identity: Identity?
  /// The records that are seen; nil for all.
  let scope: RecordScope?
  private let audit: AdminAudit
  /// Asks again what somebody may.
  private let renewal: @Sendable (AdminPass) async -> AdminPass?

  init(
    _ identity: Identity?, scope: RecordScope?, _ audit: AdminAudit,
    renewal: @escaping @Sendable (AdminPass) async -> AdminPass? = { _ in nil }
  ) {
    self.identity = identity
    self.scope = scope
    self.audit = audit
    self.renewal = renewal
  }

  /// What may be seen of stores.
  var right: StoreRight { StoreRight(scope: scope) { await self.renewal(self)?.right } }

  /// Who asks from where, fit to be shown.
  func asker(of head: HTTPRequestHead) -> String {
    identity.map { "\($0.shown) at \(head.remoteAddress)" } ?? head.remoteAddress
  }

  /// Has the log tell of a look that somebody known takes, and of a query its shape.
  func noteLook(_ head: HTTPRequestHead, query: String) {
    if let identity { audit.tell("looked", head, by: identity, ["query": "\(query)"]) }
  }

  /// Has the log tell that somebody begins or ends to look at records as they pass, on this machine too.
  func noteTap(_ act: String, _ head: HTTPRequestHead, _ fields: Logger.Metadata) {
    audit.tell(act, head, by: identity, fields)
  }

  /// Has the log tell of something that is done because of the request.
  func noteChange(_ head: HTTPRequestHead) { audit.tell("asked for", head, by: identity) }
}
