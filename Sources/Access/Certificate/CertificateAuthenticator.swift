package import HTTPTransport

/// Knows senders by the certificate that they have shown in the handshake, whose chain has been verified.
package struct CertificateAuthenticator: Authenticator {
  /// The names by which it gives out what a certificate says.
  package static let attributeNames = [
    "subject", "distinguished_name", "san_dns", "san_uri", "san_email", "fingerprint",
  ]

  private let id: String
  private let senders: CertificateSenders?

  /// Takes those of `senders` only, if it is given, and otherwise whoever has a certificate.
  package init(id: String, _ senders: CertificateSenders? = nil) {
    self.id = id
    self.senders = senders
  }

  /// A certificate is nothing that a header field holds.
  package var challenge: String? { nil }

  package func judge(_ head: HTTPRequestHead) -> Authentication {
    guard let certificate = head.clientCertificate else { return .decided(.absent) }
    var identity = Identity(authenticator: id)
    if let senders {
      guard let known = senders.sender(of: certificate) else { return .decided(.forbidden) }
      identity = known
      identity.authenticator = id
    }
    identity.attributes += certificate.attributes
    return .decided(.identified(identity))
  }
}

/// Who is known by which certificate.
package struct CertificateSenders: Sendable {
  /// What a certificate is told by.
  package enum Mark: Sendable, Hashable {
    /// The subject's common name.
    case subject(String)
    /// A DNS name or a URI among the subject's alternative names.
    case dns(String)
    case uri(String)
    /// The SHA-256 of the certificate, in lower-case hexadecimal digits.
    case fingerprint(String)
  }

  private var identities: [Mark: Identity] = [:]

  package init() {}

  /// Adds a sender; false if another is known by the same mark.
  package mutating func add(_ mark: Mark, _ identity: Identity) -> Bool {
    guard identities[mark] == nil else { return false }
    identities[mark] = identity
    return true
  }

  /// The sender of a certificate: by the most exact of its marks that one is known by.
  func sender(of certificate: ClientCertificate) -> Identity? {
    if let known = identities[.fingerprint(certificate.fingerprint)] { return known }
    for uri in certificate.uris { if let known = identities[.uri(uri)] { return known } }
    for name in certificate.dnsNames { if let known = identities[.dns(name.lowercased())] { return known } }
    return certificate.commonName.flatMap { identities[.subject($0)] }
  }
}

extension ClientCertificate {
  /// What `from_context: auth.<name>` can ask for.
  fileprivate var attributes: [(name: String, value: String)] {
    var attributes: [(name: String, value: String)] = [("fingerprint", fingerprint), ("distinguished_name", subject)]
    if let commonName { attributes.append(("subject", commonName)) }
    attributes += dnsNames.map { ("san_dns", $0) } + uris.map { ("san_uri", $0) } + emails.map { ("san_email", $0) }
    return attributes
  }
}
