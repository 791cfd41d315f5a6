package import NIOCore
import NIOSSL

/// Stands before the TLS library until the client's first message is whole: finds what the library does not tell, and
/// counts what fails.
///
/// A client that offers protocols of which the server speaks none gets an alert, as RFC 7301 section 3.2 demands; the
/// library would go on without one.
package final class TLSHandshake: ChannelInboundHandler, RemovableChannelHandler {
  package typealias InboundIn = ByteBuffer
  package typealias InboundOut = ByteBuffer
  package typealias OutboundOut = ByteBuffer

  /// What a server speaks, the one it likes best first.
  package static let protocols = ["h2", "http/1.1"]
  /// A fatal alert in a record of its own: no_application_protocol.
  private static let alert: [UInt8] = [21, 3, 3, 0, 2, 2, 120]
  /// A first message that is longer is the library's business.
  static let maxHelloBytes = 16 << 10

  private let connection: HTTPConnectionContext
  private var received = ByteBuffer()
  private var hasBytes = false
  private var isPlainText = false
  private var isOver = false

  init(_ connection: HTTPConnectionContext) {
    self.connection = connection
  }

  package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var bytes = unwrapInboundIn(data)
    guard !isOver else { return }
    received.writeBuffer(&bytes)
    hasBytes = true
    switch TLSClientHello.read(received, protocols: Self.protocols) {
    case .incomplete where received.readableBytes <= Self.maxHelloBytes: return
    case .noSharedProtocol: return refuse(context)
    case .plainText: isPlainText = true
    case .incomplete, .taken: break
    }
    context.fireChannelRead(wrapInboundOut(received))
    received = ByteBuffer()
    context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
  }

  /// Counts the failure that the library reports.
  func failed(_ error: any Error, _ channel: any Channel) {
    guard let error = error as? NIOSSLError, case .handshakeFailed(let cause) = error else { return }
    let text = "\(cause)"
    if isPlainText { return count(.tlsPlainText, text, channel) }
    // Who only looks whether the port is open does not fail.
    if hasBytes { count(Self.kind(text), text, channel) }
  }

  private func refuse(_ context: ChannelHandlerContext) {
    count(.tlsNoSharedProtocol, "", context.channel)
    let written = context.eventLoop.makePromise(of: Void.self)
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: Self.alert)), promise: written)
    written.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
  }

  private func count(_ kind: HTTPAbuse, _ text: String, _ channel: any Channel) {
    guard !isOver else { return }
    isOver = true
    connection.refuse(kind, detail: Self.detail(text), on: channel)
  }

  /// By the names that the library has for its errors.
  private static func kind(_ text: String) -> HTTPAbuse {
    let kinds: [(String, HTTPAbuse)] = [
      ("PEER_DID_NOT_RETURN_A_CERTIFICATE", .tlsNoClientCertificate),
      ("CERTIFICATE_VERIFY_FAILED", .tlsBadClientCertificate), ("UNSUPPORTED_PROTOCOL", .tlsOldVersion),
      ("NO_SHARED_CIPHER", .tlsNoSharedCipher), ("NO_SHARED_GROUP", .tlsNoSharedCipher),
      ("_ALERT_", .tlsRefusedByClient), ("EOF", .tlsBrokenOff),
      // OpenSSL says by an alert in clear text that it does not trust a certificate of TLS 1.3, where only encrypted
      // records may come: two bytes are too few for one.
      ("BAD_PACKET_LENGTH", .tlsRefusedByClient),
    ]
    return kinds.first { text.contains($0.0) }?.1 ?? .tlsFailed
  }

  /// The library's name for the error, if it has one.
  private static func detail(_ text: String) -> String {
    guard let mark = text.firstRange(of: "OPENSSL_internal:") else { return "" }
    return String(
      text[mark.upperBound...].prefix { $0 == "_" || $0.isASCII && ($0.isLetter || $0.isNumber) }.prefix(64))
  }
}
