import CDigest
import NIOCore
import NIOSSL

extension ClientCertificate {
  /// What the certificate says that the client of a TLS connection has shown; nil if it has shown none.
  ///
  /// A server asks for one only if it verifies it, and ends the handshake if it cannot: what is there is verified.
  convenience init?(of handler: NIOSSLHandler) {
    guard let certificate = handler.peerCertificate else { return nil }
    self.init(certificate)
  }

  convenience init?(_ certificate: NIOSSLCertificate) {
    guard let bytes = try? certificate.toDERBytes(), let fingerprint = Self.fingerprint(bytes) else { return nil }
    let names = certificate._subjectAlternativeNames()
    func all(_ type: _SubjectAlternativeName.NameType) -> [String] {
      names.filter { $0.nameType == type }.map { String(decoding: $0.contents, as: UTF8.self) }
    }
    self.init(
      subject: certificate.subjectName.map { (Self.shortName($0.type), $0.value) }, dnsNames: all(.dnsName),
      uris: all(.uri), emails: all(.email), fingerprint: fingerprint, notAfter: certificate.notValidAfter)
  }

  /// RFC 4514 section 3, and `emailAddress`, which certificates have from PKCS #9.
  private static func shortName(_ type: SSLCertificateNameType) -> String {
    switch type {
    case .commonName: "CN"
    case .organization: "O"
    case .organizationalUnit: "OU"
    case .city: "L"
    case .state: "ST"
    case .country: "C"
    case .userId: "UID"
    case .emailAddress: "emailAddress"
    default: "?"
    }
  }

  /// Nil if the system's libcrypto has no SHA-256.
  private static func fingerprint(_ bytes: [UInt8]) -> String? {
    var digest = [UInt8](repeating: 0, count: Int(DIGEST_MAX_BYTES))
    let isMade = unsafe bytes.withUnsafeBytes { source in
      unsafe digest_of(DIGEST_SHA256, nil, 0, source.baseAddress, source.count, &digest)
    }
    guard isMade else { return nil }
    let digits = Array("0123456789abcdef".utf8)
    let hex = digest.prefix(32).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    return String(decoding: hex, as: UTF8.self)
  }
}
