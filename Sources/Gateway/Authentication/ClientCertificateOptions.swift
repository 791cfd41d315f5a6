package import Access
package import NIOCore
package import Options

/// `extensions.client_certificate`: knows senders by their certificate; not in the Collector.
package struct ClientCertificateOptions: ExtensionOptions {
  package static let doc =
    "Knows senders by the client certificate that tls.client_ca_file asks for; not in the Collector."

  private var senders: CertificateSenders?

  /// The most identities.
  private static let maxIdentities = 10_000

  package init(_ options: ConfigReader) {
    let given = options.sections(
      "identities", "The certificates that are taken, and whose they are; without any all that are verified."
    ) { GivenIdentity($0) }
    if given.count > Self.maxIdentities {
      options.error(at: "identities", "found \(given.count) identities: the limit is \(Self.maxIdentities)")
    }
    if !options.has("identities") { return }
    var senders = CertificateSenders()
    for given in given {
      guard let mark = given.mark, !senders.add(mark, given.identity) else { continue }
      given.report("another identity has the same mark")
    }
    self.senders = senders
    if options.isEmpty("identities") { options.error(at: "identities", "at least one identity is required") }
  }

  package var isAuthenticator: Bool { true }
  package var claims: [String]? { ["name", "tenant"] + CertificateAuthenticator.attributeNames }
  package var needsClientCertificates: Bool { true }

  package func makeAuthenticator(id: String, group: any EventLoopGroup) -> (any Authenticator)? {
    CertificateAuthenticator(id: id, senders)
  }
}

/// An item of `identities`.
private struct GivenIdentity {
  private let options: ConfigReader
  private(set) var mark: CertificateSenders.Mark?
  private(set) var identity = Identity(authenticator: "")

  init(_ options: ConfigReader) {
    self.options = options
    let subject = options.optional("subject", .nonEmptyString, "The common name of the certificate's subject.")
    let dns = options.optional("dns", .nonEmptyString, "A DNS name among its alternative names.")
    let uri = options.optional("uri", .nonEmptyString, "A URI among its alternative names, such as a SPIFFE ID.")
    let fingerprint = options.optional(
      "fingerprint", .nonEmptyString, "The SHA-256 of the certificate, in hexadecimal digits with or without colons.")
    identity.tenant = options.optional("tenant", .senderTenant, "The tenant that the sender belongs to: auth.tenant.")
    let name = options.optional("name", .nonEmptyString, "What the sender is called: auth.name.")
    if let name { identity.attributes = [("name", name)] }
    let keys = ["subject", "dns", "uri", "fingerprint"].filter { options.has($0) }
    if keys.isEmpty { options.requireOne(of: "subject", "dns", "uri", "fingerprint") }
    if keys.count > 1 { options.error(at: keys[1], "only one of subject, dns, uri and fingerprint may be given") }
    if let subject { mark = .subject(subject) }
    if let dns { mark = .dns(dns.lowercased()) }
    if let uri { mark = .uri(uri) }
    if let fingerprint { mark = Self.mark(ofFingerprint: fingerprint, options) }
  }

  func report(_ problem: String) { options.report.error(at: options.place, path: options.path, problem) }

  private static func mark(ofFingerprint text: String, _ options: ConfigReader) -> CertificateSenders.Mark? {
    let digits = text.lowercased().filter { $0 != ":" }
    guard digits.utf8.count == 64, digits.utf8.allSatisfy({ $0.isASCIIDigit || (0x61...0x66).contains($0) }) else {
      options.error(at: "fingerprint", "expected the 64 hexadecimal digits of a SHA-256")
      return nil
    }
    return .fingerprint(digits)
  }
}
