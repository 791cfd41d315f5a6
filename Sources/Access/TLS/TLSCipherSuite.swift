/// A cipher suite of TLS 1.2 or 1.3, by its IANA name, as the Collector writes it.
package enum TLSCipherSuite: String, Sendable, CaseIterable {
  case ecdheECDSAWithAES128GCM = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"
  case ecdheRSAWithAES128GCM = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
  case ecdheECDSAWithAES256GCM = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"
  case ecdheRSAWithAES256GCM = "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"
  case ecdheECDSAWithChaCha20 = "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"
  case ecdheRSAWithChaCha20 = "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"
  case aes128GCM = "TLS_AES_128_GCM_SHA256"
  case aes256GCM = "TLS_AES_256_GCM_SHA384"
  case chaCha20 = "TLS_CHACHA20_POLY1305_SHA256"
  case ecdheECDSAWithAES128CBC = "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"
  case ecdheECDSAWithAES256CBC = "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA"
  case ecdheRSAWithAES128CBC = "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"
  case ecdheRSAWithAES256CBC = "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"
  case rsaWithAES128GCM = "TLS_RSA_WITH_AES_128_GCM_SHA256"
  case rsaWithAES256GCM = "TLS_RSA_WITH_AES_256_GCM_SHA384"
  case rsaWithAES128CBC = "TLS_RSA_WITH_AES_128_CBC_SHA"
  case rsaWithAES256CBC = "TLS_RSA_WITH_AES_256_CBC_SHA"

  /// What a suite is good for.
  private enum Kind {
    case secure
    /// Of TLS 1.3, whose suites are all secure and cannot be chosen from.
    case tls13
    /// With CBC, which has been broken time and again, or a key exchange without forward secrecy.
    case insecure
  }

  private var kind: Kind {
    switch self {
    case .ecdheECDSAWithAES128GCM, .ecdheRSAWithAES128GCM, .ecdheECDSAWithAES256GCM, .ecdheRSAWithAES256GCM,
      .ecdheECDSAWithChaCha20, .ecdheRSAWithChaCha20:
      .secure
    case .aes128GCM, .aes256GCM, .chaCha20: .tls13
    case .ecdheECDSAWithAES128CBC, .ecdheECDSAWithAES256CBC, .ecdheRSAWithAES128CBC, .ecdheRSAWithAES256CBC,
      .rsaWithAES128GCM, .rsaWithAES256GCM, .rsaWithAES128CBC, .rsaWithAES256CBC:
      .insecure
    }
  }

  /// Those with forward secrecy and AEAD, which a server takes without a choice.
  package static let secure = allCases.filter { $0.kind == .secure }

  /// Whether the suite is of TLS 1.3, whose suites cannot be chosen from.
  var isOfTLS13: Bool { kind == .tls13 }

  /// Whether the suite is taken only if asked for.
  package var isInsecure: Bool { kind == .insecure }
}
