package import Files
package import NIOHTTP1
import Options
import Synchronization

/// Presents a bearer token (RFC 6750) that is asked for when it is needed, kept, and replaced ahead of its end, by one
/// request at a time.
package final class TokenCredentials: RequestCredentials {
  /// Asks for a token once, within a bounded time.
  package typealias Fetch = @Sendable () async throws(CredentialFailure) -> AccessToken

  private let held: Mutex<HeldToken>
  private let fetch: Fetch
  private let clock: TokenClock
  package let files: [UsedFiles]

  package init(
    expiryBuffer: Duration, watching files: [UsedFiles] = [],
    clock: TokenClock = .system, fetch: @escaping Fetch
  ) {
    held = Mutex(HeldToken(expiryBuffer: expiryBuffer))
    self.files = files
    self.fetch = fetch
    self.clock = clock
  }

  package var fetches: CredentialFetches? { held.withLock { $0.fetches } }

  package func write(to head: inout HTTPHeaders, within limit: Duration) async throws(CredentialFailure) {
    head.replaceOrAdd(name: "authorization", value: "Bearer \(try await token(within: limit).reveal())")
  }

  private func token(within limit: Duration) async throws(CredentialFailure) -> Secret {
    let step = held.withLock { $0.step(at: clock.now()) }
    switch step {
    case .use(let token): return token
    case .useAndStart(let token, let flight):
      start(flight)
      return token
    case .fail(let failure): throw failure
    case .wait(let flight): return try await wait(for: flight, within: limit)
    case .waitAndStart(let flight):
      start(flight)
      return try await wait(for: flight, within: limit)
    }
  }

  private func wait(for flight: TokenFlight, within limit: Duration) async throws(CredentialFailure) -> Secret {
    guard let outcome = await flight.outcome(within: limit) else {
      throw CredentialFailure("no token within \(limit)")
    }
    return try outcome.get()
  }

  /// The request goes on whoever gives up waiting for it, as others will need the token.
  private func start(_ flight: TokenFlight) {
    Task {
      let outcome: Result<AccessToken, CredentialFailure>
      do throws(CredentialFailure) { outcome = .success(try await fetch()) } catch { outcome = .failure(error) }
      held.withLock { $0.landed(outcome, at: clock.now(), unixSeconds: clock.unixSeconds()) }
      flight.land(outcome.map(\.value))
    }
  }

  package func wereRefused(in head: HTTPHeaders) -> Bool {
    let presented = (head.first(name: "authorization") ?? "").dropFirst("Bearer ".utf8.count)
    return held.withLock { $0.refused(String(presented), at: clock.now()) }
  }
}
