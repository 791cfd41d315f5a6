import HTTPTransport
import NIOSSL

extension NIOSSLContext {
  /// The TLS of a listener: its certificate, and its clients' authorities if they must present one.
  convenience init(server options: TLSServerOptions) throws {
    let chain = try NIOSSLCertificate.fromPEMFile(options.certFile).map { NIOSSLCertificateSource.certificate($0) }
    let key = try NIOSSLPrivateKey(file: options.keyFile, format: .pem)
    var configuration = TLSConfiguration.makeServerConfiguration(certificateChain: chain, privateKey: .privateKey(key))
    configuration.applicationProtocols = TLSHandshake.protocols
    configuration.minimumTLSVersion = TLSVersion(options.minVersion)
    configuration.maximumTLSVersion = options.maxVersion.map { TLSVersion($0) }
    if !options.cipherSuites.isEmpty {
      configuration.cipherSuites = options.cipherSuites.map(\.rawValue).joined(separator: ":")
    }
    if let authorities = options.clientCAFile {
      configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(authorities))
      configuration.certificateVerification = .noHostnameVerification
    }
    try self.init(configuration: configuration)
  }
}

extension TLSVersion {
  /// The version that a configuration names.
  init(_ version: TLSServerOptions.Version) {
    switch version {
    case .tls10: self = .tlsv1
    case .tls11: self = .tlsv11
    case .tls12: self = .tlsv12
    case .tls13: self = .tlsv13
    }
  }
}
