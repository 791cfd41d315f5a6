import Files
import Foundation
import HTTPTransport
import Synchronization
import Testing

@testable import Access

@Suite struct OpenIDAuthenticatorTests {
  private static let rightClaims = #"{"iss":"https://issuer","aud":"logs","sub":"edge","exp":1100}"#

  private func provider(_ server: MadeUpIssuer, _ change: (inout TokenRules) -> Void = { _ in }) -> OpenIDProvider {
    var rules = TokenRules()
    (rules.issuer, rules.audience) = (MadeUpIssuer.address, "logs")
    change(&rules)
    return OpenIDProvider(
      rules, .issuer(IssuerKeys(IssuerOptions(issuer: MadeUpIssuer.address), clock: server.clock, get: server.get)))
  }

  private func authenticator(
    _ server: MadeUpIssuer, _ change: (inout OpenIDLimits) -> Void = { _ in }
  ) -> OpenIDAuthenticator {
    var limits = OpenIDLimits()
    change(&limits)
    return OpenIDAuthenticator(
      id: "oidc", attribute: "authorization", [provider(server)], limits, clock: server.clock)
  }

  private func head(_ credentials: String?, from address: String = "192.0.2.1:1") -> HTTPRequestHead {
    let headers: HTTPHeaders = credentials.map { ["authorization": $0] } ?? [:]
    return HTTPRequestHead(method: "POST", path: "/", headers: headers, remoteAddress: address)
  }

  /// The verdict of a token, and whether it was given at once.
  /// What is said of a token, and whether at once; whatever is wrong with it, it is denied.
  private func verdict(
    _ authenticator: OpenIDAuthenticator, _ token: String
  ) async -> (verdict: AuthenticationVerdict, isAtOnce: Bool) {
    let said = await saying(authenticator, token)
    if case .deniedToken = said.verdict { return (.denied, said.isAtOnce) }
    return said
  }

  private func saying(
    _ authenticator: OpenIDAuthenticator, _ token: String
  ) async -> (verdict: AuthenticationVerdict, isAtOnce: Bool) {
    switch authenticator.judge(head("Bearer \(token)")) {
    case .decided(let verdict): return (verdict, true)
    case .later(let begin):
      let verdict = await withCheckedContinuation { continuation in
        begin(AuthenticationWaiter(isWaiting: { true }) { continuation.resume(returning: $0) })
      }
      return (verdict, false)
    }
  }

  private let edge = AuthenticationVerdict.identified(
    Identity(
      authenticator: "oidc",
      attributes: [
        ("subject", "edge"), ("username", "edge"), ("aud", "logs"), ("exp", "1100"), ("iss", "https://issuer"),
        ("sub", "edge"),
      ]))

  // MARK: What is right and wrong

  @Test(arguments: SignatureAlgorithm.allCases) func tokensOfEachAlgorithmAreTakenAndRemembered(
    _ algorithm: SignatureAlgorithm
  ) async throws {
    let key = try await TestKey(algorithm)
    let server = MadeUpIssuer(keys: TestKey.set([key]))
    let authenticator = authenticator(server)
    let token = try key.token(Self.rightClaims)
    #expect(await verdict(authenticator, token) == (edge, false))
    #expect(await verdict(authenticator, token) == (edge, true))
    let foreign = try await TestKey(algorithm, otherRSA: true).token(Self.rightClaims)
    #expect(await verdict(authenticator, foreign) == (.denied, false))
    #expect(await verdict(authenticator, foreign) == (.denied, true))
    #expect(authenticator.count(of: .signature) == 2)
  }

  @Test func onlyBearerTokensOfThreePartsAreOfThisKind() async throws {
    let authenticator = authenticator(MadeUpIssuer(keys: ""))
    for credentials in [nil, "Basic YTpi", "Bearer", "Bearer opaque", "bearer a.b", "Bearer a.b.c.d.e", "DPoP a.b.c"] {
      guard case .decided(.absent) = authenticator.judge(head(credentials)) else {
        Issue.record("\(credentials ?? "nothing") is judged")
        continue
      }
    }
    for credentials in ["Bearer a.b.c", "BEARER  a.b.c"] {
      guard case .later = authenticator.judge(head(credentials)) else {
        Issue.record("\(credentials) is not judged")
        continue
      }
    }
    #expect(authenticator.challenge == "Bearer")
    let other = OpenIDAuthenticator(id: "", attribute: "x-token", [], OpenIDLimits())
    #expect(other.challenge == nil)
  }

  @Test func aTokenHasALimitOfLength() async throws {
    let authenticator = authenticator(MadeUpIssuer(keys: "")) { $0.maxTokenBytes = 20 }
    let (fits, past) = ("a.b." + String(repeating: "c", count: 16), "a.b." + String(repeating: "c", count: 17))
    guard case .later = authenticator.judge(head("Bearer \(fits)")) else { return #expect(Bool(false)) }
    #expect(await verdict(authenticator, past) == (.denied, true))
    let field = ("authorization", "Bearer \(fits)")
    let two = HTTPRequestHead(method: "POST", path: "/", headers: HTTPHeaders([field, field]))
    guard case .decided(.deniedToken(.malformed)) = authenticator.judge(two) else { return #expect(Bool(false)) }
  }

  @Test func aPublicKeyIsNoSecret() async throws {
    let key = try await TestKey(.rs256)
    let server = MadeUpIssuer(keys: #"{"keys":[{"kid":"one",\#(key.material)}]}"#)
    let authenticator = authenticator(server)
    #expect(await verdict(authenticator, try key.token(Self.rightClaims)).verdict == edge)
    for name in ["HS256", "HS512", "none", "NONE", ""] {
      let header = #"{"alg":"\#(name)","kid":"one"}"#
      #expect(await verdict(authenticator, try key.token(Self.rightClaims, header: header)).verdict == .denied)
    }
    #expect(authenticator.count(of: .algorithm) == 5)
    // The same key under another algorithm of RSA: the signature is none of that algorithm.
    for name in ["RS384", "PS256"] {
      let token = try key.token(Self.rightClaims, header: #"{"alg":"\#(name)","kid":"one"}"#)
      #expect(await verdict(authenticator, token).verdict == .denied)
    }
    // An algorithm that the key of that name is not for.
    let token = try key.token(Self.rightClaims, header: #"{"alg":"ES256","kid":"one"}"#)
    #expect(await verdict(authenticator, token).verdict == .denied)
    #expect(authenticator.count(of: .algorithm) == 6 && authenticator.count(of: .signature) == 2)
  }

  @Test(arguments: [
    (#"{"iss":"https://other","aud":"logs","exp":1100}"#, TokenFault.issuer),
    (#"{"aud":"logs","exp":1100}"#, .issuer), (#"{"iss":"https://issuer","aud":"x","exp":1100}"#, .audience),
    (#"{"iss":"https://issuer","exp":1100}"#, .audience), (#"{"iss":"https://issuer","aud":"logs"}"#, .expired),
    (#"{"iss":"https://issuer","aud":"logs","exp":1000}"#, .expired),
    (#"{"iss":"https://issuer","aud":"logs","exp":2000,"nbf":1301}"#, .notYetValid), ("[]", .malformed),
    (#"{"iss":"https://issuer","aud":"logs","exp":2000,"exp":2000}"#, .malformed),
  ]) func claimsThatAreWrongAreDeniedWithoutKeys(_ claims: String, fault: TokenFault) async throws {
    let key = try await TestKey(.es256)
    let server = MadeUpIssuer(keys: TestKey.set([key]))
    let authenticator = authenticator(server)
    #expect(await verdict(authenticator, try key.token(claims)).verdict == .denied)
    for each in TokenFault.allCases { #expect(authenticator.count(of: each) == (each == fault ? 1 : 0)) }
    #expect(server.asked.isEmpty)
  }

  @Test func aTokenIsKnownUntilItEnds() async throws {
    let key = try await TestKey(.es256)
    let server = MadeUpIssuer(keys: TestKey.set([key]))
    let authenticator = authenticator(server)
    let token = try key.token(Self.rightClaims)
    #expect(await verdict(authenticator, token).verdict == edge)
    server.pass(.seconds(99))
    #expect(await verdict(authenticator, token) == (edge, true))
    server.pass(.seconds(1))
    #expect(await verdict(authenticator, token).verdict == .denied)
    #expect(await verdict(authenticator, token) == (.denied, true) && authenticator.count(of: .expired) == 2)
  }

  @Test func aTokenThatIsNotValidYetIsNotRemembered() async throws {
    let key = try await TestKey(.es256)
    let server = MadeUpIssuer(keys: TestKey.set([key]))
    let authenticator = authenticator(server)
    let token = try key.token(#"{"iss":"https://issuer","aud":"logs","sub":"edge","exp":2000,"nbf":1310}"#)
    #expect(await verdict(authenticator, token).verdict == .denied)
    server.pass(.seconds(10))
    guard case .identified = await verdict(authenticator, token).verdict else { return #expect(Bool(false)) }
  }

  @Test func withoutNameThoseKeysAreTriedThatFit() async throws {
    let keys = [
      try await TestKey(.rs256, id: "rsa"), try await TestKey(.es256, id: "a"), try await TestKey(.es256, id: "b"),
    ]
    let server = MadeUpIssuer(keys: TestKey.set(keys))
    let authenticator = authenticator(server)
    for key in keys {
      let token = try key.token(Self.rightClaims, header: #"{"alg":"\#(key.algorithm.rawValue)"}"#)
      #expect(await verdict(authenticator, token).verdict == edge)
    }
    let foreign = try await TestKey(.es256).token(Self.rightClaims, header: #"{"alg":"ES256"}"#)
    // It may be of a key that is new; keys are not asked for again so soon.
    server.pass(.seconds(1))
    #expect(await verdict(authenticator, foreign).verdict == .unavailable)
  }

  @Test func theIssuerTellsWhichOfSeveralProvidersItIs() async throws {
    let (one, two) = (try await TestKey(.es256), try await TestKey(.es256))
    let first = MadeUpIssuer(keys: TestKey.set([one]))
    let second = try WatchedFiles<KeySet>([]) { (_) throws(FileReadError) in
      do throws(KeyProblem) {
        return try KeySet(Array(TestKey.set([two]).utf8), maxKeys: 1)
      } catch {
        throw FileReadError(reason: error.reason)
      }
    }
    var rules = TokenRules()
    rules.issuer = "cluster"
    let providers = [provider(first), OpenIDProvider(rules, .file(second, option: "providers[1].public_keys_file"))]
    let authenticator = OpenIDAuthenticator(
      id: "oidc", attribute: "authorization", providers, OpenIDLimits(), clock: first.clock)
    let claims = #"{"iss":"cluster","exp":1100,"sub":"pod"}"#
    #expect(await verdict(authenticator, try one.token(Self.rightClaims)).verdict == edge)
    guard case .identified = await verdict(authenticator, try two.token(claims)).verdict else {
      return #expect(Bool(false))
    }
    for token in [
      try one.token(claims), try two.token(Self.rightClaims), try one.token(#"{"iss":"other","exp":1100}"#),
      try two.token(claims, header: #"{"alg":"ES256","kid":"other"}"#),
    ] {
      #expect(await verdict(authenticator, token).verdict == .denied)
    }
    #expect(authenticator.files.map(\.option) == ["providers[1].public_keys_file"])
    #expect(authenticator.fetches.map(\.issuer) == ["https://issuer"])
  }

  // MARK: Keys that come and go

  @Test func anIssuerThatIsAwayIsNoReasonToDeny() async throws {
    let key = try await TestKey(.es256)
    let server = MadeUpIssuer(keys: TestKey.set([key]), document: nil)
    let authenticator = authenticator(server)
    let token = try key.token(Self.rightClaims)
    #expect(await verdict(authenticator, token).verdict == .unavailable)
    #expect(authenticator.takeNews().map(\.news) == [.failed(reason: "answers 500", keepsKeys: false)])
    server.set(document: MadeUpIssuer.document)
    #expect(await verdict(authenticator, token).verdict == .unavailable)
    server.pass(.seconds(1))
    #expect(await verdict(authenticator, token).verdict == edge)
    // Away again: what is known goes on, also for tokens that are new; a key that is not known cannot be told.
    server.set(document: nil)
    server.pass(.seconds(30))
    let new = try key.token(#"{"iss":"https://issuer","aud":"logs","sub":"edge","exp":1099}"#)
    guard case .identified = await verdict(authenticator, new).verdict else { return #expect(Bool(false)) }
    let unknown = try await TestKey(.es256, id: "unknown").token(Self.rightClaims)
    #expect(await verdict(authenticator, unknown).verdict == .unavailable)
    #expect(await verdict(authenticator, unknown).verdict == .unavailable)
    #expect(authenticator.count(of: .unknownKey) == 0)
  }

  @Test func aNewKeyIsAskedForAndOldTokensAreLookedAtAgain() async throws {
    let (old, new) = (try await TestKey(.es256, id: "old"), try await TestKey(.es256, id: "new"))
    let server = MadeUpIssuer(keys: TestKey.set([old]))
    let authenticator = authenticator(server)
    let (oldToken, newToken) = (try old.token(Self.rightClaims), try new.token(Self.rightClaims))
    #expect(await verdict(authenticator, oldToken).verdict == edge)
    server.pass(.seconds(10))
    // Not there yet: asked for, and denied, as the issuer does not have it.
    #expect(await verdict(authenticator, newToken) == (.denied, false))
    #expect(server.asked.count == 4 && authenticator.count(of: .unknownKey) == 1)
    server.set(keys: TestKey.set([old, new]))
    server.pass(.seconds(1))
    #expect(await verdict(authenticator, newToken).verdict == .unavailable)
    server.pass(.seconds(9))
    #expect(await verdict(authenticator, newToken) == (edge, false))
    #expect(await verdict(authenticator, oldToken) == (edge, true))
    // The old one goes: found out with the next set, and what it has signed counts no more.
    server.set(keys: TestKey.set([new]))
    server.pass(.seconds(10))
    let other = try await TestKey(.es256, id: "other").token(Self.rightClaims)
    #expect(await verdict(authenticator, other).verdict == .denied)
    server.pass(.seconds(10))
    #expect(await verdict(authenticator, oldToken) == (.denied, false))
    #expect(await verdict(authenticator, newToken) == (edge, true))
  }

  @Test func aFileOfKeysTurns() async throws {
    let (old, new) = (try await TestKey(.edDSA, id: "old"), try await TestKey(.edDSA, id: "new"))
    let file = try TemporaryFile(TestKey.set([old]))
    let watched = try WatchedFiles<KeySet>([file.path]) { (contents) throws(FileReadError) in
      do throws(KeyProblem) {
        return try KeySet(contents.first ?? [], maxKeys: 9)
      } catch {
        throw FileReadError(reason: error.reason)
      }
    }
    var rules = TokenRules()
    rules.issuer = "https://issuer"
    let clock = MadeUpIssuer(keys: "").clock
    let provider = OpenIDProvider(rules, .file(watched, option: "f"))
    let authenticator = OpenIDAuthenticator(
      id: "oidc", attribute: "authorization", [provider], OpenIDLimits(), clock: clock)
    let (oldToken, newToken) = (try old.token(Self.rightClaims), try new.token(Self.rightClaims))
    #expect(await verdict(authenticator, oldToken).verdict == edge)
    #expect(await verdict(authenticator, newToken).verdict == .denied)
    try file.write(TestKey.set([new]))
    #expect(watched.look() == .used)
    #expect(await verdict(authenticator, newToken).verdict == edge)
    #expect(await verdict(authenticator, oldToken).verdict == .denied)
    try file.write("{}")
    #expect(watched.look() == .kept(because: "the key set has no list of keys"))
    #expect(await verdict(authenticator, newToken) == (edge, true))
  }

  // MARK: Bounds

  @Test func thoseThatWaitHaveALimitInAllAndOfEachAddress() async throws {
    let key = try await TestKey(.es256)
    let server = MadeUpIssuer(keys: TestKey.set([key]))
    server.holdUp(true)
    let authenticator = authenticator(server) { ($0.maxWaiting, $0.maxWaitingOfAddress) = (3, 2) }
    let verdicts = Mutex<[String: AuthenticationVerdict]>([:])
    func ask(_ name: String, from address: String) throws {
      let token = try key.token(#"{"iss":"https://issuer","aud":"logs","sub":"\#(name)","exp":1100}"#)
      guard case .later(let begin) = authenticator.judge(head("Bearer \(token)", from: address)) else { return }
      begin(AuthenticationWaiter(isWaiting: { true }) { verdict in verdicts.withLock { $0[name] = verdict } })
    }
    for (name, address) in [
      ("a", "192.0.2.1:1"), ("b", "192.0.2.1:2"), ("c", "192.0.2.1:3"), ("d", "192.0.2.2:1"), ("e", "192.0.2.3:1"),
    ] {
      try ask(name, from: address)
    }
    #expect(verdicts.withLock { $0 } == ["c": .unavailable, "e": .unavailable])
    server.holdUp(false)
    while verdicts.withLock({ $0.count }) < 5 { try await Task.sleep(for: .milliseconds(1)) }
    let identified = verdicts.withLock { $0 }.filter { if case .identified = $0.value { true } else { false } }
    #expect(identified.keys.sorted() == ["a", "b", "d"])
    // There is room again.
    try ask("f", from: "192.0.2.1:1")
    while verdicts.withLock({ $0.count }) < 6 { try await Task.sleep(for: .milliseconds(1)) }
    #expect(verdicts.withLock { $0["f"] } != .unavailable)
  }

  @Test func theSameTokenIsLookedAtOnceForAllAndNotForThoseThatLeft() async throws {
    let key = try await TestKey(.es256)
    let server = MadeUpIssuer(keys: TestKey.set([key]))
    server.holdUp(true)
    let authenticator = authenticator(server) { $0.maxWaiting = 1 }
    let told = Mutex<[AuthenticationVerdict]>([])
    let token = try key.token(Self.rightClaims)
    for _ in 0..<5 {
      guard case .later(let begin) = authenticator.judge(head("Bearer \(token)")) else { continue }
      begin(AuthenticationWaiter(isWaiting: { true }) { verdict in told.withLock { $0.append(verdict) } })
    }
    server.holdUp(false)
    while told.withLock({ $0.count }) < 5 { try await Task.sleep(for: .milliseconds(1)) }
    #expect(told.withLock { $0 } == Array(repeating: edge, count: 5) && server.asked.count == 2)
    let left = try key.token(#"{"iss":"https://issuer","aud":"logs","exp":1100}"#)
    guard case .later(let begin) = authenticator.judge(head("Bearer \(left)")) else { return #expect(Bool(false)) }
    let verdict = await withCheckedContinuation { continuation in
      begin(AuthenticationWaiter(isWaiting: { false }) { continuation.resume(returning: $0) })
    }
    #expect(verdict == .unavailable)
  }

  @Test func memoryOfTokensIsBounded() async throws {
    let key = try await TestKey(.edDSA)
    let authenticator = authenticator(MadeUpIssuer(keys: TestKey.set([key]))) { ($0.maxRight, $0.maxWrong) = (2, 2) }
    func token(_ name: Int) throws -> String {
      try key.token(#"{"iss":"https://issuer","aud":"logs","sub":"\#(name)","exp":1100}"#)
    }
    for name in 0..<4 { _ = await verdict(authenticator, try token(name)) }
    #expect(await verdict(authenticator, try token(3)).isAtOnce)
    #expect(await verdict(authenticator, try token(0)).isAtOnce == false)
    for name in 0..<100 { _ = await verdict(authenticator, "a.\(name).c") }
    // Wrong ones drive out no right one.
    #expect(await verdict(authenticator, try token(0)).isAtOnce)
    #expect(authenticator.count(of: .malformed) == 100)
  }

  @Test func hostileTokensAreDenied() async throws {
    let key = try await TestKey(.es256)
    let authenticator = authenticator(MadeUpIssuer(keys: TestKey.set([key])))
    let good = try key.token(Self.rightClaims).split(separator: ".").map(String.init)
    let deep = TestKey.base64URL(Data(String(repeating: "[", count: 6000).utf8))
    for token in [
      "..", "\(good[0])..", "\(good[0]).\(good[1]).", ".\(good[1]).\(good[2])", "\(deep).\(deep).\(deep)",
      "\(good[0]).\(deep).\(good[2])", "\(good[1]).\(good[0]).\(good[2])", "\(good[0]).\(good[0]).\(good[2])",
      "\(good[0])=.\(good[1]).\(good[2])", "\(good[0]).\(good[1]).\(good[2])A",
    ] {
      #expect(await verdict(authenticator, token).verdict == .denied, "\(token.prefix(40))")
    }
  }
}
