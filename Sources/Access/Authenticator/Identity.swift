package import Options

/// Who sends a request, as an authenticator has found.
package struct Identity: Sendable, Equatable {
  /// The extension that has identified the sender, as the configuration names it.
  package var authenticator: String
  /// The tenant that the sender belongs to, if the authenticator knows.
  package var tenant: String?
  /// What the sender may send; nil for everything.
  package var signals: Set<Signal>?
  /// What `from_context: auth.<name>` asks for, such as `username` or `subject`; a name may have several values. No
  /// credential is among them.
  package var attributes: [(name: String, value: String)]

  package init(
    authenticator: String, tenant: String? = nil, signals: Set<Signal>? = nil,
    attributes: [(name: String, value: String)] = []
  ) {
    self.authenticator = authenticator
    self.tenant = tenant
    self.signals = signals
    self.attributes = attributes
  }

  package static func == (one: Identity, other: Identity) -> Bool {
    one.authenticator == other.authenticator && one.tenant == other.tenant && one.signals == other.signals
      && one.attributes.elementsEqual(other.attributes) { $0 == $1 }
  }

  /// Whether the sender may send a signal.
  package func maySend(_ signal: Signal) -> Bool { signals?.contains(signal) ?? true }
}
