package import NIOCore
import NIOSSL
import NIOTLS

/// The name or address by which a destination is known, for which its certificate has to be (RFC 9110 section 4.3.4).
///
/// The TLS library takes a certificate for the name, or for the address that the connection goes to. Behind a proxy
/// that is the proxy's, and elsewhere it is what somebody has answered who was asked for the name: so what it takes is
/// looked at once more when the handshake is over, before anything is sent.
package struct DestinationName: Sendable {
  private let name: [UInt8]
  private let address: IPAddress?

  /// A host as configurations name it, without brackets.
  package init(_ host: String) {
    address = IPAddress(host)
    name = Self.folded(host.utf8)
  }

  /// Lower case, without a dot at the end.
  private static func folded(_ name: some Collection<UInt8>) -> [UInt8] {
    let folded = name.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }
    return folded.last == UInt8(ascii: ".") ? folded.dropLast() : folded
  }

  /// Throws if the certificate that the other end of a connection has shown is not the destination's. It has been taken
  /// by the TLS library; call it on the event loop.
  package func check(_ channel: any Channel) throws {
    let handler = try channel.pipeline.syncOperations.handler(type: NIOSSLClientHandler.self)
    guard let certificate = handler.peerCertificate else { throw DestinationNameError() }
    var (names, addresses): ([[UInt8]], [IPAddress]) = ([], [])
    for name in certificate._subjectAlternativeNames() {
      switch name.nameType {
      case .dnsName: names.append(Self.folded(name.contents))
      case .ipAddress: addresses += [IPAddress(bytes: name.contents)].compactMap(\.self)
      default: break
      }
    }
    if !isNamed(names, addresses, reached: IPAddress(channel.remoteAddress)) { throw DestinationNameError() }
  }

  /// Whether a certificate for these names and addresses, which has been taken over a connection to `reached`, is for
  /// the destination.
  func isNamed(_ names: [[UInt8]], _ addresses: [IPAddress], reached: IPAddress?) -> Bool {
    if let address { return addresses.contains(address) }
    // Not for the address that was reached: it has been taken for the name.
    guard let reached else { return false }
    return !addresses.contains(reached) || names.contains { isNamed($0) }
  }

  /// Whether it is that name, or has one label more than what follows `*` (RFC 6125 section 6.4.3).
  private func isNamed(_ pattern: [UInt8]) -> Bool {
    if pattern == name { return true }
    guard pattern.starts(with: "*.".utf8), let dot = name.firstIndex(of: UInt8(ascii: ".")), dot > 0 else {
      return false
    }
    return name[dot...] == pattern[1...]
  }
}

/// The certificate is not the destination's.
package struct DestinationNameError: Error {}

/// Looks at the certificate of a connection once its handshake is over, and ends the connection if it is not the
/// destination's.
final class DestinationNameHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let name: DestinationName

  init(_ name: DestinationName) { self.name = name }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case TLSUserEvent.handshakeCompleted? = event as? TLSUserEvent {
      do {
        try name.check(context.channel)
      } catch {
        context.fireErrorCaught(error)
        return context.close(promise: nil)
      }
    }
    context.fireUserInboundEventTriggered(event)
  }
}
