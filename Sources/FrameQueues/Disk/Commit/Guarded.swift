import Synchronization

/// A part of a queue that several of its threads use, with its lock.
final class Guarded<Value>: Sendable {
  private let mutex: Mutex<Value>

  init(_ value: consuming sending Value) { mutex = Mutex(value) }

  /// Calls `body` with the value, which nobody else has meanwhile.
  @inline(__always)
  func withLock<R, E: Error>(_ body: (inout sending Value) throws(E) -> sending R) throws(E) -> sending R {
    try mutex.withLock(body)
  }
}
