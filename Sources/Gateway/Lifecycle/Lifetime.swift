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

  fileprivate struct State {
    var logger = OwnLog.logger(LogSettings())
    var limit = Duration.zero
    /// How long all goes on after SIGTERM, before that.
    var delay = Duration.zero
    /// Says what is given up if the end is forced; nil as long as there is nothing to lose.
    var giveUp: (@Sendable () -> Void)?
    var forcedEnd: ContinuousClock.Instant?
    /// When the end was asked for, the last time.
    var asked: ContinuousClock.Instant?
    /// When the delay ends that has begun.
    var delayEnd: ContinuousClock.Instant?
    var told: Set<Int32> = []
    /// Has the configuration read again.
    var reload: (@Sendable () -> Void)?
  }

  /// How long after the deadline the end is forced: closing takes a moment.
  static let closing = Duration.seconds(2)

  /// Signals that follow so soon are the same wish: a supervisor and a shell both send one.
  fileprivate static let oneWish = Duration.milliseconds(500)

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

  /// Says how long an end may take from now on, after the delay that follows SIGTERM, and what is to be said if it
  /// takes longer. Then the exit code is 1.
  package func arm(_ limit: Duration, after delay: Duration = .zero, giveUp: @escaping @Sendable () -> Void) {
    state.withLock { state in
      state.limit = limit
      state.delay = delay
      state.giveUp = giveUp
      // The end was asked for before: it may take that long now.
      if state.forcedEnd != nil { state.forcedEnd = max(.now, state.delayEnd ?? .now) + limit + Self.closing }
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
    case SIGTERM, SIGINT: end(number)
    case SIGHUP where hangUp == .ends: end(number)
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

  private func end(_ number: Int32) {
    let now = ContinuousClock.now
    let stage = state.withLock { $0.wish(number, at: now, stop.stage) }
    guard let stage else { return }
    let message: Logger.Message =
      switch stage {
      case .atOnce: "asked to end at once"
      case .inOrder where stop.stage == .announced: "asked to end without the delay"
      default: "asked to end"
      }
    logger.info(message, metadata: ["signal": "\(Signals.name(number))"])
    state.withLock { $0.expectEnd(stage, at: now) }
    stop.raise(to: stage)
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

extension Lifetime.State {
  /// What a signal asks for, after what was asked for before; nil if that is the same.
  fileprivate mutating func wish(
    _ number: Int32, at now: ContinuousClock.Instant, _ before: StopRequest.Stage
  ) -> StopRequest.Stage? {
    // Whoever sits at a terminal does not wait for the delay, even if another signal came with it.
    let endsDelay = before == .announced && number == SIGINT
    if let asked, now - asked < Lifetime.oneWish, !endsDelay { return nil }
    defer { asked = now }
    if asked == nil { return number == SIGTERM && delay > .zero ? .announced : .inOrder }
    return before == .announced ? .inOrder : .atOnce
  }

  /// Notes when the end is forced.
  fileprivate mutating func expectEnd(_ stage: StopRequest.Stage, at now: ContinuousClock.Instant) {
    delayEnd = stage == .announced ? now + delay : nil
    let end = (delayEnd ?? now) + (stage == .atOnce ? .zero : limit) + Lifetime.closing
    forcedEnd = min(forcedEnd ?? end, end)
  }
}

extension Duration {
  /// Milliseconds, without what is left over.
  fileprivate var wholeMilliseconds: Int64 {
    components.seconds &* 1000 &+ components.attoseconds / 1_000_000_000_000_000
  }
}
