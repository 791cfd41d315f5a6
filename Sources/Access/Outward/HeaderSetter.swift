package import Files
package import NIOHTTP1
package import Options

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
    let source: Source

    package init(_ name: String, _ action: Action, _ source: Source) {
      self.name = name.lowercased()
      self.action = action
      self.source = source
    }

    /// An edit whose value is known, or that needs none since it deletes.
    package init(_ name: String, _ action: Action, value: SecretText?) {
      self.init(name, action, value.map { .given($0) } ?? .none)
    }
  }

  /// Where the value of a field comes from.
  package enum Source: Sendable {
    case none
    case given(SecretText)
    /// From the metadata of the records' requests, by a key; without a value there, the field is left as it is unless
    /// there is another.
    case metadata(key: String, otherwise: Secret?)

    var files: [UsedFiles] { if case .given(let text) = self { text.files } else { [] } }
    /// Whether it is the same for all records.
    fileprivate var isFixed: Bool { if case .metadata = self { false } else { true } }
  }

  private let edits: [Edit]
  private let additional: (any RequestCredentials)?

  package init(_ edits: [Edit], after additional: (any RequestCredentials)? = nil) {
    self.edits = edits
    self.additional = additional
  }

  package func write(to head: inout HTTPHeaders, within limit: Duration) async throws(CredentialFailure) {
    try await write(to: &head, of: SenderMetadata(), within: limit)
  }

  package func write(
    to head: inout HTTPHeaders, of metadata: SenderMetadata, within limit: Duration
  ) async throws(CredentialFailure) {
    if let additional { try await additional.write(to: &head, of: metadata, within: limit) }
    for edit in edits { edit.apply(to: &head, of: metadata) }
  }

  package func wereRefused(in head: HTTPHeaders) -> Bool {
    if let additional, additional.wereRefused(in: head) { return true }
    var other = head
    for edit in edits where edit.action != .insert && edit.source.isFixed {
      edit.apply(to: &other, of: SenderMetadata())
    }
    return edits.contains { other[$0.name] != head[$0.name] }
  }

  package var files: [UsedFiles] {
    let own = edits.enumerated().flatMap { position, edit in
      edit.source.files.map { UsedFiles(option: "headers[\(position)].\($0.option)", $0.files) }
    }
    return (additional?.files ?? []) + own
  }
}

extension HeaderSetter.Edit {
  fileprivate func apply(to head: inout HTTPHeaders, of metadata: SenderMetadata) {
    switch action {
    case .insert where head.contains(name: name): break
    case .update where !head.contains(name: name): break
    case .delete: head.remove(name: name)
    default: if let value = value(of: metadata) { head.replaceOrAdd(name: name, value: value) }
    }
  }

  private func value(of metadata: SenderMetadata) -> String? {
    switch source {
    case .none: ""
    case .given(let text): text.current.reveal()
    case .metadata(let key, let otherwise): metadata.value(of: key) ?? otherwise?.reveal()
    }
  }
}
