import Testing

@testable import Gateway

@Suite struct ClientCertificateOptionsTests {
  /// But for the warning that the port asks for no certificates.
  private func problems(_ options: String) -> [String] {
    BasicAuthOptionsTests.problems("client_certificate", options).filter { !$0.contains("warning: receivers.otlp") }
  }

  @Test func identitiesHaveOneMarkEach() {
    let fingerprint = String(repeating: "0aF", count: 21) + "1"
    let colons = String(
      fingerprint.enumerated().flatMap { $0.offset % 2 == 0 && $0.offset > 0 ? [":", $0.element] : [$0.element] })
    #expect(problems("{}") == [])
    #expect(
      problems(
        "{identities: [{subject: a, tenant: x, name: y}, {dns: a.example}, {uri: 'spiffe://a'}, "
          + "{fingerprint: '\(colons)'}]}") == [])
    for (wrong, part) in [
      ("{identities: []}", "at least one identity is required"),
      ("{identities: [{tenant: x}]}", "subject or dns or uri or fingerprint: required"),
      ("{identities: [{subject: a, dns: b}]}", "only one of subject, dns, uri and fingerprint may be given"),
      ("{identities: [{subject: a}, {subject: a}]}", "identities[1]: another identity has the same mark"),
      ("{identities: [{dns: A.example}, {dns: a.EXAMPLE}]}", "another identity has the same mark"),
      (
        "{identities: [{fingerprint: '\(fingerprint)'}, {fingerprint: '\(colons)'}]}",
        "another identity has the same mark"
      ),
      ("{identities: [{fingerprint: abc}]}", "expected the 64 hexadecimal digits of a SHA-256"),
    ] {
      let found = problems(wrong)
      #expect(found.contains { $0.contains(part) }, "\(wrong): \(found)")
    }
  }
}
