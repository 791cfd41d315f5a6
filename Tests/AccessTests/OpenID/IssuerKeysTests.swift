import Synchronization
import Testing

@testable import Access

@Suite struct IssuerKeysTests {
  private func keys(_ server: MadeUpIssuer, _ change: (inout IssuerOptions) -> Void = { _ in }) -> IssuerKeys {
    var options = IssuerOptions(issuer: MadeUpIssuer.address)
    change(&options)
    return IssuerKeys(options, clock: server.clock, get: server.get)
  }

  /// Waits for what comes of a question.
  private func ask(_ keys: IssuerKeys, at arrival: Duration) async -> HeldKeys.Answer {
    let answer = Mutex<HeldKeys.Answer?>(nil)
    await withCheckedContinuation { continuation in
      let now = keys.wait(forArrivalAt: arrival) { continuation.resume() }
      answer.withLock { $0 = now }
      if now == .known || now == .away { continuation.resume() }
    }
    return answer.withLock { $0 } ?? .away
  }

  @Test func allWhoWaitAreToldOfOneRequest() async throws {
    let server = MadeUpIssuer(keys: TestKey.set([try await TestKey(.es256)]))
    let keys = keys(server)
    #expect(keys.current() == nil && server.asked.isEmpty)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<20 { group.addTask { _ = await ask(keys, at: .zero) } }
    }
    #expect(keys.current()?.count == 1)
    #expect(server.asked == ["https://issuer/.well-known/openid-configuration", "https://issuer/keys"])
    #expect(keys.fetches.succeeded == 1 && keys.takeNews() == .used(keys: 1))
    #expect(await ask(keys, at: .zero) == .known && server.asked.count == 2)
  }

  @Test func oldKeysAreUsedWhileNewOnesAreAskedFor() async throws {
    let server = MadeUpIssuer(keys: TestKey.set([try await TestKey(.es256, id: "one")]))
    let keys = keys(server) { $0.pace.refreshInterval = .seconds(60) }
    _ = await ask(keys, at: .zero)
    server.set(keys: TestKey.set([try await TestKey(.es256, id: "two")]))
    #expect(keys.current()?.names("one") == true && server.asked.count == 2)
    server.pass(.seconds(61))
    #expect(keys.current()?.names("one") == true)
    while keys.current()?.names("two") != true { try await Task.sleep(for: .milliseconds(1)) }
    #expect(server.asked.count == 4)
  }

  @Test func keysAreAskedForThoughNobodyWaits() async throws {
    let server = MadeUpIssuer(keys: "x")
    let keys = keys(server) { $0.pace.refreshInterval = .seconds(60) }
    keys.tend()
    keys.tend()
    while keys.fetches.failed == 0 { try await Task.sleep(for: .milliseconds(1)) }
    #expect(server.asked.count == 2 && keys.fetches.failing?.since == 1000)
    // Not before the pause is over; then without a token, so that the failure ends.
    server.set(keys: TestKey.set([try await TestKey(.es256)]))
    keys.tend()
    #expect(server.asked.count == 2)
    server.pass(.seconds(1))
    keys.tend()
    while keys.fetches.succeeded == 0 { try await Task.sleep(for: .milliseconds(1)) }
    #expect(keys.current()?.count == 1 && keys.fetches.failing == nil && server.asked.count == 4)
    server.pass(.seconds(59))
    keys.tend()
    #expect(server.asked.count == 4)
    server.pass(.seconds(1))
    keys.tend()
    while keys.fetches.succeeded == 1 { try await Task.sleep(for: .milliseconds(1)) }
    #expect(server.asked.count == 6)
  }

  @Test(arguments: [
    ("login", #"{"keys":[]}"#, "https://issuer: the issuer's document is no JSON at byte 0"),
    (MadeUpIssuer.document, "x", "https://issuer/keys: the key set is no JSON at byte 0"),
    (#"{"issuer":"https://other"}"#, "x", "https://issuer: the document is that of another issuer: https://other"),
    (nil, "x", "answers 500"),
  ]) func whatGoesWrongIsTold(_ document: String?, set: String, reason: String) async throws {
    let server = MadeUpIssuer(keys: set, document: document)
    let keys = keys(server)
    _ = await ask(keys, at: .zero)
    #expect(keys.takeNews() == .failed(reason: reason, keepsKeys: false) && keys.current() == nil)
    #expect(keys.fetches.failed == 1 && keys.fetches.failing == .init(since: 1000, reason: reason))
    // Not asked again at once.
    let count = server.asked.count
    #expect(await ask(keys, at: .zero) == .away && server.asked.count == count)
    server.pass(.seconds(1))
    #expect(await ask(keys, at: .zero) == .waitAndStart && server.asked.count > count)
  }

  @Test func keysOfASetHaveALimit() async throws {
    let key = try await TestKey(.es256)
    let server = MadeUpIssuer(keys: TestKey.set(Array(repeating: key, count: 11)))
    let keys = keys(server) { $0.maxKeys = 10 }
    _ = await ask(keys, at: .zero)
    let reason = "https://issuer/keys: the key set has 11 keys: the limit is 10 (limits.max_keys)"
    #expect(keys.takeNews() == .failed(reason: reason, keepsKeys: false))
  }
}
