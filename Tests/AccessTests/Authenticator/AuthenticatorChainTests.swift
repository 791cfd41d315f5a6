import HTTPTransport
import Synchronization
import Testing

@testable import Access

/// Says what it is told to, at once or later.
private struct Sayer: Authenticator {
  var challenge: String?
  var verdict: AuthenticationVerdict = .absent
  var isLater = false

  func judge(_ head: HTTPRequestHead) -> Authentication {
    isLater ? .later { [verdict] in $0.tell(verdict) } : .decided(verdict)
  }
}

@Suite struct AuthenticatorChainTests {
  private let head = HTTPRequestHead(method: "POST", path: "/")

  /// What a chain says, and what was counted of each of its links.
  private func judged(_ sayers: [Sayer]) -> (verdict: AuthenticationVerdict?, counts: [[Int]]) {
    let tallies = sayers.indices.map { AuthenticationTally(authenticator: "\($0)") }
    let chain = AuthenticatorChain(zip(sayers, tallies).map { AuthenticatorChain.Link($0, $1) })
    let told = Mutex<AuthenticationVerdict?>(nil)
    switch chain.judge(head) {
    case .decided(let verdict): told.withLock { $0 = verdict }
    case .later(let begin):
      begin(AuthenticationWaiter(isWaiting: { true }) { verdict in told.withLock { $0 = verdict } })
    }
    let counts = tallies.map { tally in AuthenticationOutcome.allCases.map { tally.count(of: $0) } }
    return (told.withLock { $0 }, counts)
  }

  @Test(arguments: [false, true], [false, true])
  func theFirstThatKnowsWhatIsPresentedDecides(_ isFirstLater: Bool, _ isSecondLater: Bool) {
    for verdict in [
      AuthenticationVerdict.identified(Identity(authenticator: "b")), .deniedToken(.expired), .forbidden, .unavailable,
    ] {
      let (found, counts) = judged([
        Sayer(isLater: isFirstLater), Sayer(verdict: verdict, isLater: isSecondLater), Sayer(verdict: .denied),
      ])
      #expect(found == verdict)
      #expect(counts[0] == [0, 1, 0, 0, 0])
      #expect(counts[1].reduce(0, +) == 1 && counts[1][AuthenticationOutcome(verdict).rawValue] == 1)
      #expect(counts[2] == [0, 0, 0, 0, 0])
    }
    let nobody = judged([Sayer(isLater: isFirstLater), Sayer(isLater: isSecondLater)])
    #expect(nobody.verdict == .absent)
    #expect(nobody.counts == [[0, 1, 0, 0, 0], [0, 1, 0, 0, 0]])
  }

  /// A password or a token that one does not know may be another's.
  @Test(arguments: [false, true])
  func whatOneDoesNotKnowGoesOnToTheNext(_ isLater: Bool) {
    let edge = AuthenticationVerdict.identified(Identity(authenticator: "b"))
    let denies = Sayer(verdict: .denied, isLater: isLater)
    #expect(judged([denies, denies, Sayer(verdict: edge, isLater: isLater)]).verdict == edge)
    let nobody = judged([denies, Sayer(isLater: isLater)])
    #expect(nobody.verdict == .denied && nobody.counts == [[0, 0, 1, 0, 0], [0, 1, 0, 0, 0]])
  }

  /// Two authenticators may have one issuer, with audiences of their own.
  @Test(arguments: [false, true], [TokenFault.issuer, .audience])
  func aTokenForAnotherGoesOnToTheNext(_ isLater: Bool, _ fault: TokenFault) {
    let other = Sayer(verdict: .deniedToken(fault), isLater: isLater)
    let edge = AuthenticationVerdict.identified(Identity(authenticator: "b"))
    #expect(judged([other, Sayer(verdict: edge, isLater: isLater)]).verdict == edge)
    // Nobody knows it: what was wrong is still told.
    let nobody = judged([other, Sayer(isLater: isLater)])
    #expect(nobody.verdict == .deniedToken(fault))
    #expect(nobody.counts == [[0, 0, 1, 0, 0], [0, 1, 0, 0, 0]])
    #expect(judged([Sayer(isLater: isLater), other]).verdict == .deniedToken(fault))
    let expired = Sayer(verdict: .deniedToken(.expired), isLater: isLater)
    #expect(judged([expired, Sayer(verdict: edge)]).verdict == .deniedToken(.expired))
  }

  @Test func aChainOfNoneKnowsNobody() {
    #expect(judged([]).verdict == .absent)
  }

  @Test func challengesAreOneForEachScheme() {
    let sayers = ["Bearer", nil, "Basic realm=\"sluice\"", "Bearer"].map { Sayer(challenge: $0) }
    let chain = AuthenticatorChain(sayers.map { .init($0, AuthenticationTally(authenticator: "")) })
    #expect(chain.challenges == ["Bearer", "Basic realm=\"sluice\""])
  }

  /// The log says what the first one said that has recognised the credentials, not what those say that know nothing of
  /// them; and who cannot tell keeps the sender from being refused for good.
  @Test(arguments: [false, true])
  func theFirstThatRecognisedTheCredentialsIsTheOneThatIsTold(_ isLater: Bool) {
    let sayers = { (verdicts: [AuthenticationVerdict]) in verdicts.map { Sayer(verdict: $0, isLater: isLater) } }
    #expect(judged(sayers([.deniedToken(.issuer), .denied])).verdict == .deniedToken(.issuer))
    #expect(judged(sayers([.denied, .deniedToken(.audience), .absent])).verdict == .deniedToken(.audience))
    #expect(judged(sayers([.deniedToken(.audience), .deniedToken(.issuer)])).verdict == .deniedToken(.audience))
    for other in [AuthenticationVerdict.denied, .absent, .deniedToken(.issuer)] {
      #expect(judged(sayers([other, .unavailable, .denied])).verdict == .unavailable)
      #expect(judged(sayers([.unavailable, other])).verdict == .unavailable)
    }
  }
}
