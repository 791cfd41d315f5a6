/// Who sends a request, as an authenticator has found.
package struct Identity: Sendable, Equatable {
  /// The extension that has identified the sender, as the configuration names it.
  package var authenticator: String
  /// The tenant that the sender belongs to, if the authenticator knows.
  package var tenant: String?
  /// What `from_context: auth.<name>` asks for, such as `username` or `subject`; a name may have several values. No
  /// credential is among them.
  package var attributes: [(name: String, value: String)]

  package init(authenticator: String, tenant: String? = nil, attributes: [(name: String, value: String)] = []) {
    self.authenticator = authenticator
    self.tenant = tenant
    self.attributes = attributes
  }

  package static func == (one: Identity, other: Identity) -> Bool {
    one.authenticator == other.authenticator && one.tenant == other.tenant
      && one.attributes.elementsEqual(other.attributes) { $0 == $1 }
  }
}
