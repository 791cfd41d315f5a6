import Glibc
import NIOPosix
import Synchronization

/// A few threads for checks that take long, with bounds on what waits for them. Owners take turns, and none has more
/// than a part of the room.
final class CheckThreads: Sendable {
  typealias Check = @Sendable () -> Void

  private let maxWaiting: Int
  private let maxWaitingOfOwner: Int
  private let threads: NIOThreadPool
  private let state = Mutex(State())

  private struct State: Sendable {
    var checks = FairQueue<Check>()
    var isStarted = false
  }

  init(count: Int, maxWaiting: Int, maxWaitingOfOwner: Int) {
    self.maxWaiting = maxWaiting
    self.maxWaitingOfOwner = maxWaitingOfOwner
    threads = NIOThreadPool(numberOfThreads: max(count, 1))
  }

  deinit {
    if state.withLock({ $0.isStarted }) { threads.shutdownGracefully { _ in } }
  }

  /// Has a thread do a check when it is the owner's turn; false if no more may wait.
  func take(of owner: String, _ check: @escaping Check) -> Bool {
    let isTaken = state.withLock { state in
      guard state.checks.count < maxWaiting, state.checks.count(of: owner) < maxWaitingOfOwner else { return false }
      state.checks.append(check, of: owner)
      if !state.isStarted { threads.start() }
      state.isStarted = true
      return true
    }
    guard isTaken else { return false }
    threads.submit { [weak self] _ in
      // What takes requests goes before what tells wrong passwords from right ones.
      setpriority(CInt(PRIO_PROCESS.rawValue), 0, Self.niceness)
      let next = self?.state.withLock { $0.checks.popFirst() }
      next?()
    }
    return true
  }

  private static let niceness: CInt = 5
}
