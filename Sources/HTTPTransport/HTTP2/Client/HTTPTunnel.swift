import NIOCore

/// The proxy that a client's connection goes through (CONNECT: RFC 9110 section 9.3.6).
package struct HTTPProxy: Sendable {
  package var host: String
  package var port: Int
  /// The value of `Proxy-Authorization`; secret.
  package var authorization: String?

  package init(host: String, port: Int, authorization: String? = nil) {
    self.host = host
    self.port = port
    self.authorization = authorization
  }
}

/// Asks a proxy for a tunnel and hands the connection on once there is one. Nothing of an answer is quoted but its
/// status.
final class HTTPTunnelHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// Bytes of the head of the proxy's answer.
  private static let maxHeadBytes = 16 * 1024

  private let target: String
  private let authorization: String?
  private let opened: (any Channel) throws -> Void
  private let failed: (HTTP2ClientError) -> Void
  private var received = ByteBuffer()
  private var isAsked = false
  private var isOver = false

  /// `target` is host and port. `opened` adds the handlers of what is spoken through the tunnel; `failed` is told why
  /// there is none.
  init(
    to target: String, authorization: String?, opened: @escaping (any Channel) throws -> Void,
    failed: @escaping (HTTP2ClientError) -> Void
  ) {
    self.target = target
    self.authorization = authorization
    self.opened = opened
    self.failed = failed
  }

  func handlerAdded(context: ChannelHandlerContext) {
    if context.channel.isActive { ask(context) }
  }

  func channelActive(context: ChannelHandlerContext) {
    ask(context)
    context.fireChannelActive()
  }

  private func ask(_ context: ChannelHandlerContext) {
    if isAsked { return }
    isAsked = true
    let credentials = authorization.map { "Proxy-Authorization: \($0)\r\n" } ?? ""
    let head = "CONNECT \(target) HTTP/1.1\r\nHost: \(target)\r\n\(credentials)\r\n"
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: head)), promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if isOver { return context.fireChannelRead(data) }
    var bytes = unwrapInboundIn(data)
    received.writeBuffer(&bytes)
    guard let headBytes = Self.endOfHead(in: received.readableBytesView) else {
      if received.readableBytes > Self.maxHeadBytes {
        fail("the head of the proxy's answer exceeds the limit of \(Self.maxHeadBytes) bytes", context)
      }
      return
    }
    guard headBytes <= Self.maxHeadBytes else {
      return fail(
        "the head of the proxy's answer has \(headBytes) bytes, the limit is \(Self.maxHeadBytes) bytes", context)
    }
    guard let status = Self.status(of: received.readableBytesView) else {
      return fail("the proxy does not speak HTTP/1.1", context)
    }
    guard (200..<300).contains(status) else { return fail("the proxy answers \(status)", context) }
    received.moveReaderIndex(forwardBy: headBytes)
    open(context)
  }

  private func open(_ context: ChannelHandlerContext) {
    isOver = true
    do {
      try opened(context.channel)
    } catch {
      return fail("\(error)", context)
    }
    // A server may speak first.
    if received.readableBytes > 0 {
      context.fireChannelRead(wrapInboundOut(received))
      context.fireChannelReadComplete()
    }
    context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    if !isOver { fail("the proxy closed the connection", context) }
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    fail(networkReason(of: error) ?? "\(type(of: error))", context)
  }

  private func fail(_ reason: String, _ context: ChannelHandlerContext) {
    isOver = true
    failed(.cannotConnect(reason: reason))
    context.close(promise: nil)
  }

  /// The number of bytes up to the end of the empty line; nil if it has not come yet.
  private static func endOfHead(in bytes: ByteBufferView) -> Int? {
    var previous = 0
    for (position, index) in bytes.indices.enumerated() where bytes[index] == UInt8(ascii: "\n") {
      // A line of nothing, or of a carriage return.
      let length = position - previous
      if previous > 0, length == 0 || length == 1 && bytes[bytes.index(before: index)] == UInt8(ascii: "\r") {
        return position + 1
      }
      previous = position + 1
    }
    return nil
  }

  /// The status of `HTTP/1.x NNN`; nil if it begins with something else.
  private static func status(of bytes: ByteBufferView) -> Int? {
    let line = Array(bytes.prefix(13))
    guard line.count == 13, line.starts(with: Array("HTTP/1.".utf8)), line[8] == UInt8(ascii: " "),
      !line[12...].allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    else { return nil }
    return Int(String(decoding: line[9..<12], as: UTF8.self))
  }
}
