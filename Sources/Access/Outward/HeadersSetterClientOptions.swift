package import NIOCore
package import Options

/// The header fields that `headers_setter` sets.
package struct HeadersSetterClientOptions: CredentialOptions {
  package let additional: ComponentReference?
  let edits: [HeaderSetter.Edit]

  package init(_ options: ConfigReader) {
    edits = options.sections("headers", "What is done to header fields, one after the other.") { HeaderSetter.Edit($0) }
    if edits.isEmpty { options.requireOne(of: "headers") }
    let id = options.optional(
      "additional_auth", .componentID, "The extension that writes credentials before the fields are set.")
    additional = id.map { ComponentReference(id: $0, place: options.place(of: "additional_auth")) }
  }

  /// A tenant or the like may be read by anybody; for a credential there are other extensions.
  package var areSecret: Bool { false }

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
    options.unsupported(
      "from_context", "from_attribute", "default_value",
      because: "records of many requests are sent together, long after these have been answered")
    let isGiven = options.has("value") || options.has("value_file")
    if action == .delete, isGiven {
      options.error(at: options.has("value") ? "value" : "value_file", "is of no use where the field is deleted")
    } else if action != .delete {
      options.requireOne(of: "value", "value_file")
    }
    self.init(name, action, value: value)
  }
}
