import Synchronization

/// The keys of an issuer, asked of it when they are needed and kept: by one request at a time, for all who wait.
package final class IssuerKeys: Sendable {
  /// Gets what is at an address, within bounds of size and time, without following redirects.
  package typealias Get = @Sendable (_ address: String) async throws(CredentialFailure) -> [UInt8]

  private struct State {
    var held: HeldKeys
    /// Told when the request that is under way has ended.
    var waiters: [@Sendable () -> Void] = []
  }

  private let state: Mutex<State>
  private let options: IssuerOptions
  private let clock: TokenClock
  private let get: Get

  package init(_ options: IssuerOptions, clock: TokenClock = .system, get: @escaping Get) {
    state = Mutex(State(held: HeldKeys(issuer: options.issuer, options.pace)))
    self.options = options
    self.clock = clock
    self.get = get
  }

  /// How often keys were asked for.
  var fetches: KeyFetches { state.withLock { $0.held.fetches } }

  /// What has changed since this was asked last.
  func takeNews() -> KeyNews? { state.withLock { $0.held.takeNews() } }

  /// The keys that count now; nil if there were none so far. Old ones are asked for again meanwhile.
  func current() -> KeySet? {
    let now = clock.now()
    let (keys, isToStart) = state.withLock { ($0.held.keys, $0.held.begin(refreshingAt: now)) }
    if isToStart { start() }
    return keys
  }

  /// Asks for keys if there are none, they are old, or the last request failed: what is called now and then, so that
  /// tokens find keys, and a failure ends when the issuer is back.
  func tend() {
    if state.withLock({ $0.held.begin(unaskedAt: clock.now()) }) { start() }
  }

  /// Whether the key of a token that came at `arrival` may still be found out: then `isKnown` is called when more is
  /// known, from any thread.
  func wait(
    forArrivalAt arrival: Duration, then isKnown: @escaping @Sendable () -> Void
  ) -> HeldKeys.Answer {
    let now = clock.now()
    let answer = state.withLock { state in
      let answer = state.held.answer(toArrivalAt: arrival, at: now)
      if answer == .wait || answer == .waitAndStart { state.waiters.append(isKnown) }
      return answer
    }
    if answer == .waitAndStart { start() }
    return answer
  }

  /// The request goes on whoever gives up waiting for it, as others will need the keys.
  private func start() {
    Task {
      let outcome: Result<KeySet, CredentialFailure>
      do throws(CredentialFailure) { outcome = .success(try await fetch()) } catch { outcome = .failure(error) }
      let waiters = state.withLock { state in
        state.held.landed(outcome, at: clock.now(), unixSeconds: clock.unixSeconds())
        defer { state.waiters = [] }
        return state.waiters
      }
      for isKnown in waiters { isKnown() }
    }
  }

  private func fetch() async throws(CredentialFailure) -> KeySet {
    let document = try await get(IssuerDocument.address(of: options.issuer))
    let address = try Self.naming(options.issuer) { () throws(KeyProblem) in
      try IssuerDocument.keysAddress(
        in: document, of: options.checksIssuer ? options.issuer : nil,
        needsTLS: !options.issuer.lowercased().hasPrefix("http://"))
    }
    let set = try await get(address)
    // A query may be long, and says little.
    return try Self.naming(String(address.prefix { $0 != "?" })) { () throws(KeyProblem) in
      try KeySet(set, maxKeys: options.maxKeys)
    }
  }

  /// Says of a problem where it is.
  private static func naming<Made>(
    _ place: String, _ make: () throws(KeyProblem) -> Made
  ) throws(CredentialFailure) -> Made {
    do throws(KeyProblem) { return try make() } catch { throw CredentialFailure("\(place): \(error.reason)") }
  }
}

/// Who is asked for keys, and how often.
package struct IssuerOptions: Sendable {
  /// The issuer, letter by letter (`issuer_url`).
  package var issuer: String
  /// Whether its document has to name it (`ignore_issuer` is not set).
  package var checksIssuer = true
  /// Keys of a set (`limits.max_keys`).
  package var maxKeys = 100
  package var pace = KeyPace()

  package init(issuer: String) { self.issuer = issuer }
}
