import FrameQueues
import Synchronization

/// What of a queue's folder is set aside or missing, in numbers that are known without what was in it. The records of
/// it that the cursor had counted are in the queue's `lost`.
final class QueueDamage: Sendable {
  /// In numbers.
  struct Counts: Sendable, Equatable {
    /// Damaged segments, such as those without a readable header; their files are kept under another name.
    var setAsideSegments = 0
    /// Frames, each with at least one record, that are in no segment.
    var missingFrames = 0

    var isEmpty: Bool { self == Counts() }
  }

  private let state = Mutex(Counts())

  var counts: Counts { state.withLock { $0 } }

  func note(_ event: DiskQueueEvent) {
    state.withLock { counts in
      switch event {
      case .quarantined: counts.setAsideSegments += 1
      case .framesMissing(let count): counts.missingFrames &+= Int(clamping: count)
      default: break
      }
    }
  }
}
