package import Options

/// `auth` of a port: who may send over it.
package struct ReceiverAuthOptions: Sendable {
  /// The authenticators, which are asked in this order.
  package var authenticators: [ExtensionReference]
  /// How long a verdict may take.
  package var timeout: Duration

  /// The most authenticators of one port.
  static let maxAuthenticators = 8

  /// Reads the section.
  package init(_ options: ConfigReader) {
    let one = options.optional("authenticator", .componentID, "The extension that says who a sender is.")
    let several = options.placedList(
      "authenticators", of: .componentID,
      "Several, asked in this order: the first that knows what a sender presents decides; not in the Collector.")
    timeout = options.read(
      "timeout", .duration(in: .milliseconds(100) ... .seconds(60)), default: .seconds(10),
      "How long it may take to tell; then the sender is asked to retry. Not in the Collector.")
    options.unsupported("request_params", because: "what stands in a URL ends up in logs: use a header field")
    authenticators = several.enumerated().map { position, named in
      ExtensionReference(id: named.value, place: named.place, path: "\(options.path).authenticators[\(position)]")
    }
    if let one {
      let (place, path) = (options.place(of: "authenticator"), options.path(of: "authenticator"))
      authenticators.append(ExtensionReference(id: one, place: place, path: path))
    }
    check(options)
  }

  private func check(_ options: ConfigReader) {
    let (one, several) = ("authenticator", "authenticators")
    if !options.isEmpty(one), !options.isEmpty(several) {
      options.error(at: several, "only one of authenticator and authenticators may be given")
    }
    options.requireOne(of: one, several)
    if authenticators.count > Self.maxAuthenticators {
      options.error(at: several, "found \(authenticators.count) authenticators: the limit is \(Self.maxAuthenticators)")
    }
    for (position, reference) in authenticators.enumerated()
    where authenticators[..<position].contains(where: { $0.id == reference.id }) {
      options.report.error(at: reference.place, path: reference.path, "\"\(reference.id)\" is named twice")
    }
  }
}
