import Files
import Glibc
import NIOSSL
package import Options

/// Reads what a `tls` section names while the configuration is read, so that what is wrong is a problem with a place.
package struct TLSCheck {
  private let options: ConfigReader
  /// The size of one file.
  private let maxBytes: Int

  package init(_ options: ConfigReader, maxBytes: Int = TLSMaterial.maxFileBytes) {
    self.options = options
    self.maxBytes = maxBytes
  }

  /// Checks that the chain and its key can be read and belong together; what is not given is passed over.
  package func checkPair(_ material: TLSMaterial) {
    let chain = certificates("cert", material.chain)
    let key = privateKey("key", material.key)
    guard let chain, let own = chain.first else { return }
    checkDates(own)
    guard let key else { return }
    let configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
    if (try? NIOSSLContext(configuration: configuration)) == nil {
      options.error(at: options.pemKey("key"), "is not the key of the certificate in \(options.pemKey("cert"))")
    }
  }

  /// Checks that there are a certificate and its key, or neither.
  package func checkTogether(_ material: TLSMaterial) {
    guard (material.chain == nil) != (material.key == nil) else { return }
    let (chain, key) = (options.pemKey("cert"), options.pemKey("key"))
    options.error(at: material.chain == nil ? key : chain, "\(chain) and \(key) go together")
  }

  private func checkDates(_ certificate: NIOSSLCertificate) {
    let (now, key) = (time(nil), options.pemKey("cert"))
    if certificate.notValidAfter < now {
      let days = (now &- certificate.notValidAfter) / 86_400
      options.warning(at: key, "the certificate expired \(days) days ago: peers that check it do not connect")
    } else if certificate.notValidBefore > now {
      let days = (certificate.notValidBefore &- now) / 86_400
      options.warning(
        at: key, "the certificate is not valid for another \(days) days: peers that check it do not connect")
    }
  }

  /// Checks that authorities can be read.
  package func checkAuthorities(_ name: String, _ source: PEMSource?) { _ = certificates(name, source) }

  private func certificates(_ name: String, _ source: PEMSource?) -> [NIOSSLCertificate]? {
    guard let bytes = bytes(name, source) else { return nil }
    if let found = try? NIOSSLCertificate.fromPEMBytes(bytes), !found.isEmpty { return found }
    options.error(at: options.pemKey(name), "\(holder(source)) no certificate in PEM")
    return nil
  }

  private func privateKey(_ name: String, _ source: PEMSource?) -> NIOSSLPrivateKey? {
    guard let bytes = bytes(name, source) else { return nil }
    if let found = try? NIOSSLPrivateKey(bytes: bytes, format: .pem) { return found }
    options.error(at: options.pemKey(name), "\(holder(source)) no private key in PEM, or one with a passphrase")
    return nil
  }

  private func holder(_ source: PEMSource?) -> String { source?.path == nil ? "holds" : "the file holds" }

  private func bytes(_ name: String, _ source: PEMSource?) -> [UInt8]? {
    switch source {
    case nil: return nil
    case .text(let text): return Array(text.reveal().utf8)
    case .file(let path):
      guard !path.isEmpty else { return nil }
      do throws(FileReadError) {
        return try readFile(path, maxBytes: maxBytes, within: pipeLimit)
      } catch {
        options.error(
          at: options.pemKey(name), "cannot read \"\(path.forDisplay(maxCharacters: 256))\": \(error.reason)")
        return nil
      }
    }
  }
}
