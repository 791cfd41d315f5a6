/// Some of those whom authenticators know, by what is known of them.
package struct IdentityMatcher: Sendable, Equatable {
  /// The extension that has to have identified them; nil for any.
  package var authenticator: String?
  /// What they have to have, as `Identity.values(of:)` has it; nil for nothing.
  package var name: String?
  /// The value that it has to have; nil for any.
  package var value: String?

  package init(authenticator: String? = nil, name: String? = nil, value: String? = nil) {
    self.authenticator = authenticator
    self.name = name
    self.value = value
  }

  /// Whether somebody is one of them. Texts are the same if their bytes are: names that only look the same are others.
  package func matches(_ identity: Identity) -> Bool {
    if let authenticator, !authenticator.utf8.elementsEqual(identity.authenticator.utf8) { return false }
    guard let name else { return true }
    return identity.values(of: name).contains { each in value.map { $0.utf8.elementsEqual(each.utf8) } ?? true }
  }
}

extension Identity {
  /// What `from_context: auth.<name>` gives of a name: attributes, and `tenant`.
  func values(of name: String) -> [String] {
    let values = attributes.filter { $0.name.utf8.elementsEqual(name.utf8) }.map(\.value)
    return name == "tenant" ? values + [tenant].compactMap(\.self) : values
  }
}
