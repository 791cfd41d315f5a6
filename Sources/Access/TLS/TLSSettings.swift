package import NIOSSL
package import Options

/// What a `tls` section says of the handshake: versions, cipher suites and curves.
package struct TLSSettings: Sendable, Hashable {
  /// A version, as the Collector writes it.
  package enum Version: String, Sendable, CaseIterable {
    case tls10 = "1.0"
    case tls11 = "1.1"
    case tls12 = "1.2"
    case tls13 = "1.3"

    package var library: TLSVersion {
      switch self {
      case .tls10: .tlsv1
      case .tls11: .tlsv11
      case .tls12: .tlsv12
      case .tls13: .tlsv13
      }
    }
  }

  /// A group for the key exchange, as the Collector writes it.
  package enum Curve: String, Sendable, CaseIterable {
    case x25519 = "X25519"
    case p256 = "P256"
    case p384 = "P384"
    case p521 = "P521"
    case x25519MLKEM768 = "X25519MLKEM768"

    fileprivate var library: NIOTLSCurve {
      switch self {
      case .x25519: .x25519
      case .p256: .secp256r1
      case .p384: .secp384r1
      case .p521: .secp521r1
      case .x25519MLKEM768: .x25519_MLKEM768
      }
    }
  }

  /// The oldest version taken.
  package var minVersion = Version.tls12
  /// The newest version taken; the newest there is if nil.
  package var maxVersion: Version?
  /// The suites taken with TLS 1.2 and older; if empty the library's choice.
  package var cipherSuites: [TLSCipherSuite] = []
  /// The groups for the key exchange, the one liked best first; if empty the library's choice.
  package var curves: [Curve] = []

  package init() {}

  /// Reads the options of both sides. Without `cipher_suites` those of `defaultSuites` are taken.
  package init(_ options: ConfigReader, defaultSuites: [TLSCipherSuite]) {
    minVersion = options.read("min_version", .choice(Version.tls12), default: .tls12, "The oldest TLS version taken.")
    maxVersion = options.optional("max_version", .choice(Version.tls13), "The newest TLS version taken.")
    let suites = options.list(
      "cipher_suites", of: .choice(TLSCipherSuite.ecdheECDSAWithAES128GCM),
      defaultSuites.isEmpty
        ? "Cipher suites of TLS 1.2; without any the TLS library's."
        : "Cipher suites of TLS 1.2; without any those with forward secrecy and AEAD.")
    if minVersion == .tls13, suites.contains(where: { !$0.isOfTLS13 }) {
      options.warning(at: "cipher_suites", "have no effect: they are for TLS 1.2, and min_version is 1.3")
    }
    let takesInsecure = options.read(
      "include_insecure_cipher_suites", .bool, default: false, "Whether cipher_suites may name other than secure ones.")
    curves = options.list(
      "curve_preferences", of: .choice(Curve.x25519),
      "Groups for the key exchange, the best first; without any the TLS library's.")
    _ = options.read(
      "reload_interval", .duration(), default: .zero,
      "Of no effect: files are looked at once a second, whatever it says.")
    options.unsupported("tpm", because: "there is no TPM support")
    cipherSuites = suites.isEmpty ? defaultSuites : suites.filter { !$0.isOfTLS13 }
    check(options, takesInsecure: takesInsecure, areSuitesGiven: !suites.isEmpty)
  }

  private func check(_ options: ConfigReader, takesInsecure: Bool, areSuitesGiven: Bool) {
    if let maxVersion, maxVersion.rawValue < minVersion.rawValue {
      options.error(at: "max_version", "is \(maxVersion.rawValue), older than min_version \(minVersion.rawValue)")
    }
    if !takesInsecure, let suite = cipherSuites.first(where: \.isInsecure) {
      options.error(
        at: "cipher_suites", "\(suite.rawValue) is not secure; include_insecure_cipher_suites: true takes it anyway")
    }
    if areSuitesGiven, cipherSuites.isEmpty, minVersion.rawValue < "1.3" {
      options.error(
        at: "cipher_suites", "names none of TLS 1.2, whose suites alone can be chosen; min_version is older")
    }
  }

  /// Puts them into a configuration of the TLS library.
  package func apply(to configuration: inout TLSConfiguration) {
    configuration.minimumTLSVersion = minVersion.library
    configuration.maximumTLSVersion = maxVersion?.library
    if !cipherSuites.isEmpty { configuration.cipherSuites = cipherSuites.map(\.rawValue).joined(separator: ":") }
    if !curves.isEmpty { configuration.curves = curves.map(\.library) }
  }
}
