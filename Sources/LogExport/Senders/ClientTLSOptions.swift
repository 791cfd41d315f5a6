package import Access
import Files
import HTTPTransport
import NIOSSL

/// TLS towards a destination (`tls`).
package struct ClientTLSOptions: Sendable, Equatable {
  /// The certificate to present and its key, and the authorities to trust instead of the system's.
  package var material = TLSMaterial()
  /// Whether the system's authorities are trusted too (`include_system_ca_certs_pool`). Default false.
  package var trustsSystemToo = false
  /// Takes any certificate (`insecure_skip_verify`). Default false.
  package var insecureSkipVerify = false
  /// The name to expect in the certificate and to send as SNI (`server_name_override`).
  package var serverNameOverride: String?
  package var settings = TLSSettings()

  package init() {}

  /// The file of the authorities (`ca_file`).
  package var caFile: String? {
    get { material.authorities?.path }
    set { material.authorities = newValue.map { .file($0) } }
  }

  /// What the TLS library needs, made anew when a file holds something else; throws an error that names the file that
  /// is wrong.
  /// Without `verifiesName` whoever connects has to see to it that the certificate is the destination's.
  package func watched(
    offering protocols: [String] = [], verifiesName: Bool = true
  ) throws(SenderConfigurationError) -> WatchedTLS {
    guard (material.chain == nil) == (material.key == nil) else {
      throw SenderConfigurationError("tls: cert_file and key_file go together")
    }
    let options = self
    do throws(FileReadError) {
      return try material.watched { certificates in
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.applicationProtocols = protocols
        options.settings.apply(to: &configuration)
        if !verifiesName { configuration.certificateVerification = .noHostnameVerification }
        if options.insecureSkipVerify { configuration.certificateVerification = .none }
        if let authorities = certificates.authorities {
          configuration.trustRoots = options.trustsSystemToo ? .default : .certificates(authorities)
          if options.trustsSystemToo { configuration.additionalTrustRoots = [.certificates(authorities)] }
        }
        configuration.certificateChain = certificates.chain.map { .certificate($0) }
        configuration.privateKey = certificates.key.map { .privateKey($0) }
        return configuration
      }
    } catch {
      throw SenderConfigurationError("tls: \(error.reason)")
    }
  }
}

extension ClientTLSOptions {
  /// Whose certificate an endpoint has to show; nil where any is taken.
  func destination(for endpoint: Endpoint) -> DestinationName? {
    insecureSkipVerify ? nil : DestinationName(serverNameOverride ?? endpoint.host)
  }
}

/// Why a sender cannot be made from its options; quotes no secret.
package struct SenderConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}
