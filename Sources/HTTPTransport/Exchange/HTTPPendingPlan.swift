package import NIOCore
import Synchronization

/// A plan for a request's body that the service makes later: told once, from any thread.
package final class HTTPPendingPlan: Sendable {
  /// Says on the event loop what to do, and may note something on the head.
  package typealias Decision = @Sendable (inout HTTPRequestHead) -> HTTPBodyPlan

  private let eventLoop: any EventLoop
  private let deliver: @Sendable (HTTPPendingPlan, @escaping Decision) -> Void
  private let isOver = Atomic<Bool>(false)

  /// A plan whose decision reaches `deliver` on `eventLoop`, always later and never from within `decide`.
  package init(eventLoop: any EventLoop, deliver: @escaping @Sendable (HTTPPendingPlan, @escaping Decision) -> Void) {
    self.eventLoop = eventLoop
    self.deliver = deliver
  }

  /// Whether somebody still waits: the client has not left, its time is not over and nothing is decided.
  package var isAwaited: Bool { !isOver.load(ordering: .relaxed) }

  /// Decides, unless that was done or nobody waits any more.
  package func decide(_ decision: @escaping Decision) {
    guard !isOver.exchange(true, ordering: .relaxed) else { return }
    eventLoop.execute { self.deliver(self, decision) }
  }

  /// Nobody waits any more.
  func cancel() { isOver.store(true, ordering: .relaxed) }
}
