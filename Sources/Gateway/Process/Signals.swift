import CSystemCalls
import Glibc

/// What signals do to the process; the rest does what it does by default.
package enum Signals {
  /// Ask for an end; asked again, for an end at once.
  static let ending: [Int32: String] = [SIGTERM: "SIGTERM", SIGINT: "SIGINT"]
  /// Would end the process by default, and mean nothing to it.
  static let meaningless: [Int32: String] = [
    SIGUSR1: "SIGUSR1", SIGUSR2: "SIGUSR2", SIGALRM: "SIGALRM", SIGVTALRM: "SIGVTALRM", SIGPROF: "SIGPROF",
    SIGIO: "SIGIO", SIGPWR: "SIGPWR", SIGXCPU: "SIGXCPU",
  ]
  /// Come with a call that fails by itself: writing to what nobody reads, beyond a limit, or from the background.
  private static let ignored = [SIGPIPE, SIGXFSZ, SIGTTIN, SIGTTOU]

  /// Keeps signals from ending the process until it is known what they mean to it: call it before anything else, and
  /// then begin a `Lifetime`, or `forget` them. False if the system has no pipe for them.
  @discardableResult
  package static func hold() -> Bool {
    guard begin_watching_signals() == 0 else { return false }
    for number in ending.keys { watch_signal(number, 1) }
    // A process that was started to outlive its terminal ignores this one.
    watch_signal(SIGHUP, 0)
    for number in meaningless.keys { watch_signal(number, 0) }
    for number in 34...64 { watch_signal(Int32(number), 0) }
    return true
  }

  /// Has signals heeded from now on, those too that were held. False if the system has no pipe for them.
  static func begin() -> Bool {
    guard hold() else { return false }
    for number in ignored { ignore_signal(number) }
    return true
  }

  /// Has signals do what they do by default, those too that were held.
  package static func forget() { forget_signals() }

  static func name(_ number: Int32) -> String {
    ending[number] ?? meaningless[number] ?? (number == SIGHUP ? "SIGHUP" : "\(number)")
  }
}
