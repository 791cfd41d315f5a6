import NIOCore
import Synchronization

/// Counts what comes over the connections of a reader beside the bodies of answers: heads, interim answers (RFC 9110
/// section 15.2), blank lines, framing, trailers. A server can send such things without end, and nobody who waits for a
/// body sees them.
final class BytesBesideBody: Sendable {
  /// The most there may be, with what has arrived of a body and waits to be taken.
  static let limitBytes = 1 << 20
  /// Further bytes for each byte of a body: chunks may be as short as that.
  private static let framingBytes = 16

  private let received = Atomic<Int>(0)
  private let allowed = Atomic<Int>(0)

  /// Begins with the next request.
  func reset() {
    received.store(0, ordering: .relaxed)
    allowed.store(Self.limitBytes, ordering: .relaxed)
  }

  /// Bytes of a body have been taken.
  func took(_ count: Int) { allowed.wrappingAdd(count &* Self.framingBytes, ordering: .relaxed) }

  /// Bytes have arrived; throws if that is more than may.
  func arrived(_ count: Int) throws(SendError) {
    let bytes = received.wrappingAdd(count, ordering: .relaxed).newValue
    let limit = allowed.load(ordering: .relaxed)
    if bytes > limit { throw .tooMuchBesideBody(bytes: bytes, limitBytes: limit) }
  }

  /// Has the bytes of a connection counted; the connection ends where there are too many.
  @Sendable func watch(_ channel: any Channel) -> EventLoopFuture<Void> {
    channel.eventLoop.makeCompletedFuture {
      try channel.pipeline.syncOperations.addHandler(Handler(self), position: .first)
    }
  }

  private final class Handler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let counter: BytesBesideBody

    init(_ counter: BytesBesideBody) { self.counter = counter }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      do throws(SendError) {
        try counter.arrived(unwrapInboundIn(data).readableBytes)
      } catch {
        context.fireErrorCaught(error)
        return context.close(promise: nil)
      }
      context.fireChannelRead(data)
    }
  }
}
