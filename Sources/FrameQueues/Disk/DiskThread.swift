import CDisk
import Glibc
import Synchronization

/// A thread of a queue for what may wait for the disk: it makes rounds when it is asked to.
final class DiskThread: Sendable {
  private struct State {
    var isRaised = false
    var isStopped = false
    var isRunning = false
  }

  private let condition = Condition()
  private let state = Mutex(State())

  /// Has the thread make a round soon. Many calls may come to one round.
  func raise() {
    let isNew = state.withLock { state in
      defer { state.isRaised = true }
      return !state.isRaised
    }
    if isNew { condition.broadcast() }
  }

  /// Ends the thread after its round.
  func stop() {
    state.withLock { $0.isStopped = true }
    condition.broadcast()
  }

  var isRunning: Bool { state.withLock { $0.isRunning } }

  /// Ends the thread and returns once it has ended.
  func stopAndWait() {
    stop()
    condition.wait(until: nil) { state.withLock { !$0.isRunning } }
  }

  /// What a round comes to: nil if it was the last.
  struct Outcome {
    /// When the next round is due if nobody asks for one.
    let due: Duration?
    /// How long there is to be none, whoever asks.
    let pause: Duration
  }

  /// Runs `round` on a thread of its own, whenever it is asked for or due by what it returned, until it says
  /// that it was the last. One that works little and that others wait for takes short turns. False if there is no
  /// thread to be had.
  func start(takingShortTurns isShort: Bool, _ round: @escaping @Sendable (_ now: Duration) -> Outcome?) -> Bool {
    state.withLock { $0.isRunning = true }
    let started = Thread.start { [self] in
      if isShort { take_short_turns() }
      var due: Duration?
      while waitForRound(until: due) {
        guard let outcome = round(monotonicNow()) else { break }
        due = outcome.due
        sleep(outcome.pause)
      }
      state.withLock { $0.isRunning = false }
      condition.broadcast()
    }
    if !started { state.withLock { $0.isRunning = false } }
    return started
  }

  private func sleep(_ pause: Duration) {
    guard pause > .zero else { return }
    var time = timespec(pause)
    unsafe nanosleep(&time, nil)
  }

  /// Returns when a round is due; false if there is to be none any more.
  private func waitForRound(until due: Duration?) -> Bool {
    condition.wait(until: due) { state.withLock { $0.isRaised || $0.isStopped } }
    return state.withLock { state in
      state.isRaised = false
      return !state.isStopped
    }
  }
}

/// A POSIX condition variable with its mutex, on the monotonic clock.
@safe private final class Condition: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  init() {
    unsafe pthread_mutex_init(mutex, nil)
    var attributes = pthread_condattr_t()
    unsafe pthread_condattr_init(&attributes)
    unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    unsafe pthread_cond_init(condition, &attributes)
    unsafe pthread_condattr_destroy(&attributes)
  }

  deinit {
    unsafe pthread_cond_destroy(condition)
    unsafe pthread_mutex_destroy(mutex)
    unsafe condition.deallocate()
    unsafe mutex.deallocate()
  }

  /// Wakes all that wait, to look again.
  func broadcast() {
    unsafe pthread_mutex_lock(mutex)
    unsafe pthread_cond_broadcast(condition)
    unsafe pthread_mutex_unlock(mutex)
  }

  /// Waits until `isReady`, which a broadcast follows, or until a time has come.
  func wait(until due: Duration?, _ isReady: () -> Bool) {
    unsafe pthread_mutex_lock(mutex)
    while !isReady() {
      guard let due else {
        unsafe pthread_cond_wait(condition, mutex)
        continue
      }
      var time = timespec(due)
      if unsafe pthread_cond_timedwait(condition, mutex, &time) != 0 { break }
    }
    unsafe pthread_mutex_unlock(mutex)
  }
}

extension timespec {
  fileprivate init(_ duration: Duration) {
    let parts = duration.components
    self.init(tv_sec: Int(clamping: parts.seconds), tv_nsec: Int(parts.attoseconds / 1_000_000_000))
  }
}

/// A thread of the system.
enum Thread {
  /// Runs `body` on a new thread. False if the system gives none.
  static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
    let box = unsafe Unmanaged.passRetained(Body(body))
    var thread = pthread_t()
    let failure = unsafe pthread_create(&thread, nil, { unsafe Thread.run($0) }, unsafe box.toOpaque())
    if failure != 0 { unsafe box.release() } else { pthread_detach(thread) }
    return failure == 0
  }

  private static func run(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument = unsafe argument else { return nil }
    unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
    return nil
  }

  private final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }
}

extension DiskQueue {
  /// Starts the threads that commit and read; they end with the queue. False if there are none to be had.
  func startThreads() -> Bool {
    committing.raise()
    let isCommitting = committing.start(takingShortTurns: true) { [weak self] now in
      guard let self else { return nil }
      return self.committer.withLock { DiskThread.Outcome(due: $0.commit(at: now), pause: $0.gatherPause) }
    }
    return isCommitting
      && reading.start(takingShortTurns: false) { [weak self] _ in
        guard let self else { return nil }
        self.readWhatIsAsked()
        return DiskThread.Outcome(due: nil, pause: .zero)
      }
  }
}
