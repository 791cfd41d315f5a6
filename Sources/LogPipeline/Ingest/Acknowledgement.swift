package import FrameQueues
import Synchronization

/// When a sender is told that its request was accepted (config `ack` of a pipeline).
package enum AcknowledgementPoint: String, Sendable, CaseIterable {
  /// Once its records are queued; what a queue holds in memory only, or has not yet synced, a crash may lose.
  case memory
  /// Once every queue has made them as durable as it can: on disk, where the queue is on disk.
  case disk
  /// Once every destination's records were delivered, dead-lettered or dropped by rule.
  case delivered
}

/// Frames of a request in one destination's queue that the answer to its sender has to wait for.
package struct UnsettledAppend: Sendable {
  /// The exporter's type and name.
  package let destination: String
  package let queue: any FrameQueue
  package let position: FramePosition
  /// How long the sender waits at most until they are delivered (config `ack_timeout`); nil if they only have to be
  /// durable.
  package let deliveryLimit: Duration?
}

extension IngestReceipt {
  /// How long the sender waits at most; nil if it waits for disks only.
  package var waitLimit: Duration? { unsettled.compactMap(\.deliveryLimit).min() }
  /// True if its sender can be told at once, and nobody else wants to know.
  package var isSettled: Bool { unsettled.isEmpty && settled.isEmpty }
}

/// What the answer to one request waits for: that everything unsettled is durable or delivered.
package final class Settlement: Sendable {
  private struct State {
    var waitingFor: Int
    var done: (@Sendable (IngestRefusal?) -> Void)?
    var tickets: [(queue: any FrameQueue, ticket: UInt64)] = []
  }

  private let unsettled: [UnsettledAppend]
  private let settled: [@Sendable (_ isAccepted: Bool) -> Void]
  private let state: Mutex<State>

  package init(_ receipt: IngestReceipt) {
    unsettled = receipt.unsettled
    settled = receipt.settled
    state = Mutex(State(waitingFor: unsettled.count))
  }

  /// Calls `done` once, from any thread and perhaps at once: with nil when all is settled, or with the first reason
  /// why something is not. A sender that is refused and tries again may cause duplicates, no loss. Call it once.
  package func begin(_ done: @escaping @Sendable (IngestRefusal?) -> Void) {
    state.withLock { $0.done = done }
    if unsettled.isEmpty { return settle(nil) }
    for append in unsettled {
      let settle: @Sendable (QueueRefusal?) -> Void = { refusal in
        self.settle(refusal.map { .queue($0, destination: append.destination) })
      }
      if append.deliveryLimit == nil {
        append.queue.whenDurable(append.position, settle)
      } else if let ticket = append.queue.whenAcknowledged(append.position, settle) {
        keep(ticket, of: append.queue)
      }
    }
  }

  /// Ends the wait. True if `done` has not been called, and now never will be.
  @discardableResult
  package func forget() -> Bool {
    end(isAccepted: false) { _ in true } != nil
  }

  /// Notes how to end a wait, or ends it if all is over already.
  private func keep(_ ticket: UInt64, of queue: any FrameQueue) {
    let isOver = state.withLock { state in
      if state.done != nil { state.tickets.append((queue, ticket)) }
      return state.done == nil
    }
    if isOver { queue.forget(ticket) }
  }

  private func settle(_ refusal: IngestRefusal?) {
    let done = end(isAccepted: refusal == nil) { state in
      state.waitingFor -= 1
      return refusal != nil || state.waitingFor <= 0
    }
    done?(refusal)
  }

  /// Takes out who waits, if nobody has and `isOver`, and forgets what it waits for; processors are told.
  private func end(isAccepted: Bool, if isOver: (inout State) -> Bool) -> (@Sendable (IngestRefusal?) -> Void)? {
    let (done, tickets) = state.withLock { state in
      guard isOver(&state), let done = state.done else {
        return ((@Sendable (IngestRefusal?) -> Void)?.none, [(queue: any FrameQueue, ticket: UInt64)]())
      }
      defer { (state.done, state.tickets) = (nil, []) }
      return (done, state.tickets)
    }
    for (queue, ticket) in tickets { queue.forget(ticket) }
    if done != nil { for settled in settled { settled(isAccepted) } }
    return done
  }
}
