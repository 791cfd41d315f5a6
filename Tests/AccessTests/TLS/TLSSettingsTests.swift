import NIOSSL
import Options
import Testing

@testable import Access
@testable import Gateway

@Suite struct TLSSettingsTests {
  private func read(
    _ yaml: String, defaultSuites: [TLSCipherSuite] = []
  ) throws -> (settings: TLSSettings, problems: [String]) {
    let report = ConfigReport()
    let node = YAMLParser.parse(Array("{\(yaml)}".utf8), source: "f.yaml", report: report)
    let reader = ConfigReader(try #require(node), path: "tls", report: report)
    let settings = TLSSettings(reader, defaultSuites: defaultSuites)
    reader.finish()
    return (settings, report.errors.map { "\($0.path): \($0.message)" })
  }

  @Test func whatIsNotSaidIsTheLibrarysChoice() throws {
    let (settings, problems) = try read("")
    #expect(settings == TLSSettings() && problems == [])
    #expect(try read("", defaultSuites: TLSCipherSuite.secure).settings.cipherSuites.count == 6)
    var configuration = TLSConfiguration.makeClientConfiguration()
    let suites = configuration.cipherSuites
    settings.apply(to: &configuration)
    #expect(configuration.cipherSuites == suites && configuration.curves == nil)
    #expect(configuration.minimumTLSVersion == .tlsv12 && configuration.maximumTLSVersion == nil)
  }

  @Test(arguments: TLSSettings.Version.allCases) func versionsAreTheOnesNamed(_ version: TLSSettings.Version) throws {
    let libraries: [TLSVersion] = [.tlsv1, .tlsv11, .tlsv12, .tlsv13]
    let (settings, problems) = try read("min_version: '\(version.rawValue)', max_version: '\(version.rawValue)'")
    #expect(problems == [] && settings.minVersion == version && settings.maxVersion == version)
    #expect(libraries[try #require(TLSSettings.Version.allCases.firstIndex(of: version))] == version.library)
  }

  @Test func saysWhatCannotBeChosen() throws {
    #expect(
      try read("min_version: '1.3', max_version: '1.2'").problems == [
        "tls.max_version: is 1.2, older than min_version 1.3"
      ])
    #expect(
      try read("cipher_suites: [TLS_RSA_WITH_AES_128_GCM_SHA256]").problems == [
        "tls.cipher_suites: TLS_RSA_WITH_AES_128_GCM_SHA256 is not secure; include_insecure_cipher_suites: true takes"
          + " it anyway"
      ])
    #expect(try read("curve_preferences: [P224]").problems.count == 1)
    #expect(try read("min_version: '1.4'").problems.count == 1)
    #expect(try read("reload_interval: 24h").problems == [])
    #expect(try read("reload_interval: soon").problems.count == 1)
    #expect(try read("tpm: {enabled: true}").problems == ["tls.tpm: not supported by sluice: there is no TPM support"])
  }

  @Test(arguments: TLSSettings.Curve.allCases) func everyCurveCanBeUsed(_ curve: TLSSettings.Curve) throws {
    var configuration = TLSConfiguration.makeClientConfiguration()
    try read("curve_preferences: [\(curve.rawValue)]").settings.apply(to: &configuration)
    #expect(configuration.curves?.count == 1)
    #expect(throws: Never.self) { try NIOSSLContext(configuration: configuration) }
  }
}
