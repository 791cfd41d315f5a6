import Access
import Files
import HTTPTransport
import NIOSSL

extension TLSServerOptions {
  /// The TLS of a listener: its certificate, and the authorities that clients' certificates are verified by. Goes on
  /// with the counts of what it takes the place of.
  func watched(after counts: FileCounts?) throws(FileReadError) -> WatchedTLS {
    let (settings, clientAuthentication) = (settings, clientAuthentication)
    return try material.watched(after: counts ?? FileCounts()) { (certificates) throws(FileReadError) in
      guard let key = certificates.key else { throw FileReadError(reason: "a port needs a private key") }
      var configuration = TLSConfiguration.makeServerConfiguration(
        certificateChain: certificates.chain.map { .certificate($0) }, privateKey: .privateKey(key))
      configuration.applicationProtocols = TLSHandshake.protocols
      settings.apply(to: &configuration)
      if let authorities = certificates.authorities {
        configuration.trustRoots = .certificates(authorities)
        configuration.certificateVerification =
          clientAuthentication == .require ? .noHostnameVerification : .optionalVerification
      }
      return configuration
    }
  }
}

/// The TLS of one port of a receiver.
struct PortTLS: Sendable {
  /// `grpc` or `http`, as the option that names it.
  let name: String
  let files: WatchedTLS

  /// The context for a connection that comes now.
  var context: @Sendable () -> NIOSSLContext { { [files] in files.value.context } }
}
