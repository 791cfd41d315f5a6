/// Tells a body that is itself at fault from a destination that is: the same kind of answer every time, while other
/// bodies are taken.
///
/// Overload and lost connections are no evidence; nor is an answer that others get as well.
package struct Suspicion: Sendable, Equatable {
  /// The kinds of answers that a body may be the cause of.
  package enum Kind: Sendable, Equatable {
    /// An error of the server.
    case serverError
    /// An answer that is not the destination's own.
    case foreign
    /// A success that proves nothing.
    case emptySuccess
  }

  /// How attempts of all bodies of a destination went so far.
  package struct Tally: Sendable, Equatable {
    /// Attempts that delivered something.
    package var passed = 0
    /// Attempts that delivered nothing and are repeated.
    package var failed = 0
    /// Those of them that were a lease's first.
    package var firstFailed = 0
    /// Attempts begun.
    package var begun = 0
    /// The number, by `begun`, of the last attempt begun that delivered something.
    package var lastPassed = 0

    package init(passed: Int = 0, failed: Int = 0) {
      self.passed = passed
      self.failed = failed
    }
  }

  /// Answers after which a body counts as the one at fault.
  package static let mostStrikes = 8
  /// Successes without evidence after which a body of several records is halved, which costs nothing if it is not at
  /// fault.
  package static let mostEmptySuccesses = 3
  /// Answers after which a body no longer keeps others from being sent.
  private static let mostRoundsInTurn = 4
  /// So many others must pass for each that fails.
  private static let passedForEachFailed = 4
  /// So many must pass for each lease whose first attempt fails.
  private static let passedForEachFirstFailed = 2

  package private(set) var strikes = 0
  /// Answers of the kind in a row, of this body by itself but for the one its halving left to it.
  private(set) var rounds = 0
  private var kind: Kind?
  private var before: Tally?
  /// As it was at the first answer of the kind, also to a larger body.
  private var first: Tally?

  package init() {}

  /// Whether it has failed so often that others are to go first.
  var isLasting: Bool { rounds >= Self.mostRoundsInTurn }

  /// Takes an attempt that has to be repeated, before it is added to `tally`, with the kind of its answer; nil for what
  /// is no evidence. `isLone` says that the body cannot be halved. Says whether the body is at fault.
  package mutating func isAtFault(_ kind: Kind?, isLone: Bool, tally: Tally) -> Bool {
    guard let kind else {
      self = Suspicion()
      return false
    }
    if kind != self.kind { self = Suspicion() }
    self.kind = kind
    rounds &+= 1
    defer { first = first ?? tally }
    if kind != .emptySuccess { return isStruck(tally) }
    guard isLone else { return rounds >= Self.mostEmptySuccesses }
    return rounds >= Self.mostStrikes && othersPassed(tally)
  }

  /// Counts a strike if others passed since the last attempt.
  private mutating func isStruck(_ tally: Tally) -> Bool {
    defer {
      before = tally
      before?.failed &+= 1
    }
    // The first error has no time before it in which others could have passed.
    guard let before else {
      strikes = max(strikes, 1)
      return false
    }
    let passed = tally.passed &- before.passed
    let failed = tally.failed &- before.failed
    if passed > 0, passed >= failed &* Self.passedForEachFailed { strikes &+= 1 }
    return strikes >= Self.mostStrikes
  }

  /// Whether others that were sent later than the first answer of the kind are taken.
  private func othersPassed(_ tally: Tally) -> Bool {
    guard let first, tally.lastPassed > first.begun else { return false }
    let passed = tally.passed &- first.passed
    let failed = tally.firstFailed &- first.firstFailed
    return passed >= failed &* Self.passedForEachFirstFailed
  }

  /// The suspicion that falls on one half of a body at fault: a larger one needs little more, a record by itself all.
  package func inherited(byRecords records: Int) -> Suspicion {
    var suspicion = Suspicion()
    suspicion.kind = kind
    suspicion.first = first
    if records > 1 {
      suspicion.strikes = max(strikes &- 1, 0)
      suspicion.rounds = min(max(rounds &- 1, 0), Self.mostEmptySuccesses &- 1)
    }
    return suspicion
  }
}
