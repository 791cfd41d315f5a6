import Gateway
import Testing

@Suite struct TLSServerOptionsTests {
  private func made() throws -> TestCertificates { try TestCertificates.made.get() }

  /// The problems of a receiver's `tls` section, which stands on line 1.
  private func server(_ tls: String) -> [String] {
    standardProblems(
      """
      receivers: {otlp: {protocols: {grpc: {tls: {\(tls)}}}}}
      exporters: {nop: {}}
      service: {pipelines: {logs: {receivers: [otlp], exporters: [nop]}}}
      """)
  }

  @Test func takesACertificateWithItsKey() throws {
    let made = try made()
    #expect(server("cert_file: \(made.cert), key_file: \(made.key), client_ca_file: \(made.cert)") == [])
    let options =
      "endpoint: https://es:9200\ntls: {cert_file: \(made.cert), key_file: \(made.key), ca_file: \(made.cert)}"
    #expect(problems("elasticsearch", options) == [])
  }

  @Test func warnsOfCertificatesThatAreNotValidNow() throws {
    let (certificate, key) = try (TemporaryFile(Self.expiredPEM), TemporaryFile(Self.expiredKeyPEM))
    let pair = "cert_file: \(certificate.path), key_file: \(key.path)"
    for found in [server(pair), problems("elasticsearch", "endpoint: https://es:9200\ntls: {\(pair)}")] {
      #expect(found.count == 1)
      #expect(found.contains { $0.contains("tls.cert_file: the certificate expired ") })
      #expect(found.contains { $0.hasSuffix(" days ago: peers that check it do not connect") })
    }
  }

  private static let expiredKeyPEM = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgiRuFl6mvzZHmtA4A
    7gNTwDK3OczkXEX4cwRcjm3cq/ihRANCAASU1OgvyvH4ylgYpkH2KUiTPGIiyEZV
    7ZIyof/ABnVv1ui6/lLeCVBR5H8wq6IGLCN1QSZj4CJ0V57lL3mAAVPI
    -----END PRIVATE KEY-----
    """

  /// Ended on 2020-01-02.
  private static let expiredPEM = """
    -----BEGIN CERTIFICATE-----
    MIIBeDCCAR+gAwIBAgIUNKneQfUJvIqUeyJ9APwl0pXdeAIwCgYIKoZIzj0EAwIw
    EjEQMA4GA1UEAwwHZXhwaXJlZDAeFw0yMDAxMDEwMDAwMDBaFw0yMDAxMDIwMDAw
    MDBaMBIxEDAOBgNVBAMMB2V4cGlyZWQwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
    AASU1OgvyvH4ylgYpkH2KUiTPGIiyEZV7ZIyof/ABnVv1ui6/lLeCVBR5H8wq6IG
    LCN1QSZj4CJ0V57lL3mAAVPIo1MwUTAdBgNVHQ4EFgQUl9ZW1Clz/6apvzlmiLgP
    4Noog+QwHwYDVR0jBBgwFoAUl9ZW1Clz/6apvzlmiLgP4Noog+QwDwYDVR0TAQH/
    BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiBd7pafQhDTpz1DGsWwGeVv2YBtJ/3S
    2ispoMDFTImMEAIgM481F6fTD4Wid5LgVfRWrnUtmZDugmP9BvtxRlLD1Ho=
    -----END CERTIFICATE-----
    """

  @Test func namesEveryFileThatCannotBeRead() {
    let path = "receivers.otlp.protocols.grpc.tls"
    #expect(
      server("cert_file: /nowhere/c.pem, key_file: /nowhere/k.pem, client_ca_file: /nowhere/ca.pem") == [
        "f.yaml:1:45: \(path).cert_file: cannot read \"/nowhere/c.pem\": No such file or directory",
        "f.yaml:1:72: \(path).key_file: cannot read \"/nowhere/k.pem\": No such file or directory",
        "f.yaml:1:98: \(path).client_ca_file: cannot read \"/nowhere/ca.pem\": No such file or directory",
      ])
  }

  @Test func saysWhatAFileDoesNotHold() throws {
    let made = try made()
    let found = server("cert_file: \(made.noPEM), key_file: \(made.cert)")
    #expect(found.count == 2)
    #expect(found.first?.hasSuffix("cert_file: the file holds no certificate in PEM") == true)
    #expect(found.last?.hasSuffix("key_file: the file holds no private key in PEM, or one with a passphrase") == true)
  }

  @Test func wantsTheKeyOfTheCertificate() throws {
    let made = try made()
    let found = server("cert_file: \(made.cert), key_file: \(made.otherKey)")
    #expect(found.count == 1)
    #expect(found.first?.hasSuffix("tls.key_file: is not the key of the certificate in cert_file") == true)
  }

  @Test func readsTheFilesOfEveryExporterAtOnce() {
    let yaml = """
      receivers: {otlp: {protocols: {http: }}}
      exporters:
        elasticsearch: {endpoint: "https://es", tls: {ca_file: /nowhere/1.pem}}
        otlp: {endpoint: "b:4317", tls: {ca_file: /nowhere/2.pem}}
        otlphttp: {endpoint: "https://b", tls: {cert_file: /nowhere/3.pem}}
      service: {pipelines: {logs: {receivers: [otlp], exporters: [elasticsearch, otlp, otlphttp]}}}
      """
    let found = standardProblems(yaml)
    #expect(found.filter { $0.contains("cannot read \"/nowhere/") }.count == 3)
    #expect(found.contains("f.yaml:5:43: exporters.otlphttp.tls.cert_file: cert_file and key_file go together"))
  }
}
