/// Why a queue does not take frames now. The sender may try again later unless the frames can never fit.
package enum QueueRefusal: Error, Sendable, Equatable {
  /// The room left is less than what is needed, and will grow as the destination takes frames.
  case full(neededBytes: Int, freeBytes: Int, capacityBytes: Int)
  /// More than the whole queue holds: trying again cannot help.
  case neverFits(neededBytes: Int, capacityBytes: Int)
  /// More waits to be written to the disk than may: the disk does not keep up.
  case behind(waitingBytes: Int, limitBytes: Int)
  /// The queue has been closed because the process stops.
  case closed
  /// The disk does not take writes; the queue tries by itself until it does.
  case unavailable(reason: String)
}

extension QueueRefusal {
  /// True if fewer bytes, or later, might fit.
  package var isForLackOfRoom: Bool {
    switch self {
    case .full, .neverFits: true
    default: false
    }
  }
}
