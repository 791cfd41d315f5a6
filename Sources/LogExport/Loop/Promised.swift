import Synchronization

/// A value that one task waits for and another gives; the first that is given counts.
final class Promised<Value: Sendable>: Sendable {
  private let value = Mutex<Value?>(nil)
  private let signal = WakeSignal()

  func give(_ new: Value) {
    value.withLock { $0 = $0 ?? new }
    signal.signal()
  }

  /// Waits for the value; nil if the task is cancelled before, or the deadline passes.
  func get(until deadline: Duration, by time: ExportTime) async -> Value? {
    while true {
      if let value = value.withLock({ $0 }) { return value }
      if Task.isCancelled || time.now() >= deadline { return nil }
      await signal.wait(until: deadline, by: time)
    }
  }

  /// Waits for the value; nil if the task is cancelled before.
  func get() async -> Value? {
    while true {
      if let value = value.withLock({ $0 }) { return value }
      if Task.isCancelled { return nil }
      await signal.wait()
    }
  }
}
