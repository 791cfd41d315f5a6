import Files
import Glibc
import NIOSSL
import Options

/// The files that a `tls` section names, read while the configuration is, so that a wrong one is a problem with a
/// place.
struct TLSFiles {
  private let options: ConfigReader
  /// The size of one file.
  private let maxBytes: Int

  init(_ options: ConfigReader, maxBytes: Int = ConfigLimits().maxSubstitutedFileBytes) {
    self.options = options
    self.maxBytes = maxBytes
  }

  /// Checks that the chain and its key can be read and belong together; files that are not given are passed over.
  /// Answers the Unix time at which the first certificate ends.
  @discardableResult
  func checkPair(certFile: String?, keyFile: String?) -> Int? {
    let chain = certificates("cert_file", certFile)
    let key = privateKey("key_file", keyFile)
    guard let chain, let own = chain.first else { return nil }
    checkDates(own)
    guard let key else { return own.notValidAfter }
    let configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
    if (try? NIOSSLContext(configuration: configuration)) == nil {
      options.error(at: "key_file", "is not the key of the certificate in cert_file")
    }
    return own.notValidAfter
  }

  private func checkDates(_ certificate: NIOSSLCertificate) {
    let now = time(nil)
    if certificate.notValidAfter < now {
      let days = (now &- certificate.notValidAfter) / 86_400
      options.warning(at: "cert_file", "the certificate expired \(days) days ago: peers that check it do not connect")
    } else if certificate.notValidBefore > now {
      let days = (certificate.notValidBefore &- now) / 86_400
      options.warning(
        at: "cert_file", "the certificate is not valid for another \(days) days: peers that check it do not connect")
    }
  }

  /// Checks that a file of authorities can be read.
  func checkAuthorities(_ key: String, _ path: String?) { _ = certificates(key, path) }

  private func certificates(_ key: String, _ path: String?) -> [NIOSSLCertificate]? {
    guard let bytes = bytes(key, path) else { return nil }
    if let found = try? NIOSSLCertificate.fromPEMBytes(bytes), !found.isEmpty { return found }
    options.error(at: key, "the file holds no certificate in PEM")
    return nil
  }

  private func privateKey(_ key: String, _ path: String?) -> NIOSSLPrivateKey? {
    guard let bytes = bytes(key, path) else { return nil }
    if let found = try? NIOSSLPrivateKey(bytes: bytes, format: .pem) { return found }
    options.error(at: key, "the file holds no private key in PEM, or one with a passphrase")
    return nil
  }

  private func bytes(_ key: String, _ path: String?) -> [UInt8]? {
    guard let path, !path.isEmpty else { return nil }
    do throws(FileReadError) {
      return try readFile(path, maxBytes: maxBytes)
    } catch {
      options.error(at: key, "cannot read \"\(path.forDisplay(maxCharacters: 256))\": \(error.reason)")
      return nil
    }
  }
}
