import Access
import HTTPTransport
import NIOCore
import NIOSSL
package import Options

/// How a command asks an admin port: in clear text or by TLS, and with which credentials.
package struct AdminCaller: Sendable {
  private var tls: NIOSSLContext?
  /// The one certificate that is taken, as the configuration names it; nil for those of authorities.
  private var certificate: NIOSSLCertificate?
  private var authorization: Secret?

  /// The most bytes of credentials.
  package static let maxCredentialBytes = 16 << 10

  /// Asks in clear text, without credentials.
  package init() {}

  /// Presents what a text says: `Basic user:password`, or `Bearer` and a token.
  package mutating func present(_ text: String) throws(AdminProbe.Failure) {
    guard text.utf8.count <= Self.maxCredentialBytes else {
      throw AdminProbe.Failure(
        description: "the credentials have \(text.utf8.count) bytes: the limit is \(Self.maxCredentialBytes)")
    }
    // A file of another system may end lines with two characters, which are one here.
    let first = text.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }.first
    let line = first.map(String.init) ?? ""
    let parts = line.split(separator: " ", maxSplits: 1).map { $0.drop { $0 == " " } }
    guard parts.count == 2, text.drop(while: { $0 != "\n" && $0 != "\r\n" }).allSatisfy(\.isWhitespace),
      line.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
    else {
      throw AdminProbe.Failure(description: "expected credentials in one line: Basic user:password, or Bearer token")
    }
    let given = String(parts[1])
    let pair = given.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let isPair = parts[0].lowercased() == "basic" && pair.count == 2
    let presented = isPair ? Authorization.basic(user: pair[0], password: pair[1]).headerValue : nil
    authorization = Secret(presented ?? "\(parts[0]) \(given)")
  }

  /// Asks by TLS and takes a certificate of the authorities in a file, or without one of those that the system knows.
  package mutating func trust(authoritiesIn path: String?) throws(AdminProbe.Failure) {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.minimumTLSVersion = .tlsv12
    if let path {
      let found = try? NIOSSLCertificate.fromPEMFile(path)
      guard let found, !found.isEmpty else {
        throw AdminProbe.Failure(description: "\(path) holds no certificate in PEM")
      }
      configuration.trustRoots = .certificates(found)
    }
    try use(configuration)
  }

  /// Asks by TLS where a gateway with these options runs, and takes its certificate alone, under any name.
  package mutating func trust(_ options: TLSServerOptions) throws(AdminProbe.Failure) {
    let found: [NIOSSLCertificate]? =
      switch options.material.chain {
      case .file(let path): try? NIOSSLCertificate.fromPEMFile(path)
      case .text(let text): try? NIOSSLCertificate.fromPEMBytes(Array(text.reveal().utf8))
      case nil: nil
      }
    guard let first = found?.first else {
      throw AdminProbe.Failure(description: "the certificate that service.admin.tls names cannot be read")
    }
    certificate = first
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.minimumTLSVersion = .tlsv12
    try use(configuration)
  }

  private mutating func use(_ configuration: TLSConfiguration) throws(AdminProbe.Failure) {
    do { tls = try NIOSSLContext(configuration: configuration) } catch {
      throw AdminProbe.Failure(description: "TLS cannot be set up")
    }
  }

  /// Why an address is not asked, as a sentence; nil if it can be.
  package func problem(asking address: Endpoint) -> String? {
    let host = address.host.lowercased()
    let isHere = host.isEmpty || host == "localhost" || host.hasPrefix("127.") || AdminAccess.isOfThisMachine(host)
    if isHere || authorization == nil || tls != nil { return nil }
    return "credentials would cross the network in the clear: give --address https://\(address)"
  }

  /// The fields of a request that say who asks.
  var headers: [(String, String)] { authorization.map { [("Authorization", $0.reveal())] } ?? [] }

  /// Has a connection speak TLS, if that is wanted.
  func prepare(_ channel: any Channel, to host: String) throws {
    guard let tls else { return }
    let name = IPAddress(host) == nil ? host : nil
    if let certificate {
      let handler = try NIOSSLClientHandler(context: tls, serverHostname: name) { shown, verdict in
        verdict.succeed(shown.first == certificate ? .certificateVerified : .failed)
      }
      try channel.pipeline.syncOperations.addHandler(handler)
    } else {
      try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: tls, serverHostname: name))
    }
  }
}
