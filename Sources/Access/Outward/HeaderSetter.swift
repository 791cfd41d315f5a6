package import Files
package import NIOHTTP1

/// Sets header fields one after the other, after other credentials have been written.
package struct HeaderSetter: RequestCredentials {
  /// What is done to a field.
  package enum Action: String, Sendable, CaseIterable {
    /// Only where it is not there.
    case insert
    /// Only where it is there.
    case update
    case upsert
    case delete
  }

  /// One field, and what is done to it.
  package struct Edit: Sendable {
    /// In lower case.
    let name: String
    let action: Action
    /// Nothing where it is deleted.
    let value: SecretText?

    package init(_ name: String, _ action: Action, value: SecretText?) {
      self.name = name.lowercased()
      self.action = action
      self.value = value
    }
  }

  private let edits: [Edit]
  private let additional: (any RequestCredentials)?

  package init(_ edits: [Edit], after additional: (any RequestCredentials)? = nil) {
    self.edits = edits
    self.additional = additional
  }

  package func write(to head: inout HTTPHeaders, within limit: Duration) async throws(CredentialFailure) {
    if let additional { try await additional.write(to: &head, within: limit) }
    for edit in edits { edit.apply(to: &head) }
  }

  package func wereRefused(in head: HTTPHeaders) -> Bool {
    if let additional, additional.wereRefused(in: head) { return true }
    var other = head
    for edit in edits where edit.action != .insert { edit.apply(to: &other) }
    return edits.contains { other[$0.name] != head[$0.name] }
  }

  package var files: [UsedFiles] {
    let own = edits.enumerated().flatMap { position, edit in
      (edit.value?.files ?? []).map { UsedFiles(option: "headers[\(position)].\($0.option)", $0.files) }
    }
    return (additional?.files ?? []) + own
  }
}

extension HeaderSetter.Edit {
  fileprivate func apply(to head: inout HTTPHeaders) {
    switch action {
    case .insert where head.contains(name: name): break
    case .update where !head.contains(name: name): break
    case .delete: head.remove(name: name)
    default: head.replaceOrAdd(name: name, value: value?.current.reveal() ?? "")
    }
  }
}
