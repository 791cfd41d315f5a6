/// The keys of an issuer that count now, and when they may be asked for again: a value that reads no clock.
struct HeldKeys {
  /// Waits between requests that fail: the first, and no longer than the other.
  static let firstPause = Duration.seconds(1)
  static let longestPause = Duration.seconds(60)

  /// What somebody is to do whose token's key is not among those that are held.
  enum Answer: Equatable {
    case wait
    /// The request is to be started by whoever gets this.
    case waitAndStart
    /// The keys were asked for after the token had come: the issuer does not have its key.
    case known
    /// It cannot be told now whose key it is.
    case away
  }

  private(set) var keys: KeySet?
  private(set) var fetches: KeyFetches
  private var news: KeyNews?
  private let pace: KeyPace
  /// When the request began that has brought the keys.
  private var askedAt: Duration?
  /// When the request began that is under way.
  private var asksSince: Duration?
  private var failure: (count: Int, notBefore: Duration, reason: String)?

  init(issuer: String, _ pace: KeyPace) {
    fetches = KeyFetches(issuer: issuer)
    self.pace = pace
  }

  /// Whether keys are to be asked for though no token waits for them: there are none, they are old, or the last request
  /// failed. Whoever is told so has to start the request.
  mutating func begin(unaskedAt now: Duration) -> Bool {
    guard asksSince == nil, !isPausing(at: now) else { return false }
    guard askedAt != nil, failure == nil else {
      asksSince = now
      return true
    }
    return begin(refreshingAt: now)
  }

  /// Whether the keys are old enough to be asked for again; whoever is told so has to start the request.
  mutating func begin(refreshingAt now: Duration) -> Bool {
    guard let askedAt, asksSince == nil, now - askedAt >= pace.refreshInterval, !isPausing(at: now) else {
      return false
    }
    asksSince = now
    return true
  }

  /// What is to be done about a token that came at `arrival`.
  mutating func answer(toArrivalAt arrival: Duration, at now: Duration) -> Answer {
    if let askedAt, askedAt >= arrival { return .known }
    if asksSince != nil { return .wait }
    if isPausing(at: now) { return .away }
    if let askedAt, now - askedAt < pace.unknownKeyInterval { return .away }
    asksSince = now
    return .waitAndStart
  }

  private func isPausing(at now: Duration) -> Bool { failure.map { now < $0.notBefore } ?? false }

  /// Takes note of what the request has brought. Keys from before go on counting if there are no others.
  mutating func landed(_ outcome: Result<KeySet, CredentialFailure>, at now: Duration, unixSeconds: Int) {
    let began = asksSince ?? now
    asksSince = nil
    switch outcome {
    case .success(let new):
      let isOther = keys.map { !$0.isSame(as: new) } ?? true
      if isOther { keys = new }
      if isOther || failure != nil { news = .used(keys: new.count) }
      askedAt = began
      failure = nil
      fetches.succeeded &+= 1
      fetches.keys = new.count
      fetches.failing = nil
    case .failure(let what):
      if failure?.reason != what.description { news = .failed(reason: what.description, keepsKeys: keys != nil) }
      let count = min((failure?.count ?? 0) &+ 1, 32)
      failure = (count, now + Self.pause(after: count), what.description)
      fetches.failed &+= 1
      fetches.failing = .init(since: fetches.failing?.since ?? unixSeconds, reason: what.description)
    }
  }

  private static func pause(after failures: Int) -> Duration {
    var pause = firstPause
    for _ in 1..<max(failures, 1) where pause < longestPause { pause = pause * 2 }
    return min(pause, longestPause)
  }

  /// What has changed since this was asked last, if it is worth a line of the log.
  mutating func takeNews() -> KeyNews? {
    defer { news = nil }
    return news
  }
}

/// How often keys are asked for.
package struct KeyPace: Sendable, Equatable {
  /// Keys that are so old are asked for again (`refresh_interval`).
  package var refreshInterval: Duration = .seconds(3600)
  /// A key that is not known has keys asked for again, but not sooner than so long after the last time
  /// (`unknown_key_interval`).
  package var unknownKeyInterval: Duration = .seconds(10)

  package init() {}
}

/// How often the keys of an issuer were asked for, and how many there are.
package struct KeyFetches: Sendable, Equatable {
  package let issuer: String
  package var succeeded = 0
  package var failed = 0
  /// Keys that signatures are checked with now.
  package var keys = 0
  /// Nil if all is well.
  package var failing: Failing?

  /// Since when keys cannot be had, as Unix time, and why not the last time.
  package struct Failing: Sendable, Equatable {
    package var since: Int
    package var reason: String
  }

  init(issuer: String) { self.issuer = issuer }
}

/// What the gateway's own log says of an issuer.
package enum KeyNews: Sendable, Equatable {
  /// Keys are used that were not before, or could not be had before.
  case used(keys: Int)
  case failed(reason: String, keepsKeys: Bool)
}
