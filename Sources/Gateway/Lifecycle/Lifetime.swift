import CSystemCalls
import Glibc
package import LogExport
import Logging
import Synchronization

/// How long the process lives: until a signal asks for its end and it has come to it, or the deadline for that has
/// passed, whatever its threads are stuck in then.
package final class Lifetime: Sendable {
  /// What a terminal that goes away means.
  package enum HangUp: Sendable {
    /// For a service: to read the configuration again.
    case reloads
    /// For a command: the end.
    case ends
  }

  private struct State {
    var logger = Logger(label: "sluice") { OwnLog(label: $0, level: .info, encoding: .console) }
    var limit = Duration.zero
    /// Says what is given up if the end is forced; nil as long as there is nothing to lose.
    var giveUp: (@Sendable () -> Void)?
    var forcedEnd: ContinuousClock.Instant?
    /// When the end was asked for first.
    var asked: ContinuousClock.Instant?
    var told: Set<Int32> = []
    /// Has the configuration read again.
    var reload: (@Sendable () -> Void)?
  }

  /// How long after the deadline the end is forced: closing takes a moment.
  private static let closing = Duration.seconds(2)

  /// Signals that follow the first so soon are the same wish: a supervisor and a shell both send one.
  private static let oneWish = Duration.milliseconds(500)

  /// Raised by signals.
  package let stop = StopRequest()
  private let hangUp: HangUp
  private let state = Mutex(State())

  private init(_ hangUp: HangUp) { self.hangUp = hangUp }

  /// Begins to heed signals. Call it once, before anything that takes time.
  package static func begin(hangUp: HangUp) -> Lifetime {
    let lifetime = Lifetime(hangUp)
    if Signals.begin() { SystemThread.start { lifetime.listen() } }
    return lifetime
  }

  /// Says how long an end may take from now on, and what is to be said if it takes longer. Then the exit code is 1.
  package func arm(_ limit: Duration, giveUp: @escaping @Sendable () -> Void) {
    state.withLock { state in
      state.limit = limit
      state.giveUp = giveUp
      // The end was asked for before: it may take that long now.
      if state.forcedEnd != nil { state.forcedEnd = .now + limit + Self.closing }
    }
  }

  private func listen() {
    while true {
      let left = state.withLock { $0.forcedEnd }.map { $0 - .now }
      if let left, left <= .zero { endByForce() }
      let number = next_signal(left.map { Int32(clamping: $0.wholeMilliseconds &+ 1) } ?? -1)
      if number > 0 { heed(number) }
    }
  }

  private func heed(_ number: Int32) {
    let name = Signals.name(number)
    switch number {
    case SIGTERM, SIGINT: end(name)
    case SIGHUP where hangUp == .ends: end(name)
    case SIGHUP:
      // During the start the configuration has just been read.
      state.withLock { $0.reload }?()
    default:
      let isNew = state.withLock { $0.told.insert(number).inserted }
      if isNew { logger.warning("signals of this kind are ignored", metadata: ["signal": "\(name)"]) }
    }
  }

  /// Sets what SIGHUP does.
  func onHangUp(_ reload: @escaping @Sendable () -> Void) { state.withLock { $0.reload = reload } }

  /// Sets where it is said what signals come and that the end is forced.
  func tell(_ logger: Logger) { state.withLock { $0.logger = logger } }

  private var logger: Logger { state.withLock { $0.logger } }

  private func end(_ name: String) {
    let now = ContinuousClock.now
    let asked = state.withLock { state -> ContinuousClock.Instant? in
      defer { state.asked = state.asked ?? now }
      return state.asked
    }
    if let asked, now - asked < Self.oneWish { return }
    let isAgain = asked != nil
    logger.info(isAgain ? "asked to end at once" : "asked to end", metadata: ["signal": "\(name)"])
    state.withLock { state in
      let end = now + (isAgain ? .zero : state.limit) + Self.closing
      state.forcedEnd = min(state.forcedEnd ?? end, end)
    }
    stop.raise()
  }

  private func endByForce() -> Never {
    let (logger, giveUp) = state.withLock { ($0.logger, $0.giveUp) }
    logger.error("the deadline has passed with work under way that does not end: the process ends without it")
    // What holds up the end may hold a lock too.
    if let giveUp, SystemThread.result(within: .milliseconds(500), { giveUp() }) == nil {
      logger.error("what is given up cannot be told")
    }
    LogWriter.standardError.flush()
    _exit(giveUp == nil ? 0 : 1)
  }
}

extension Duration {
  /// Milliseconds, without what is left over.
  fileprivate var wholeMilliseconds: Int64 {
    components.seconds &* 1000 &+ components.attoseconds / 1_000_000_000_000_000
  }
}
