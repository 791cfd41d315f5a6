import Glibc

/// A thread of the system, for what may block for ever: nothing waits for its end.
enum SystemThread {
  /// Runs `body` on a new thread. False if the system gives none.
  @discardableResult
  static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
    let box = Unmanaged.passRetained(Body(body))
    var thread = pthread_t()
    let failure = pthread_create(&thread, nil, { SystemThread.run($0) }, box.toOpaque())
    if failure != 0 { box.release() } else { pthread_detach(thread) }
    return failure == 0
  }

  /// Runs `body` on a new thread and waits for its result from a thread that may wait, for so long at most; nil if it
  /// does not come.
  static func result<Value: Sendable>(
    within limit: Duration, _ body: @escaping @Sendable () -> Value
  ) -> Value? {
    let result = Monitor<Value?>(nil)
    start {
      let value = body()
      result.change { $0 = value }
    }
    return result.wait(for: limit) { $0 }
  }

  private static func run(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
    return nil
  }

  private final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }
}

/// A value behind a lock that threads can wait for changes of, by the clock that nobody sets. For threads only: a task
/// must not wait here.
final class Monitor<Value: Sendable>: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var value: Value

  init(_ value: Value) {
    self.value = value
    pthread_mutex_init(mutex, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(condition, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  /// Changes the value and has all who wait look at it.
  func change<Result>(_ body: (inout Value) -> Result) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    defer { pthread_cond_broadcast(condition) }
    return body(&value)
  }

  /// Waits until `look` returns something and returns it; nil if it does not for so long.
  func wait<Result>(for limit: Duration?, _ look: (inout Value) -> Result?) -> Result? {
    var due = timespec()
    clock_gettime(CLOCK_MONOTONIC, &due)
    if let limit { due.advance(by: limit) }
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while true {
      if let result = look(&value) { return result }
      if limit == nil {
        pthread_cond_wait(condition, mutex)
      } else if pthread_cond_timedwait(condition, mutex, &due) != 0 {
        return look(&value)
      }
    }
  }
}

extension timespec {
  fileprivate mutating func advance(by duration: Duration) {
    let parts = duration.components
    let nanoseconds = tv_nsec + Int(parts.attoseconds / 1_000_000_000)
    tv_sec += Int(clamping: min(max(parts.seconds, 0), 1 << 32)) + nanoseconds / 1_000_000_000
    tv_nsec = max(nanoseconds % 1_000_000_000, 0)
  }
}
