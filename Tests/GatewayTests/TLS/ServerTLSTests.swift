import Access
import NIOSSL
import Options
import Testing

@testable import Gateway

@Suite struct ServerTLSTests {
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
    #expect(throws: Never.self) { try options(yaml).watched(after: nil) }
  }

  @Test func choosesVersionsAndSuites() throws {
    let made = try TestCertificates.made.get()
    func read(_ more: String) -> TLSServerOptions { options("{cert_file: \(made.cert), key_file: \(made.key)\(more)}") }
    let plain = read("")
    #expect(plain.settings.cipherSuites.count == 6 && !plain.settings.cipherSuites.contains { $0.isInsecure })
    #expect(plain.settings.maxVersion == nil)
    for suite in TLSCipherSuite.allCases {
      let chosen = read(", include_insecure_cipher_suites: true, cipher_suites: [\(suite.rawValue)]")
      #expect(throws: Never.self, "\(suite)") { try chosen.watched(after: nil) }
    }
    #expect(throws: Never.self) { try read(", max_version: '1.2'").watched(after: nil) }
    #expect(read(", max_version: '1.2'").settings.maxVersion == .tls12)
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
    let old = problems(", min_version: '1.3', cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]")
    #expect(old.first?.hasSuffix("cipher_suites: have no effect: they are for TLS 1.2, and min_version is 1.3") == true)
    #expect(problems(", cipher_suites: [RC4]").first?.contains("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256") == true)
  }

  @Test func cannotBeMadeWithoutThem() throws {
    let made = try TestCertificates.made.get()
    #expect(throws: (any Error).self) {
      try options("{cert_file: /nowhere/c.pem, key_file: \(made.key)}").watched(after: nil)
    }
    #expect(throws: (any Error).self) {
      try options("{cert_file: \(made.cert), key_file: \(made.otherKey)}").watched(after: nil)
    }
  }

  @Test(arguments: TLSSettings.Curve.allCases) func choosesCurves(_ curve: TLSSettings.Curve) throws {
    let made = try TestCertificates.made.get()
    let chosen = options("{cert_file: \(made.cert), key_file: \(made.key), curve_preferences: [\(curve.rawValue)]}")
    #expect(chosen.settings.curves == [curve])
    #expect(throws: Never.self) { try chosen.watched(after: nil) }
  }

  @Test func asksClientsForCertificatesAsItIsTold() throws {
    let made = try TestCertificates.made.get()
    let pair = "cert_file: \(made.cert), key_file: \(made.key)"
    func verification(_ more: String) throws -> CertificateVerification {
      try options("{\(pair)\(more)}").watched(after: nil).value.configuration.certificateVerification
    }
    #expect(try verification("") == .none)
    #expect(try verification(", client_ca_file: \(made.cert)") == .noHostnameVerification)
    #expect(try verification(", client_ca_pem: \(made.pemText), client_auth: require") == .noHostnameVerification)
    #expect(
      try verification(", client_ca_file: \(made.cert), client_auth: verify_if_given") == .optionalVerification)
    let report = ConfigReport()
    let node = YAMLParser.parse(Array("{\(pair), client_auth: require}".utf8), source: "f.yaml", report: report)
    _ = TLSServerOptions(ConfigReader(try #require(node), path: "tls", report: report))
    #expect(report.errors.map(\.message) == ["is of no use without client_ca_file or client_ca_pem"])
  }
}
