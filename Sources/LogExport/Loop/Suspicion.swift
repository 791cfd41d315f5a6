/// Tells a body that is itself at fault from a destination that is: the answer is an error of the server every time,
/// while it takes other bodies.
///
/// Overload and lost connections are no evidence; nor is an error while others fail as well.
package struct Suspicion: Sendable, Equatable {
  /// How attempts of all bodies of a destination ended so far.
  package struct Tally: Sendable, Equatable {
    package var passed = 0
    package var failed = 0

    package init(passed: Int = 0, failed: Int = 0) {
      self.passed = passed
      self.failed = failed
    }
  }

  /// Errors after which a body counts as the one at fault.
  package static let mostStrikes = 8
  /// So many others must pass for each that fails.
  private static let passedForEachFailed = 4

  package private(set) var strikes = 0
  private var before: Tally?

  package init() {}

  /// Takes an attempt that has to be repeated, before it is added to `tally`, with the HTTP status of the answer or
  /// what corresponds to it. Says whether the body is at fault.
  package mutating func isAtFault(status: Int, tally: Tally) -> Bool {
    guard Self.isServerError(status) else {
      self = Suspicion()
      return false
    }
    defer { before = Tally(passed: tally.passed, failed: tally.failed &+ 1) }
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

  /// The suspicion that falls on one half of a body at fault: a larger one needs little more, a record by itself all.
  package func inherited(byRecords records: Int) -> Suspicion {
    var suspicion = Suspicion()
    if records > 1 { suspicion.strikes = max(strikes &- 1, 0) }
    return suspicion
  }

  /// True for 5xx but 503 and 504, which come from overload.
  private static func isServerError(_ status: Int) -> Bool {
    (500...599).contains(status) && status != 503 && status != 504
  }
}
