import NIOPosix

/// Work that may wait for a disk, away from the threads that take requests and run tasks.
enum BlockingWork {
  /// Runs it on a thread that is kept for such.
  static func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
      NIOThreadPool.singleton.submit { _ in continuation.resume(returning: work()) }
    }
  }
}
