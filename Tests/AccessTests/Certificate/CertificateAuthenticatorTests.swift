import HTTPTransport
import Testing

@testable import Access

@Suite struct CertificateAuthenticatorTests {
  private let certificate = ClientCertificate(
    subject: [("O", "Example"), ("CN", "edge")], dnsNames: ["edge.example.com", "EDGE2.example.com"],
    uris: ["spiffe://example/edge"], emails: ["edge@example.com"], fingerprint: "ab")

  private func verdict(_ senders: CertificateSenders? = nil, _ certificate: ClientCertificate?) -> AuthenticationVerdict
  {
    let head = HTTPRequestHead(method: "POST", path: "/", isTLS: true, clientCertificate: certificate)
    guard case .decided(let verdict) = CertificateAuthenticator(id: "client_certificate", senders).judge(head) else {
      return .unavailable
    }
    return verdict
  }

  @Test func whoeverHasACertificateIsKnownByWhatItSays() {
    #expect(verdict(certificate: nil) == .absent)
    let expected = Identity(
      authenticator: "client_certificate",
      attributes: [
        ("fingerprint", "ab"), ("distinguished_name", "CN=edge,O=Example"), ("subject", "edge"),
        ("san_dns", "edge.example.com"), ("san_dns", "EDGE2.example.com"), ("san_uri", "spiffe://example/edge"),
        ("san_email", "edge@example.com"),
      ])
    #expect(verdict(certificate: certificate) == .identified(expected))
  }

  private func verdict(certificate: ClientCertificate?) -> AuthenticationVerdict { verdict(nil, certificate) }

  private func tenant(_ marks: [(CertificateSenders.Mark, String)]) -> String? {
    var senders = CertificateSenders()
    for (mark, tenant) in marks { _ = senders.add(mark, Identity(authenticator: "", tenant: tenant)) }
    guard case .identified(let identity) = verdict(senders, certificate) else { return nil }
    return identity.tenant
  }

  @Test func theMostExactMarkCounts() {
    let marks: [(CertificateSenders.Mark, String)] = [
      (.subject("edge"), "d"), (.dns("edge2.example.com"), "c"), (.uri("spiffe://example/edge"), "b"),
      (.fingerprint("ab"), "a"),
    ]
    for count in 1...4 { #expect(tenant(Array(marks.prefix(count))) == ["d", "c", "b", "a"][count - 1]) }
  }

  @Test func whoIsNotAmongThemMayNotSend() {
    var senders = CertificateSenders()
    let areAdded = (0..<2).map { _ in senders.add(.subject("other"), Identity(authenticator: "")) }
    #expect(areAdded == [true, false])
    #expect(verdict(senders, certificate) == .forbidden)
    #expect(verdict(CertificateSenders(), certificate) == .forbidden)
    #expect(verdict(senders, nil) == .absent)
  }
}
