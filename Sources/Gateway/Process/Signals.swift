import CSystemCalls
import Glibc

/// What signals do to the process; the rest does what it does by default.
enum Signals {
  /// Ask for an end; asked again, for an end at once.
  static let ending: [Int32: String] = [SIGTERM: "SIGTERM", SIGINT: "SIGINT"]
  /// Would end the process by default, and mean nothing to it.
  static let meaningless: [Int32: String] = [
    SIGUSR1: "SIGUSR1", SIGUSR2: "SIGUSR2", SIGALRM: "SIGALRM", SIGVTALRM: "SIGVTALRM", SIGPROF: "SIGPROF",
    SIGIO: "SIGIO", SIGPWR: "SIGPWR", SIGXCPU: "SIGXCPU",
  ]
  /// Come with a call that fails by itself: writing to what nobody reads, beyond a limit, or from the background.
  private static let ignored = [SIGPIPE, SIGXFSZ, SIGTTIN, SIGTTOU]

  /// Has signals heeded from now on. False if the system has no pipe for them.
  static func begin() -> Bool {
    guard begin_watching_signals() == 0 else { return false }
    for number in ending.keys { watch_signal(number, 1) }
    // A process that was started to outlive its terminal ignores this one.
    watch_signal(SIGHUP, 0)
    for number in meaningless.keys { watch_signal(number, 0) }
    for number in 34...64 { watch_signal(Int32(number), 0) }
    for number in ignored { ignore_signal(number) }
    return true
  }

  static func name(_ number: Int32) -> String {
    ending[number] ?? meaningless[number] ?? (number == SIGHUP ? "SIGHUP" : "\(number)")
  }
}
