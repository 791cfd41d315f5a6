import NIOSSL
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
