package import NIOSSL

/// TLS towards a destination (`tls`).
package struct ClientTLSOptions: Sendable, Equatable {
  /// PEM file of the authorities to trust instead of the system's (`ca_file`).
  package var caFile: String?
  /// PEM file of the certificate chain to present (`cert_file`), and of its key (`key_file`).
  package var certFile: String?
  package var keyFile: String?
  /// Unix time at which that certificate ends, as far as it is known.
  package var certificateExpiry: Int?
  /// Takes any certificate (`insecure_skip_verify`). Default false.
  package var insecureSkipVerify = false
  /// The name to expect in the certificate and to send as SNI (`server_name_override`).
  package var serverNameOverride: String?
  /// `1.0` to `1.3` (`min_version`). Default `1.2`.
  package var minVersion = "1.2"

  package init() {}

  /// What the TLS library needs; throws an error that names the file or option that is wrong.
  package func configuration() throws(SenderConfigurationError) -> TLSConfiguration {
    var tls = TLSConfiguration.makeClientConfiguration()
    tls.minimumTLSVersion = try version()
    if insecureSkipVerify { tls.certificateVerification = .none }
    if let caFile { tls.trustRoots = .certificates(try certificates(in: caFile)) }
    guard (certFile == nil) == (keyFile == nil) else {
      throw SenderConfigurationError("tls: cert_file and key_file go together")
    }
    if let certFile, let keyFile {
      tls.certificateChain = try certificates(in: certFile).map { .certificate($0) }
      tls.privateKey = .privateKey(try privateKey(in: keyFile))
    }
    return tls
  }

  private func version() throws(SenderConfigurationError) -> TLSVersion {
    switch minVersion {
    case "1.0": return .tlsv1
    case "1.1": return .tlsv11
    case "1.2": return .tlsv12
    case "1.3": return .tlsv13
    default: throw SenderConfigurationError("tls: min_version is 1.0, 1.1, 1.2 or 1.3, not \(minVersion)")
    }
  }

  private func certificates(in file: String) throws(SenderConfigurationError) -> [NIOSSLCertificate] {
    do {
      return try NIOSSLCertificate.fromPEMFile(file)
    } catch {
      throw SenderConfigurationError("tls: cannot read certificates from \(file)")
    }
  }

  private func privateKey(in file: String) throws(SenderConfigurationError) -> NIOSSLPrivateKey {
    do {
      return try NIOSSLPrivateKey(file: file, format: .pem)
    } catch {
      throw SenderConfigurationError("tls: cannot read a private key from \(file)")
    }
  }
}

/// Why a sender cannot be made from its options; quotes no secret.
package struct SenderConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}
