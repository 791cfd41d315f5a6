package import LogExport
package import Options

/// The extension whose credentials an exporter presents (`auth.authenticator`).
package struct ExporterAuth: Sendable {
  package let authenticator: ComponentReference
  /// Where the configuration names it, as in `exporters.otlp.auth.authenticator`.
  package let path: String
  /// Where it sends.
  package let endpoints: [LogExport.Endpoint]
  /// Whether it sends over gRPC, whose clients present nothing in clear text.
  package let isGRPC: Bool
}

extension ConfigReader {
  /// Reads `auth` of an exporter that sends to these endpoints; nil if it is not given. What else the exporter has to
  /// say who it is must not be given beside it.
  func exporterAuth(to endpoints: [String], isGRPC: Bool = false, instead keys: [String] = []) -> ExporterAuth? {
    let read = optionalSection("auth", "Who the gateway is to the destination, by an extension.") { auth in
      let id = auth.required(
        "authenticator", .componentID, "The extension: basicauth, bearertokenauth, oauth2client, headers_setter.")
      return (ComponentReference(id: id, place: auth.place(of: "authenticator")), auth.path(of: "authenticator"))
    }
    guard let (reference, path) = read, !reference.id.type.isEmpty else { return nil }
    for key in keys where has(key) { error(at: key, "cannot be given together with auth") }
    for entry in entry("headers")?.value.entries ?? [] where entry.key.lowercased() == "authorization" {
      report.warning(
        at: entry.place, path: self.path(of: "headers"), "has no effect where auth writes \"\(entry.key)\" too")
    }
    let parsed = endpoints.compactMap { try? LogExport.Endpoint(parsing: $0, defaultTLS: true) }
    return ExporterAuth(authenticator: reference, path: path, endpoints: parsed, isGRPC: isGRPC)
  }
}
