import NIOSSL
import Options
import Testing

@testable import Gateway

@Suite struct TLSContextTests {
  private func options(_ yaml: String) -> TLSServerOptions {
    let report = ConfigReport()
    let null = ConfigNode(.null, at: ConfigPlace(source: "f.yaml"))
    let node = YAMLParser.parse(Array(yaml.utf8), source: "f.yaml", report: report) ?? null
    return TLSServerOptions(ConfigReader(node, path: "tls", report: report))
  }

  @Test(arguments: ["1.0", "1.1", "1.2", "1.3"])
  func isMadeOfTheFiles(_ version: String) throws {
    let made = try TestCertificates.made.get()
    let yaml =
      "{cert_file: \(made.cert), key_file: \(made.key), client_ca_file: \(made.cert), min_version: '\(version)'}"
    #expect(throws: Never.self) { try NIOSSLContext(server: options(yaml)) }
  }

  @Test func choosesVersionsAndSuites() throws {
    let made = try TestCertificates.made.get()
    func read(_ more: String) -> TLSServerOptions { options("{cert_file: \(made.cert), key_file: \(made.key)\(more)}") }
    let plain = read("")
    #expect(plain.cipherSuites.count == 6 && !plain.cipherSuites.contains { $0.isInsecure })
    #expect(plain.maxVersion == nil)
    for suite in TLSCipherSuite.allCases {
      let chosen = read(", include_insecure_cipher_suites: true, cipher_suites: [\(suite.rawValue)]")
      #expect(throws: Never.self, "\(suite)") { try NIOSSLContext(server: chosen) }
    }
    #expect(throws: Never.self) { try NIOSSLContext(server: read(", max_version: '1.2'")) }
    #expect(read(", max_version: '1.2'").maxVersion == .tls12)
  }

  @Test func saysWhatCannotBeChosen() throws {
    let made = try TestCertificates.made.get()
    func problems(_ more: String) -> [String] {
      standardProblems(
        """
        receivers: {otlp: {protocols: {http: {tls: {cert_file: \(made.cert), key_file: \(made.key)\(more)}}}}}
        exporters: {nop: {}}
        service: {pipelines: {logs: {receivers: [otlp], exporters: [nop]}}}
        """
      ).map { String($0[($0.firstRange(of: ".tls.")?.upperBound ?? $0.startIndex)...]) }
    }
    #expect(
      problems(", min_version: '1.3', max_version: '1.2'") == ["max_version: is 1.2, older than min_version 1.3"])
    #expect(
      problems(", cipher_suites: [TLS_RSA_WITH_AES_128_GCM_SHA256]") == [
        "cipher_suites: TLS_RSA_WITH_AES_128_GCM_SHA256 is not secure; include_insecure_cipher_suites: true takes it"
          + " anyway"
      ])
    #expect(
      problems(", cipher_suites: [TLS_AES_128_GCM_SHA256]") == [
        "cipher_suites: names none of TLS 1.2, whose suites alone can be chosen; min_version is older"
      ])
    #expect(problems(", min_version: '1.3', cipher_suites: [TLS_AES_128_GCM_SHA256]") == [])
    #expect(problems(", cipher_suites: [RC4]").first?.contains("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256") == true)
  }

  @Test func cannotBeMadeWithoutThem() throws {
    let made = try TestCertificates.made.get()
    #expect(throws: (any Error).self) {
      try NIOSSLContext(server: options("{cert_file: /nowhere/c.pem, key_file: \(made.key)}"))
    }
    #expect(throws: (any Error).self) {
      try NIOSSLContext(server: options("{cert_file: \(made.cert), key_file: \(made.otherKey)}"))
    }
  }

  @Test func versionsAreTheOnesNamed() {
    #expect(TLSVersion(.tls10) == .tlsv1 && TLSVersion(.tls11) == .tlsv11)
    #expect(TLSVersion(.tls12) == .tlsv12 && TLSVersion(.tls13) == .tlsv13)
  }
}
