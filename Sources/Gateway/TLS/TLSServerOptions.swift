package import Options

/// How a listener does TLS: the Collector's `tls` section of a receiver.
package struct TLSServerOptions: Sendable, Hashable {
  /// A TLS version, as the Collector writes it.
  package enum Version: String, Sendable, CaseIterable {
    case tls10 = "1.0"
    case tls11 = "1.1"
    case tls12 = "1.2"
    case tls13 = "1.3"
  }

  /// The path of the certificate chain, in PEM.
  package var certFile: String
  /// The path of the private key, in PEM.
  package var keyFile: String
  /// If given, clients must present a certificate that this file's authorities signed.
  package var clientCAFile: String?
  /// The oldest version accepted.
  package var minVersion: Version
  /// The newest version accepted; the newest there is if nil.
  package var maxVersion: Version?
  /// The suites accepted with TLS 1.2 and older, never none.
  package var cipherSuites: [TLSCipherSuite]
  /// Unix time at which the first certificate of the chain ends; nil if it could not be read.
  package var certificateExpirySeconds: Int?

  /// Reads the section.
  package init(_ options: ConfigReader) {
    certFile = options.required("cert_file", .nonEmptyString, "The certificate chain, in PEM.")
    keyFile = options.required("key_file", .nonEmptyString, "The private key, in PEM.")
    clientCAFile = options.optional(
      "client_ca_file", .nonEmptyString, "The authorities of client certificates, in PEM; makes them required.")
    minVersion = options.read(
      "min_version", .choice(Version.tls12), default: .tls12, "The oldest TLS version accepted.")
    maxVersion = options.optional("max_version", .choice(Version.tls13), "The newest TLS version accepted.")
    let suites = options.list(
      "cipher_suites", of: .choice(TLSCipherSuite.ecdheECDSAWithAES128GCM),
      "Cipher suites of TLS 1.2; without any those with forward secrecy and AEAD.")
    let takesInsecure = options.read(
      "include_insecure_cipher_suites", .bool, default: false, "Whether cipher_suites may name other than secure ones.")
    cipherSuites = TLSCipherSuite.ofTLS12(suites)
    let files = TLSFiles(options)
    certificateExpirySeconds = files.checkPair(certFile: certFile, keyFile: keyFile)
    files.checkAuthorities("client_ca_file", clientCAFile)
    options.unsupported("reload_interval", because: "certificates are read at start")
    options.ignored("ca_file", "include_system_ca_certs_pool", because: "a server checks clients with client_ca_file")
    options.unsupported("client_ca_file_reload", because: "certificates are read at start")
    options.unsupported("cert_pem", "key_pem", "client_ca_pem", "ca_pem", because: "give the PEM in a file")
    options.unsupported("curve_preferences", because: "the TLS library's choice is used")
    options.unsupported("tpm", because: "there is no TPM support")
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
}
