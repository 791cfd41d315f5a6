import NIOPosix
import Synchronization

/// Runs work that may block, such as writing to a file, one piece after the other on a thread of its own. Nobody waits
/// for it longer than wanted: a task that is cancelled leaves, whatever the thread is stuck in.
package final class FileThread: Sendable {
  private let pool = NIOThreadPool(numberOfThreads: 1)

  package init() { pool.start() }

  deinit { pool.shutdownGracefully { _ in } }

  /// Runs `work` and returns what it returns. If the task is cancelled before, work that has not begun is not done, and
  /// work that has is no longer waited for.
  package func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    let call = FileCall<Value>()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        guard call.begin(continuation) else { return }
        pool.submit { [call] state in
          guard case .active = state, call.isWaitedFor else { return call.end(.failure(CancellationError())) }
          call.end(Result { try work() })
        }
      }
    } onCancel: {
      call.end(.failure(CancellationError()))
    }
  }

  /// Runs `work` as the last and ends the thread, without waiting longer than `limit` for it.
  package func stop(within limit: Duration = .seconds(1), after work: @escaping @Sendable () -> Void) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { try? await self.run(work) }
      group.addTask { try? await Task.sleep(for: limit) }
      await group.next()
      group.cancelAll()
    }
    pool.shutdownGracefully { _ in }
  }
}

/// One call of a thread, which ends once: with its work, or because its task was cancelled.
private final class FileCall<Value: Sendable>: Sendable {
  private enum State {
    case new
    case waiting(CheckedContinuation<Value, any Error>)
    case ended
  }

  private let state = Mutex(State.new)

  /// Whether somebody waits for the result.
  var isWaitedFor: Bool {
    state.withLock { if case .waiting = $0 { true } else { false } }
  }

  /// Takes who waits; false if the call has ended before, which is told at once.
  func begin(_ continuation: CheckedContinuation<Value, any Error>) -> Bool {
    let isNew = state.withLock { state in
      guard case .new = state else { return false }
      state = .waiting(continuation)
      return true
    }
    if !isNew { continuation.resume(throwing: CancellationError()) }
    return isNew
  }

  func end(_ result: Result<Value, any Error>) {
    let waiter = state.withLock { state -> CheckedContinuation<Value, any Error>? in
      defer { state = .ended }
      guard case .waiting(let waiter) = state else { return nil }
      return waiter
    }
    waiter?.resume(with: result)
  }
}
