package import Files
package import NIOSSL

/// What a `tls` section has of its own, its key and authorities: where each comes from.
package struct TLSMaterial: Sendable, Hashable {
  /// The certificate to show, with those between it and its authority.
  package var chain: PEMSource?
  /// Its private key.
  package var key: PEMSource?
  /// Who may have signed the other side's certificate.
  package var authorities: PEMSource?
  /// The size of one file.
  package static let maxFileBytes = 1 << 20

  package init() {}

  /// The material read, and read again whenever a file holds something else. `configure` makes a configuration of it.
  package func watched(
    after counts: FileCounts = FileCounts(),
    _ configure: @escaping @Sendable (TLSCertificates) throws(FileReadError) -> TLSConfiguration
  ) throws(FileReadError) -> WatchedTLS {
    let sources = [chain, key, authorities]
    return try WatchedTLS(sources.compactMap { $0?.path }, maxBytes: Self.maxFileBytes, after: counts) {
      (contents) throws(FileReadError) in
      var contents = contents[...]
      let texts: [PEMText?] = sources.map { (source) -> PEMText? in
        switch source {
        case nil: nil
        case .text(let text): PEMText(name: "the text", bytes: Array(text.reveal().utf8))
        case .file(let path): PEMText(name: path, bytes: contents.popFirst() ?? [])
        }
      }
      let certificates = TLSCertificates(
        chain: try texts[0]?.certificates() ?? [], key: try texts[1]?.privateKey(),
        authorities: try texts[2]?.certificates())
      return try TLSInUse(try configure(certificates), of: certificates)
    }
  }
}

/// TLS that connections made from now on use; it changes with its files.
package typealias WatchedTLS = WatchedFiles<TLSInUse>

extension UsedFiles {
  /// Those of a `tls` section, if it names any.
  package static func tls(_ files: WatchedTLS?, at option: String = "tls") -> [UsedFiles] {
    guard let files, !files.paths.isEmpty else { return [] }
    return [UsedFiles(option: option, files)]
  }
}

/// What the texts of a `tls` section hold.
package struct TLSCertificates: Sendable {
  package let chain: [NIOSSLCertificate]
  package let key: NIOSSLPrivateKey?
  /// Nil if none are named.
  package let authorities: [NIOSSLCertificate]?
}

/// TLS as it is at a moment.
package struct TLSInUse: Sendable {
  package let configuration: TLSConfiguration
  package let context: NIOSSLContext
  /// Unix time at which the certificate ends that is shown to the other side; nil without one.
  package let certificateExpiry: Int?

  init(_ configuration: TLSConfiguration, of certificates: TLSCertificates) throws(FileReadError) {
    do {
      context = try NIOSSLContext(configuration: configuration)
    } catch {
      let isPair = certificates.key != nil
      throw FileReadError(
        reason: isPair ? "the key is not that of the certificate" : "TLS cannot be set up with what the files hold")
    }
    self.configuration = configuration
    certificateExpiry = certificates.chain.first?.notValidAfter
  }
}

/// A text that should be PEM, and what errors call it.
private struct PEMText {
  let name: String
  let bytes: [UInt8]

  func certificates() throws(FileReadError) -> [NIOSSLCertificate] {
    if let found = try? NIOSSLCertificate.fromPEMBytes(bytes), !found.isEmpty { return found }
    throw FileReadError(reason: "\(name) holds no certificate in PEM")
  }

  func privateKey() throws(FileReadError) -> NIOSSLPrivateKey {
    if let found = try? NIOSSLPrivateKey(bytes: bytes, format: .pem) { return found }
    throw FileReadError(reason: "\(name) holds no private key in PEM, or one with a passphrase")
  }
}
