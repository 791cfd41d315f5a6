import Glibc
import NIOCore

/// Stands still for a while when the system has no descriptor for a further connection.
///
/// The connection that was not taken waits in the system's queue, so that its socket stays readable: to go on at once
/// would be to spin. NIO leaves the channel open and registered then.
final class AcceptRest: ChannelInboundHandler {
  typealias InboundIn = any Channel

  private static let rest = TimeAmount.milliseconds(100)
  private let turnedAway: @Sendable (HTTPAbuse) -> Void
  private var isResting = false

  init(turnedAway: @escaping @Sendable (HTTPAbuse) -> Void) {
    self.turnedAway = turnedAway
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let error = error as? IOError, [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(error.errnoCode) else {
      return context.fireErrorCaught(error)
    }
    guard !isResting else { return }
    isResting = true
    turnedAway(.noDescriptors)
    let bound = NIOLoopBound((self, context.channel), eventLoop: context.eventLoop)
    try? context.channel.syncOptions?.setOption(.autoRead, value: false)
    context.eventLoop.scheduleTask(in: Self.rest) {
      let (handler, channel) = bound.value
      handler.isResting = false
      try? channel.syncOptions?.setOption(.autoRead, value: true)
    }
  }
}
