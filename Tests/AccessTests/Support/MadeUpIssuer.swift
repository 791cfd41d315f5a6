import Synchronization

@testable import Access

/// An issuer without sockets, and a clock that stands until it is told to go on.
final class MadeUpIssuer: Sendable {
  static let address = "https://issuer"
  static let document = #"{"issuer":"https://issuer","jwks_uri":"https://issuer/keys"}"#

  private struct State {
    var keys: String
    var document: String?
    var asked: [String] = []
    var now = Duration.zero
    var isHeldUp = false
  }

  private let state: Mutex<State>

  /// Without a document it answers with an error.
  init(keys: String, document: String? = MadeUpIssuer.document) {
    state = Mutex(State(keys: keys, document: document))
  }

  /// The addresses that were asked for.
  var asked: [String] { state.withLock { $0.asked } }
  func set(keys: String) { state.withLock { $0.keys = keys } }
  func set(document: String?) { state.withLock { $0.document = document } }
  /// Nothing is answered until it is let go.
  func holdUp(_ isHeldUp: Bool) { state.withLock { $0.isHeldUp = isHeldUp } }
  func pass(_ time: Duration) { state.withLock { $0.now += time } }

  /// Its second 0 is 1000 of the wall's.
  var clock: TokenClock {
    TokenClock(now: { [self] in state.withLock { $0.now } }) { [self] in
      state.withLock { 1000 + Int($0.now.components.seconds) }
    }
  }

  var get: IssuerKeys.Get {
    { [self] (address) async throws(CredentialFailure) in
      while state.withLock({ $0.isHeldUp }) { try? await Task.sleep(for: .milliseconds(1)) }
      let text = state.withLock { state in
        state.asked.append(address)
        return address.hasSuffix("/keys") ? state.keys : state.document
      }
      guard let text else { throw CredentialFailure("answers 500") }
      return Array(text.utf8)
    }
  }
}
