import LogExport
import LogPipeline
import Options

/// Warns of what is there to tell senders and tenants apart and is asked by nobody, or cannot tell; reports what is
/// asked for that nobody knows.
struct AccessCheck {
  private let components: DefinedComponents
  private let started: Set<ComponentID>
  private let admin: AdminOptions
  private let report: ConfigReport

  init(_ components: DefinedComponents, service: ServiceOptions, report: ConfigReport) {
    self.components = components
    started = service.startedExtensions
    admin = service.admin
    self.report = report
  }

  func run() {
    warnOfOpenPorts()
    warnOfIdleAuthenticators()
    warnOfIdleTenants()
    warnOfUnknownTenants()
    warnOfSendersWithoutTenant()
    warnOfProbesWithoutCertificate()
    checkTenantFields()
    checkAdminMatchers()
    checkClaims()
  }

  /// What options ask of authentication and no authenticator that is asked ever gives: a slip of the pen, after which
  /// everybody looks the same.
  private func checkClaims() {
    let asked = Set(components.receivers.flatMap(\.options.authenticators).map(\.id))
    let authenticators = components.extensions.filter { asked.contains($0.id) && $0.options.isAuthenticator }
    if authenticators.isEmpty || authenticators.contains(where: { $0.options.claims == nil }) { return }
    let known = Set(authenticators.flatMap { $0.options.claims ?? [] }).sorted()
    for claim in report.claims where !known.contains(claim.name) {
      let name = claim.name.forDisplay(maxCharacters: 64)
      report.error(
        at: claim.place, path: claim.path,
        "no authenticator that is asked knows \"\(name)\" of a sender\(suggestion(for: claim.name, among: known))")
    }
  }

  /// A port that asks for no credentials beside one that does, and can be reached from elsewhere.
  private func warnOfOpenPorts() {
    for receiver in components.receivers where receiver.options.ports.contains(where: { !$0.isOpen }) {
      for port in receiver.options.ports where port.isOpen {
        if (try? LogExport.Endpoint(parsing: "\(port.endpoint)"))?.isLoopback == true { continue }
        report.warning(
          at: port.place, path: "receivers.\(receiver.id).\(port.option)",
          "has no auth, as another port of the receiver has: each takes all of OTLP, so that here everybody may send")
      }
    }
  }

  /// An authenticator that is started where no component has `auth`: whoever wrote that believes it is asked.
  private func warnOfIdleAuthenticators() {
    let isAsked =
      components.receivers.contains { !$0.options.authenticators.isEmpty }
      || components.exporters.contains { $0.options.auth != nil } || admin.auth != nil
    if isAsked { return }
    for component in components.extensions where component.options.isAuthenticator && started.contains(component.id) {
      warn(of: component.id, at: component.place, "is asked by nobody: no port has auth, so that everybody may send")
    }
  }

  private func warnOfIdleTenants() {
    if components.receivers.contains(where: { $0.options.tenants != nil }) { return }
    for component in components.extensions where component.options.tenants != nil && started.contains(component.id) {
      warn(of: component.id, at: component.place, "is asked by nobody: no receiver has tenants")
    }
    for exporter in components.exporters where exporter.options.needsTenants {
      report.warning(
        at: exporter.place, path: "exporters.\(exporter.id)",
        "tells tenants apart, and all records are nobody's: no receiver has tenants")
    }
  }

  /// Tenants that only credentials can name, where nobody is asked for any.
  private func warnOfUnknownTenants() {
    for receiver in components.receivers where receiver.options.authenticators.isEmpty {
      guard let tenants = receiver.options.tenants,
        let policy = components.extensions.first(where: { $0.id == tenants.id })?.options.tenants,
        policy.sources.allSatisfy(\.isClaim)
      else { continue }
      let effect = policy.isRequired ? "every request is refused" : "all records are nobody's"
      report.warning(
        at: tenants.place, path: tenants.path,
        "asks for what credentials say (\(policy.sources.map(\.text).joined(separator: ", "))), and no port has auth: "
          + effect)
    }
  }

  /// Senders that are known by something that gives no tenant, and are then believed what anybody can say.
  private func warnOfSendersWithoutTenant() {
    for receiver in components.receivers {
      guard let tenants = receiver.options.tenants,
        let policy = components.extensions.first(where: { $0.id == tenants.id })?.options.tenants,
        case let asked = policy.sources.compactMap(\.claim), !asked.isEmpty,
        let open = policy.sources.first(where: { !$0.isClaim })
      else { continue }
      let silent = Set(receiver.options.authenticators.map(\.id)).filter { id in
        guard let claims = components.extensions.first(where: { $0.id == id })?.options.claims else { return false }
        return asked.allSatisfy { !claims.contains($0) }
      }
      if silent.isEmpty { continue }
      let names = silent.map { "\($0)" }.sorted().joined(separator: ", ")
      report.warning(
        at: tenants.place, path: tenants.path,
        "senders whom \(names) knows have no tenant of their own: whichever \(open.text) names is believed")
    }
  }

  /// Whoever has no certificate cannot even ask for `/healthz` of an admin port that wants one.
  private func warnOfProbesWithoutCertificate() {
    guard let tls = admin.tls, tls.material.authorities != nil, tls.clientAuthentication == .require else { return }
    report.warning(
      at: admin.place, path: "service.admin.tls",
      "probes, Prometheus and sluice probe have no certificate and are not answered: client_auth verify_if_given lets "
        + "them ask")
  }

  /// The names of tenants stand in metrics and in the log.
  private func checkTenantFields() {
    for component in components.extensions {
      for case .field(let name) in component.options.tenants?.sources ?? []
      where components.extensions.areCredentials(in: name) {
        report.error(
          at: component.place, path: "extensions.\(component.id).from",
          "metadata.\(name) holds credentials of senders, and the names of tenants are shown to everybody")
      }
    }
  }

  /// Of several authenticators each may give what another is meant by: a claim of a token can have the name of a user.
  private func checkAdminMatchers() {
    let asked = admin.authenticators.map { "\($0.id)" }
    for (position, rule) in (admin.rules ?? []).enumerated() {
      for (index, matcher) in rule.who.enumerated() {
        let path = "service.admin.access[\(position)].who[\(index)]"
        if let named = matcher.authenticator {
          if asked.contains(named) { continue }
          report.error(
            at: admin.place, path: path + ".authenticator",
            "\(named) is not asked\(suggestion(for: named, among: asked))")
        } else if asked.count > 1 {
          report.error(
            at: admin.place, path: path,
            "several authenticators are asked, and each may give what is meant: say which with authenticator")
        }
      }
    }
  }

  private func warn(of id: ComponentID, at place: ConfigPlace, _ message: String) {
    report.warning(at: place, path: "extensions.\(id)", message)
  }
}

extension TenantSource {
  fileprivate var isClaim: Bool { claim != nil }
  fileprivate var claim: String? { if case .claim(let name) = self { name } else { nil } }
}
