import Testing

@testable import Access

@Suite struct HeldKeysTests {
  private let failure = Result<KeySet, CredentialFailure>.failure(CredentialFailure("away"))

  private func set(_ ids: String...) async throws -> KeySet {
    var keys: [TestKey] = []
    for id in ids { keys.append(try await TestKey(.rs256, id: id)) }
    return try KeySet(Array(TestKey.set(keys).utf8), maxKeys: 9)
  }

  @Test func theFirstWhoNeedsKeysAsksAndTheOthersWait() async throws {
    let held = Held()
    #expect(!held.begin(refreshingAt: .seconds(5)) && held.keys == nil)
    #expect(held.answer(toArrivalAt: .seconds(5), at: .seconds(5)) == .waitAndStart)
    #expect(held.answer(toArrivalAt: .seconds(6), at: .seconds(6)) == .wait)
    let keys = try await set("a")
    held.landed(.success(keys), at: .seconds(7), unixSeconds: 70)
    #expect(held.keys === keys && held.takeNews() == .used(keys: 1) && held.takeNews() == nil)
    #expect(held.fetches.succeeded == 1 && held.fetches.keys == 1 && held.fetches.failing == nil)
  }

  @Test func aKeyIsUnknownOnceKeysWereAskedForAfterItCame() async throws {
    let held = Held()
    _ = held.answer(toArrivalAt: .seconds(5), at: .seconds(5))
    held.landed(.success(try await set("a")), at: .seconds(7), unixSeconds: 70)
    #expect(held.answer(toArrivalAt: .seconds(5), at: .seconds(8)) == .known)
    // Came while keys were being asked for: they may be older than its key.
    #expect(held.answer(toArrivalAt: .seconds(6), at: .seconds(8)) == .away)
    #expect(held.answer(toArrivalAt: .seconds(14), at: .milliseconds(14_999)) == .away)
    #expect(held.answer(toArrivalAt: .seconds(15), at: .seconds(15)) == .waitAndStart)
    #expect(held.answer(toArrivalAt: .seconds(15), at: .seconds(15)) == .wait)
  }

  @Test func oldKeysAreAskedForAgainOnce() async throws {
    let held = Held()
    _ = held.answer(toArrivalAt: .zero, at: .zero)
    held.landed(.success(try await set("a")), at: .seconds(1), unixSeconds: 1)
    #expect(!held.begin(refreshingAt: .seconds(3599)))
    #expect(held.begin(refreshingAt: .seconds(3600)))
    #expect(!held.begin(refreshingAt: .seconds(3601)))
  }

  @Test func withoutATokenKeysAreAskedForThatAreMissingOldOrFailed() async throws {
    let held = Held()
    #expect(held.begin(unaskedAt: .zero) && !held.begin(unaskedAt: .zero))
    #expect(held.answer(toArrivalAt: .zero, at: .zero) == .wait)
    held.landed(failure, at: .seconds(1), unixSeconds: 1)
    #expect(!held.begin(unaskedAt: .milliseconds(1999)) && held.begin(unaskedAt: .seconds(2)))
    held.landed(.success(try await set("a")), at: .seconds(3), unixSeconds: 3)
    #expect(!held.begin(unaskedAt: .seconds(3601)) && held.begin(unaskedAt: .seconds(3602)))
    // With keys from before a failure is not left to last for the interval either.
    held.landed(failure, at: .seconds(3602), unixSeconds: 4)
    #expect(!held.begin(unaskedAt: .milliseconds(3_602_999)) && held.begin(unaskedAt: .seconds(3603)))
  }

  @Test func failuresPauseAndOldKeysGoOnCounting() async throws {
    let held = Held()
    let keys = try await set("a")
    _ = held.answer(toArrivalAt: .zero, at: .zero)
    held.landed(.success(keys), at: .zero, unixSeconds: 1)
    _ = held.takeNews()
    var now = Duration.seconds(3600)
    for pause in [1, 2, 4, 8, 16, 32, 60, 60] {
      #expect(held.begin(refreshingAt: now))
      held.landed(failure, at: now, unixSeconds: 50)
      #expect(held.keys === keys && held.answer(toArrivalAt: now, at: now) == .away)
      now += .seconds(pause)
      #expect(!held.begin(refreshingAt: now - .milliseconds(1)), "\(pause)")
    }
    #expect(
      held.fetches.failed == 8 && held.fetches.failing == .init(since: 50, reason: "away") && held.fetches.keys == 1)
    #expect(held.takeNews() == .failed(reason: "away", keepsKeys: true) && held.takeNews() == nil)
    #expect(held.begin(refreshingAt: now))
    held.landed(.success(keys), at: now, unixSeconds: 60)
    #expect(held.takeNews() == .used(keys: 1) && held.fetches.failing == nil)
  }

  @Test func withoutKeysAFailureIsToldAtOnceUntilItsPauseIsOver() {
    let held = Held()
    #expect(held.answer(toArrivalAt: .zero, at: .zero) == .waitAndStart)
    held.landed(failure, at: .seconds(1), unixSeconds: 1)
    #expect(held.takeNews() == .failed(reason: "away", keepsKeys: false))
    #expect(held.answer(toArrivalAt: .zero, at: .milliseconds(1999)) == .away)
    #expect(held.answer(toArrivalAt: .zero, at: .seconds(2)) == .waitAndStart)
    held.landed(.failure(CredentialFailure("other")), at: .seconds(2), unixSeconds: 2)
    #expect(held.takeNews() == .failed(reason: "other", keepsKeys: false))
  }

  @Test func theSameKeysStayTheSameObject() async throws {
    let held = Held()
    let keys = try await set("a", "b")
    for (index, new) in [keys, try await set("a", "b")].enumerated() {
      _ = held.answer(toArrivalAt: .seconds(100 * index), at: .seconds(100 * index))
      held.landed(.success(new), at: .seconds(100 * index), unixSeconds: 1)
      #expect(held.keys === keys)
    }
    _ = held.takeNews()
    _ = held.answer(toArrivalAt: .seconds(300), at: .seconds(300))
    let other = try await set("b")
    held.landed(.success(other), at: .seconds(300), unixSeconds: 1)
    #expect(held.keys === other && held.takeNews() == .used(keys: 1))
  }
}

/// Keys that are held, by reference, as an expectation does not let a value change.
private final class Held {
  private var value = HeldKeys(issuer: "https://issuer", KeyPace())

  var keys: KeySet? { value.keys }
  var fetches: KeyFetches { value.fetches }
  func takeNews() -> KeyNews? { value.takeNews() }
  func begin(unaskedAt now: Duration) -> Bool { value.begin(unaskedAt: now) }
  func begin(refreshingAt now: Duration) -> Bool { value.begin(refreshingAt: now) }

  func answer(toArrivalAt arrival: Duration, at now: Duration) -> HeldKeys.Answer {
    value.answer(toArrivalAt: arrival, at: now)
  }

  func landed(_ outcome: Result<KeySet, CredentialFailure>, at now: Duration, unixSeconds: Int) {
    value.landed(outcome, at: now, unixSeconds: unixSeconds)
  }
}
