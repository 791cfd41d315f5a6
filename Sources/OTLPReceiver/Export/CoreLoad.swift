import Glibc
import Synchronization

/// How busy the process keeps the cores that it may use, told anew each tenth of a second in which somebody asks.
final class CoreLoad: Sendable {
  private static let intervalNano: UInt64 = 100_000_000

  private let cores: Int
  private let usedNano: @Sendable () -> UInt64
  private let next = Atomic<UInt64>(0)
  /// In thousandths.
  private let load = Atomic<Int>(0)
  private let last = Mutex<(now: UInt64, used: UInt64)?>(nil)

  /// The load of so many cores; `usedNano` says how long the process has used any, in nanoseconds.
  init(cores: Int, usedNano: @escaping @Sendable () -> UInt64 = { CoreLoad.processNano }) {
    self.cores = max(cores, 1)
    self.usedNano = usedNano
  }

  /// From 0 for idle to 1 for all of them, by a clock in nanoseconds that never goes back.
  func value(now: UInt64) -> Double {
    if now >= next.load(ordering: .relaxed) { look(now) }
    return Double(load.load(ordering: .relaxed)) / 1000
  }

  private func look(_ now: UInt64) {
    last.withLock { last in
      if let last, now < last.now &+ Self.intervalNano { return }
      let used = usedNano()
      if let last {
        let elapsed = Double(now &- last.now) * Double(cores)
        let share = Double(used > last.used ? used &- last.used : 0) / max(elapsed, 1)
        load.store(Int(min(max(share, 0), 1) * 1000), ordering: .relaxed)
      }
      last = (now, used)
      next.store(now &+ Self.intervalNano, ordering: .relaxed)
    }
  }

  /// The time that all threads of the process have used, in nanoseconds.
  private static var processNano: UInt64 {
    var used = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used)
    return UInt64(max(used.tv_sec, 0)) &* 1_000_000_000 &+ UInt64(max(used.tv_nsec, 0))
  }
}
