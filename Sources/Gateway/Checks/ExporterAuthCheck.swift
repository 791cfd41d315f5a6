import Access
import Options

/// Checks that what exporters name in `auth`, and extensions in `additional_auth`, are extensions that have something
/// to present, and that it is not sent where it can be read on the way.
struct ExporterAuthCheck {
  private let components: DefinedComponents
  private let started: Set<ComponentID>
  private let report: ConfigReport

  init(_ components: DefinedComponents, service: ServiceOptions, report: ConfigReport) {
    self.components = components
    started = service.startedExtensions
    self.report = report
  }

  func run() {
    for exporter in components.exporters {
      guard let auth = exporter.options.auth, let options = check(auth.authenticator, path: auth.path) else { continue }
      if areSecret(options) { checkTransport(auth) }
    }
    for component in components.extensions {
      guard let additional = component.options.credentials?.additional else { continue }
      let path = "extensions.\(component.id).additional_auth"
      guard check(additional, path: path) != nil else { continue }
      if chain(from: additional).contains(component.id) {
        report.error(at: additional.place, path: path, "leads back to \"\(component.id)\"")
      }
    }
  }

  /// The options of a named extension; nil after an error.
  private func check(_ reference: ComponentReference, path: String) -> (any CredentialOptions)? {
    let shown = reference.id.description.forDisplay(maxCharacters: 64)
    guard let component = components.extensions.first(where: { $0.id == reference.id }) else {
      let able = components.extensions.filter { $0.options.credentials != nil }
      let hint = report.isFull ? "" : suggestion(for: "\(reference.id)", among: able.map { "\($0.id)" })
      report.error(at: reference.place, path: path, "the extension \"\(shown)\" is not defined\(hint)")
      return nil
    }
    if !started.contains(reference.id) {
      report.error(at: reference.place, path: path, "\"\(shown)\" is not in service.extensions")
    }
    guard let options = component.options.credentials else {
      report.error(at: reference.place, path: path, "\"\(shown)\" has nothing to present to destinations")
      return nil
    }
    return options
  }

  /// The extensions that one leads to, itself included.
  private func chain(from reference: ComponentReference) -> Set<ComponentID> {
    var seen: Set<ComponentID> = []
    var next: ComponentReference? = reference
    while let reference = next, seen.insert(reference.id).inserted { next = options(of: reference)?.additional }
    return seen
  }

  private func options(of reference: ComponentReference) -> (any CredentialOptions)? {
    components.extensions.first { $0.id == reference.id }?.options.credentials
  }

  private func areSecret(_ options: any CredentialOptions) -> Bool {
    if options.areSecret { return true }
    guard let additional = options.additional else { return false }
    return chain(from: additional).contains { id in
      components.extensions.first { $0.id == id }?.options.credentials?.areSecret ?? false
    }
  }

  private func checkTransport(_ auth: ExporterAuth) {
    guard let endpoint = auth.endpoints.first(where: { !$0.isTLS && !$0.isLoopback }) else { return }
    let place = auth.authenticator.place
    if auth.isGRPC {
      report.error(
        at: place, path: auth.path, "credentials are not sent in clear text over gRPC: \(endpoint.authority) needs TLS")
    } else {
      report.warning(
        at: place, path: auth.path, "the credentials go to \(endpoint.authority) in clear text: use https://")
    }
  }
}
