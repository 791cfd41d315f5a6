import NIOCore
import Synchronization

/// The open connections of a server: none is taken in beyond the limit.
final class HTTPConnections: Sendable {
  private let channels = Mutex<[ObjectIdentifier: any Channel]>([:])
  private let isDraining = Atomic<Bool>(false)
  private let limit: Atomic<Int>

  init(limit: Int) { self.limit = Atomic(limit) }

  /// How many may be open from now on; those that are stay.
  func setLimit(_ count: Int) { limit.store(count, ordering: .relaxed) }

  var count: Int { channels.withLock { $0.count } }

  /// Takes a new connection in, unless there are as many as may be.
  func insert(_ channel: any Channel) -> Bool {
    let isTaken = channels.withLock { channels in
      guard channels.count < limit.load(ordering: .relaxed) else { return false }
      channels[ObjectIdentifier(channel)] = channel
      return true
    }
    if isTaken, isDraining.load(ordering: .acquiring) { tell(channel, .drain) }
    return isTaken
  }

  func remove(_ channel: any Channel) {
    channels.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(channel)) }
  }

  /// Tells all connections, and those still to come, to finish.
  func drain() {
    isDraining.store(true, ordering: .releasing)
    for channel in channels.withLock({ Array($0.values) }) { tell(channel, .drain) }
  }

  /// Tells all connections that they are closed in a moment.
  func lastCall() {
    for channel in channels.withLock({ Array($0.values) }) { tell(channel, .lastCall) }
  }

  func closeAll() {
    for channel in channels.withLock({ Array($0.values) }) { channel.close(promise: nil) }
  }

  private func tell(_ channel: any Channel, _ event: HTTPConnectionEvent) {
    channel.eventLoop.execute { channel.pipeline.fireUserInboundEventTriggered(event) }
  }
}
