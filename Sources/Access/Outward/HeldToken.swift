import Options

/// The token that is used, the request for the next one, and when there may be another: a value that reads no clock.
struct HeldToken {
  /// Waits between requests that fail, and between those for tokens that destinations refuse.
  static let firstPause = Duration.seconds(1)
  static let longestPause = Duration.seconds(15)
  static let longestRenewalPause = Duration.seconds(60)
  /// After so long, a refused token is no sign any more that the next will be refused too.
  private static let renewalMemory = Duration.seconds(600)

  /// What somebody who needs the token is to do.
  enum Step {
    case use(Secret)
    /// The flight is to be started by whoever gets this.
    case useAndStart(Secret, TokenFlight)
    case wait(TokenFlight)
    case waitAndStart(TokenFlight)
    case fail(CredentialFailure)
  }

  private(set) var fetches = CredentialFetches()
  private let expiryBuffer: Duration
  private var token: (value: Secret, refreshAt: Duration?, endsAt: Duration?)?
  private var flight: TokenFlight?
  private var failure: (what: CredentialFailure, count: Int, notBefore: Duration)?
  private var renewal: (at: Duration, pause: Duration)?

  /// The next token is asked for so long before the one that there is ends, but not before half of its time is over.
  init(expiryBuffer: Duration) { self.expiryBuffer = expiryBuffer }

  mutating func step(at now: Duration) -> Step {
    let mayStart = flight == nil && failure.map { $0.notBefore <= now } ?? true
    if let token, token.endsAt.map({ now < $0 }) ?? true {
      guard mayStart, let refreshAt = token.refreshAt, refreshAt <= now else { return .use(token.value) }
      return .useAndStart(token.value, newFlight())
    }
    if let flight { return .wait(flight) }
    if !mayStart, let failure { return .fail(failure.what) }
    return .waitAndStart(newFlight())
  }

  private mutating func newFlight() -> TokenFlight {
    let new = TokenFlight()
    flight = new
    return new
  }

  /// Takes note of what the flight has brought.
  mutating func landed(_ outcome: Result<AccessToken, CredentialFailure>, at now: Duration, unixSeconds: Int) {
    flight = nil
    switch outcome {
    case .success(let new):
      let buffer = new.lifetime.map { min(expiryBuffer, $0 / 2) } ?? .zero
      token = (new.value, new.lifetime.map { now + $0 - buffer }, new.lifetime.map { now + $0 })
      failure = nil
      fetches.succeeded &+= 1
      fetches.expiry = new.lifetime.map { unixSeconds &+ Int(clamping: $0.components.seconds) }
    case .failure(let what):
      let count = min((failure?.count ?? 0) &+ 1, 32)
      failure = (what, count, now + Self.pause(after: count))
      fetches.failed &+= 1
    }
  }

  private static func pause(after failures: Int) -> Duration {
    var pause = firstPause
    for _ in 1..<max(failures, 1) where pause < longestPause { pause = pause * 2 }
    return min(pause, longestPause)
  }

  /// Takes note that a destination refused a token. True if that is not the one that is used now, or if another one may
  /// be asked for: one that refuses every token does not get a new one each time.
  mutating func refused(_ value: String, at now: Duration) -> Bool {
    guard let current = token, current.value.reveal() == value else { return true }
    var pause = Duration.zero
    if let renewal, now - renewal.at < Self.renewalMemory {
      guard now - renewal.at >= renewal.pause else { return false }
      pause = renewal.pause
    }
    renewal = (now, min(max(pause * 2, Self.firstPause), Self.longestRenewalPause))
    token = nil
    fetches.expiry = nil
    return true
  }
}
