import Options
import Testing

@testable import Access

@Suite struct HeldTokenTests {
  private func token(_ value: String, _ lifetime: Duration?) -> Result<AccessToken, CredentialFailure> {
    .success(AccessToken(Secret(value), lifetime: lifetime))
  }

  private let failure: Result<AccessToken, CredentialFailure> = .failure(CredentialFailure("away"))

  /// What somebody who needs the token is to do, in a word and the token.
  private func step(_ held: inout HeldToken, at seconds: Double) -> String {
    switch held.step(at: .seconds(seconds)) {
    case .use(let token): "use \(token.reveal())"
    case .useAndStart(let token, _): "use \(token.reveal()) and start"
    case .wait: "wait"
    case .waitAndStart: "start"
    case .fail(let failure): "fail: \(failure)"
    }
  }

  private func refused(_ held: inout HeldToken, _ value: String, at now: Duration) -> Bool {
    held.refused(value, at: now)
  }

  @Test func oneFlightAtATimeBringsTheFirstToken() {
    var held = HeldToken(expiryBuffer: .seconds(10))
    #expect(step(&held, at: 0) == "start")
    #expect(step(&held, at: 0) == "wait")
    held.landed(token("a", .seconds(100)), at: .seconds(1), unixSeconds: 1000)
    #expect(step(&held, at: 1) == "use a")
    #expect(held.fetches.succeeded == 1 && held.fetches.failed == 0 && held.fetches.expiry == 1100)
  }

  @Test func theNextTokenIsAskedForAheadOfTheEndOnce() {
    var held = HeldToken(expiryBuffer: .seconds(10))
    _ = held.step(at: .zero)
    held.landed(token("a", .seconds(100)), at: .zero, unixSeconds: 0)
    #expect(step(&held, at: 89.9) == "use a")
    #expect(step(&held, at: 90) == "use a and start")
    #expect(step(&held, at: 91) == "use a")
    // The one that there is has ended before the next has come.
    #expect(step(&held, at: 100) == "wait")
    held.landed(token("b", .seconds(100)), at: .seconds(101), unixSeconds: 0)
    #expect(step(&held, at: 101) == "use b")
  }

  @Test func aTokenThatIsShorterThanTheBufferIsUsedForHalfOfItsTime() {
    var held = HeldToken(expiryBuffer: .seconds(300))
    _ = held.step(at: .zero)
    held.landed(token("a", .seconds(60)), at: .zero, unixSeconds: 0)
    #expect(step(&held, at: 29) == "use a")
    #expect(step(&held, at: 30) == "use a and start")
  }

  @Test func aTokenOfUnknownLifeIsUsedUntilItIsRefused() {
    var held = HeldToken(expiryBuffer: .seconds(300))
    _ = held.step(at: .zero)
    held.landed(token("a", nil), at: .zero, unixSeconds: 0)
    #expect(step(&held, at: 1e9) == "use a")
    #expect(held.fetches.expiry == nil)
    #expect(refused(&held, "a", at: .seconds(1e9)))
    #expect(step(&held, at: 1e9) == "start")
  }

  @Test func failuresAreSpacedAndSaidMeanwhile() {
    var held = HeldToken(expiryBuffer: .zero)
    var now = 0.0
    for pause in [1.0, 2, 4, 8, 15, 15] {
      #expect(step(&held, at: now) == "start")
      held.landed(failure, at: .seconds(now), unixSeconds: 0)
      #expect(step(&held, at: now + pause - 0.01) == "fail: away")
      now += pause
    }
    #expect(step(&held, at: now) == "start")
    held.landed(token("a", nil), at: .seconds(now), unixSeconds: 0)
    #expect(step(&held, at: now) == "use a")
    #expect(held.fetches.failed == 6 && held.fetches.succeeded == 1)
  }

  @Test func aTokenIsUsedWhileTheNextCannotBeHad() {
    var held = HeldToken(expiryBuffer: .seconds(50))
    _ = held.step(at: .zero)
    held.landed(token("a", .seconds(100)), at: .zero, unixSeconds: 0)
    #expect(step(&held, at: 50) == "use a and start")
    held.landed(failure, at: .seconds(51), unixSeconds: 0)
    #expect(step(&held, at: 51.5) == "use a")
    #expect(step(&held, at: 52) == "use a and start")
    held.landed(failure, at: .seconds(99), unixSeconds: 0)
    #expect(step(&held, at: 100) == "fail: away")
    #expect(step(&held, at: 101) == "start")
  }

  @Test func aRefusedTokenIsReplacedOnceAndThenEverLessOften() {
    var held = HeldToken(expiryBuffer: .zero)
    func renew(_ value: String, at seconds: Double) {
      #expect(step(&held, at: seconds) == "start")
      held.landed(token(value, nil), at: .seconds(seconds), unixSeconds: 0)
    }
    renew("a", at: 0)
    #expect(refused(&held, "a", at: .zero))
    renew("b", at: 0)
    // Somebody still sends the one before: the new one is worth a try.
    #expect(refused(&held, "a", at: .zero))
    #expect(step(&held, at: 0) == "use b")
    #expect(!refused(&held, "b", at: .milliseconds(999)))
    #expect(step(&held, at: 0.999) == "use b")
    #expect(refused(&held, "b", at: .seconds(1)))
    renew("c", at: 1)
    #expect(!refused(&held, "c", at: .seconds(2)))
    #expect(refused(&held, "c", at: .seconds(3)))
    renew("d", at: 3)
    // Long after, it is a first time again.
    #expect(refused(&held, "d", at: .seconds(603)))
    renew("e", at: 603)
    #expect(refused(&held, "e", at: .seconds(604)))
  }
}
