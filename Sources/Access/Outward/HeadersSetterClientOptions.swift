package import NIOCore
package import Options

/// The header fields that `headers_setter` sets.
package struct HeadersSetterClientOptions: CredentialOptions {
  package let additional: ComponentReference?
  package let metadataUses: [MetadataUse]
  let edits: [HeaderSetter.Edit]

  package init(_ options: ConfigReader) {
    var uses: [MetadataUse] = []
    edits = options.sections("headers", "What is done to header fields, one after the other.") { field in
      let edit = HeaderSetter.Edit(field)
      if let use = edit.use(said: field) { uses.append(use) }
      return edit
    }
    metadataUses = uses
    if edits.isEmpty { options.requireOne(of: "headers") }
    let id = options.optional(
      "additional_auth", .componentID, "The extension that writes credentials before the fields are set.")
    additional = id.map { ComponentReference(id: $0, place: options.place(of: "additional_auth")) }
  }

  /// A tenant or the like may be read by anybody; for a credential of the gateway's own there are other extensions, and
  /// one of a sender is a secret.
  package var areSecret: Bool { metadataUses.contains { HeaderField.isCredential($0.header) } }

  package func makeCredentials(
    after additional: (any RequestCredentials)?, group: any EventLoopGroup
  ) -> any RequestCredentials {
    HeaderSetter(edits, after: additional)
  }
}

extension HeaderSetter.Edit {
  /// Reads one item of `headers`.
  fileprivate init(_ options: ConfigReader) {
    let name = options.required("key", .headerName, "The name of the field.")
    if !name.isEmpty, let problem = HeaderField.problem(ofName: name) { options.error(at: "key", problem) }
    let action = options.read("action", .choice(HeaderSetter.Action.upsert), default: .upsert, "What is done to it.")
    let value = options.secretText("value", "What it is set to.")
    let field = options.optional(
      "from_context", .headerName,
      "A header field of the senders' requests that it is set to, by which records have to be kept apart.")
    let claim = options.optional(
      "from_attribute", .nonEmptyString, "The same of what authentication knows of the sender.")
    if let claim { options.ask(claim: claim, at: "from_attribute") }
    let otherwise = options.optional("default_value", .headerSecret, "What it is set to where these have no value.")
    let keys = ["value", "value_file", "from_context", "from_attribute"].filter { options.has($0) }
    if action == .delete {
      for key in keys { options.error(at: key, "is of no use where the field is deleted") }
    } else if keys.isEmpty {
      options.requireOne(of: "value", "value_file", "from_context", "from_attribute")
    }
    for key in keys.dropFirst() where key != "value_file" || keys[0] != "value" {
      if action != .delete { options.error(at: key, "cannot be given together with \(keys[0])") }
    }
    if otherwise != nil, field == nil, claim == nil {
      options.error(at: "default_value", "is of no use without from_context or from_attribute")
    }
    if action != .delete, let key = field?.lowercased() ?? claim.map({ "auth.\($0)" }) {
      self.init(name, action, .metadata(key: key, otherwise: otherwise))
    } else {
      self.init(name, action, value: value)
    }
  }

  /// What it takes of requests; nil if that is nothing.
  fileprivate func use(said options: ConfigReader) -> MetadataUse? {
    guard case .metadata(let key, let otherwise) = source else { return nil }
    let option = options.has("from_context") ? "from_context" : "from_attribute"
    return MetadataUse(
      header: name, key: key, otherwise: otherwise?.reveal(), place: options.place(of: option),
      path: options.path(of: option))
  }
}
