package import Files
package import HTTPTransport
import Options
import Synchronization

/// Tokens that an issuer has signed (OpenID Connect, RFC 7519), in a header field behind `Bearer`.
///
/// To check a signature takes longer than an event loop should wait, and so may keys that have to be asked for. So it
/// is done on threads of its own, and what was found out of a token is remembered by a keyed hash of it: until the
/// token ends, and for as long as the issuer has the key that it is signed with.
package final class OpenIDAuthenticator: Authenticator {
  private let id: String
  private let attribute: String
  private let providers: [OpenIDProvider]
  /// The provider of an issuer; with one provider its rules say what the issuer has to be.
  private let providerOfIssuer: [String: Int]
  private let limits: OpenIDLimits
  private let clock: TokenClock
  private let keyed = KeyedHash()
  private let memory: Mutex<TokenMemory>
  private let queue: Mutex<TokenQueue>
  private let faults = Mutex<[TokenFault: Int]>([:])
  private let threads: CheckThreads

  package init(
    id: String, attribute: String, _ providers: [OpenIDProvider], _ limits: OpenIDLimits, clock: TokenClock = .system
  ) {
    self.id = id
    self.attribute = attribute
    self.providers = providers
    self.limits = limits
    self.clock = clock
    let issuers = providers.enumerated().compactMap { index, provider in provider.rules.issuer.map { ($0, index) } }
    providerOfIssuer = Dictionary(issuers) { first, _ in first }
    memory = Mutex(TokenMemory(maxRight: limits.maxRight, maxWrong: limits.maxWrong))
    queue = Mutex(TokenQueue(maxCount: limits.maxWaiting, maxCountOfAddress: limits.maxWaitingOfAddress))
    threads = CheckThreads(
      count: limits.threads, maxWaiting: limits.maxWaiting, maxWaitingOfOwner: limits.maxWaitingOfAddress)
  }

  /// A field of one's own is nothing that a sender can be challenged for.
  package var challenge: String? { attribute.lowercased() == "authorization" ? "Bearer" : nil }
  package var files: [UsedFiles] { providers.compactMap(\.file) }

  /// How often the keys of each issuer were asked for.
  package var fetches: [KeyFetches] { providers.compactMap { $0.issuer?.fetches } }

  /// How often tokens were not taken, by reason.
  package func count(of fault: TokenFault) -> Int { faults.withLock { $0[fault] ?? 0 } }

  /// Asks issuers for keys that are missing or old; to be called now and then.
  package func tend() { for provider in providers { provider.issuer?.tend() } }

  /// What is worth a line of the log since this was asked last, with the issuer.
  package func takeNews() -> [(issuer: String, news: KeyNews)] {
    providers.compactMap { provider in
      guard let issuer = provider.issuer, let news = issuer.takeNews() else { return nil }
      return (issuer.fetches.issuer, news)
    }
  }

  package func judge(_ head: HTTPRequestHead) -> Authentication {
    switch HeaderCredentials(head, name: attribute, scheme: "Bearer", maxBytes: limits.maxTokenBytes) {
    case .absent: return .decided(.absent)
    case .unusable: return .decided(denied(.malformed))
    case .text(let token):
      // It may be a token of another kind, which the next authenticator knows.
      guard SignedToken.hasForm(token) else { return .decided(.absent) }
      return judge(token, from: head)
    }
  }

  private func judge(_ token: String, from head: HTTPRequestHead) -> Authentication {
    guard let key = keyed.value(of: token) else { return .decided(.unavailable) }
    if let known = remembered(key) { return .decided(verdict(of: known)) }
    let address = head.remoteNetwork
    let arrival = clock.now()
    return .later { [weak self] waiter in
      guard let self else { return waiter.tell(.unavailable) }
      let waiting = WaitingToken(text: token, address: address, arrival: arrival, waiters: [waiter])
      switch queue.withLock({ $0.add(waiting, key) }) {
      case .first: submit(key, of: address)
      case .joined: break
      case .full: waiter.tell(.unavailable)
      }
    }
  }

  /// What is known of a token and still holds.
  private func remembered(_ key: KeyedHash.Value) -> TokenFinding? {
    guard let finding = memory.withLock({ $0.finding(of: key) }) else { return nil }
    let keys = finding.provider.flatMap { providers[$0].currentKeys() }
    guard let still = finding.still(at: clock.unixSeconds(), with: keys) else { return nil }
    if still.keys !== finding.keys { memory.withLock { $0.add(still, of: key) } }
    return still
  }

  private func verdict(of finding: TokenFinding, count: Int = 1) -> AuthenticationVerdict {
    switch finding.outcome {
    case .success(let identity): .identified(identity)
    case .failure(let fault): denied(fault, count: count)
    }
  }

  private func denied(_ fault: TokenFault, count: Int = 1) -> AuthenticationVerdict {
    faults.withLock { $0[fault, default: 0] &+= count }
    return .deniedToken(fault)
  }

  // MARK: Finding out

  /// Has a thread look at a token that waits.
  private func submit(_ key: KeyedHash.Value, of address: String) {
    let isTaken = threads.take(of: address) { [weak self] in self?.check(key) }
    if !isTaken { tell(.unavailable, key) }
  }

  /// For a thread that may take its time.
  private func check(_ key: KeyedHash.Value) {
    guard let token = queue.withLock({ $0[key] }) else { return }
    // Nobody waits for the verdict of a client that has left.
    guard token.waiters.contains(where: { $0.isWaiting() }) else { return tell(.unavailable, key) }
    switch step(of: token, key) {
    case .found(let finding):
      if finding.isKept { memory.withLock { $0.add(finding, of: key) } }
      tell(finding, key)
    case .away: tell(.unavailable, key)
    case .wait: break
    case .prepare(let keys, let algorithm): prepare(keys, algorithm, then: key, of: token.address)
    }
  }

  private enum Step {
    case found(TokenFinding)
    /// Keys have to be made ready for an algorithm.
    case prepare([JSONWebKey], SignatureAlgorithm)
    /// The token is looked at again once keys have come.
    case wait
    case away
  }

  private func step(of waiting: WaitingToken, _ key: KeyedHash.Value) -> Step {
    do throws(TokenFault) {
      let token = try SignedToken(waiting.text, maxDepth: limits.maxDepth)
      let index = try provider(of: token)
      let end = try providers[index].rules.expiry(of: token.claims, at: clock.unixSeconds())
      guard let keys = providers[index].currentKeys() else {
        return ask(about: Doubt(provider: index, fault: .unknownKey, keys: nil), waiting, key)
      }
      let candidates = keys.candidates(id: token.keyID, token.algorithm)
      for candidate in candidates {
        guard let isSigned = token.isSigned(by: candidate) else { return .prepare(candidates, token.algorithm) }
        guard isSigned else { continue }
        let identity = try providers[index].rules.identity(of: token.claims, authenticator: id)
        return .found(TokenFinding(identity, until: end, provider: index, keys, candidate))
      }
      guard let name = token.keyID, keys.names(name) else {
        let fault: TokenFault = candidates.isEmpty ? .unknownKey : .signature
        return ask(about: Doubt(provider: index, fault: fault, keys: keys), waiting, key)
      }
      return .found(TokenFinding(candidates.isEmpty ? .algorithm : .signature, provider: index, keys))
    } catch {
      return .found(TokenFinding(error))
    }
  }

  private func provider(of token: SignedToken) throws(TokenFault) -> Int {
    if providers.count == 1 { return 0 }
    guard let index = token.claims["iss"]?.text.flatMap({ providerOfIssuer[$0] }) else { throw .issuer }
    return index
  }

  /// A token that the keys of a provider do not fit; nil if it had none.
  private struct Doubt {
    var provider: Int
    var fault: TokenFault
    var keys: KeySet?
  }

  /// Asks an issuer for its keys, if that may tell more of a token than the fault.
  private func ask(about doubt: Doubt, _ waiting: WaitingToken, _ key: KeyedHash.Value) -> Step {
    guard let issuer = providers[doubt.provider].issuer else { return .found(TokenFinding(doubt.fault, isKept: false)) }
    let lookAgain: @Sendable () -> Void = { [weak self] in self?.submit(key, of: waiting.address) }
    switch issuer.wait(forArrivalAt: waiting.arrival, then: lookAgain) {
    case .wait, .waitAndStart: return .wait
    case .away: return .away
    case .known:
      // Other keys may have come since the token was looked at.
      if issuer.current() === doubt.keys { return .found(TokenFinding(doubt.fault, isKept: false)) }
      lookAgain()
      return .wait
    }
  }

  private func prepare(
    _ keys: [JSONWebKey], _ algorithm: SignatureAlgorithm, then key: KeyedHash.Value, of address: String
  ) {
    Task { [weak self] in
      for each in keys where each.verifier(of: algorithm) == nil {
        guard await each.prepare(for: algorithm) else { break }
      }
      guard let self else { return }
      if keys.allSatisfy({ $0.verifier(of: algorithm) != nil }) {
        submit(key, of: address)
      } else {
        tell(.unavailable, key)
      }
    }
  }

  private func tell(_ finding: TokenFinding, _ key: KeyedHash.Value) {
    let waiters = queue.withLock { $0.remove(key) }
    let verdict = verdict(of: finding, count: waiters.count)
    for waiter in waiters { waiter.tell(verdict) }
  }

  private func tell(_ verdict: AuthenticationVerdict, _ key: KeyedHash.Value) {
    for waiter in queue.withLock({ $0.remove(key) }) { waiter.tell(verdict) }
  }
}
