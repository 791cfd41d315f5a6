package import FrameQueues
import Synchronization

/// When a sender is told that its request was accepted (config `ack` of a pipeline).
package enum AcknowledgementPoint: String, Sendable, CaseIterable {
  /// Once its records are queued; what a queue holds in memory only, or has not yet synced, a crash may lose.
  case memory
  /// Once every queue has made them as durable as it can: on disk, where the queue is on disk.
  case disk
}

/// Frames of a request in one destination's queue that are not known to be durable yet.
package struct UnsettledAppend: Sendable {
  /// The exporter's type and name.
  package let destination: String
  package let queue: any FrameQueue
  package let position: FramePosition
}

extension IngestReceipt {
  /// Calls `done` once, from any thread and perhaps at once: with nil when all that is unsettled is durable, or with
  /// the first reason why something is not. A sender that is refused and tries again may cause duplicates, no loss.
  package func whenSettled(_ done: @escaping @Sendable (IngestRefusal?) -> Void) {
    let finish: @Sendable (IngestRefusal?) -> Void = { [settled] refusal in
      for settled in settled { settled(refusal == nil) }
      done(refusal)
    }
    if unsettled.isEmpty { return finish(nil) }
    let settlement = Settlement(waitingFor: unsettled.count, finish)
    for append in unsettled {
      append.queue.whenDurable(append.position) { refusal in
        settlement.settle(refusal.map { .queue($0, destination: append.destination) })
      }
    }
  }
}

/// Counts down what a request waits for; calls back once, at the end or at the first refusal.
private final class Settlement: Sendable {
  private struct State {
    var waitingFor: Int
    var done: (@Sendable (IngestRefusal?) -> Void)?
  }

  private let state: Mutex<State>

  init(waitingFor: Int, _ done: @escaping @Sendable (IngestRefusal?) -> Void) {
    state = Mutex(State(waitingFor: waitingFor, done: done))
  }

  func settle(_ refusal: IngestRefusal?) {
    let done = state.withLock { state -> (@Sendable (IngestRefusal?) -> Void)? in
      state.waitingFor -= 1
      guard refusal != nil || state.waitingFor == 0 else { return nil }
      defer { state.done = nil }
      return state.done
    }
    done?(refusal)
  }
}
