import NIOHTTP1
import Options
import Synchronization
import Testing

@testable import Access

@Suite struct TokenCredentialsTests {
  /// An endpoint that gives tokens when the test lets it.
  private final class Script: Sendable {
    let asked = Mutex(0)
    let gate = Mutex<CheckedContinuation<Void, Never>?>(nil)
    let isHeld: Bool

    init(isHeld: Bool = false) { self.isHeld = isHeld }

    func fetch() async throws(CredentialFailure) -> AccessToken {
      let number = asked.withLock { asked in
        asked += 1
        return asked
      }
      if isHeld { await withCheckedContinuation { continuation in gate.withLock { $0 = continuation } } }
      return AccessToken(Secret("token-\(number)"), lifetime: nil)
    }

    func open() async throws {
      while gate.withLock({ $0 }) == nil { try await Task.sleep(for: .milliseconds(1)) }
      gate.withLock { $0.take() }?.resume()
    }
  }

  private func credentials(_ script: Script) -> TokenCredentials {
    TokenCredentials(expiryBuffer: .zero) { () async throws(CredentialFailure) in try await script.fetch() }
  }

  private func written(_ credentials: TokenCredentials, within limit: Duration = .seconds(20)) async throws -> String? {
    var head: HTTPHeaders = ["authorization": "none"]
    try await credentials.write(to: &head, within: limit)
    return head.first(name: "authorization")
  }

  @Test func manyWhoNeedATokenAskOnce() async throws {
    let script = Script(isHeld: true)
    let credentials = credentials(script)
    try await withThrowingTaskGroup(of: String?.self) { tasks in
      for _ in 0..<50 { tasks.addTask { try await written(credentials) } }
      try await script.open()
      for try await value in tasks { #expect(value == "Bearer token-1") }
    }
    #expect(script.asked.withLock { $0 } == 1)
  }

  @Test func whoeverWaitsGivesUpInTimeAndTheRequestGoesOn() async throws {
    let script = Script(isHeld: true)
    let credentials = credentials(script)
    await #expect(throws: CredentialFailure("no token within 0.01 seconds")) {
      try await written(credentials, within: .milliseconds(10))
    }
    let cancelled = Task { try await written(credentials) }
    cancelled.cancel()
    await #expect(throws: CredentialFailure.self) { try await cancelled.value }
    try await script.open()
    #expect(try await written(credentials) == "Bearer token-1")
    #expect(script.asked.withLock { $0 } == 1)
  }

  @Test func aTokenThatWasRefusedIsReplaced() async throws {
    let credentials = credentials(Script())
    var head: HTTPHeaders = [:]
    try await credentials.write(to: &head, within: .seconds(20))
    #expect(credentials.wereRefused(in: head))
    #expect(try await written(credentials) == "Bearer token-2")
    // The first again, by another attempt: there is a newer one.
    #expect(credentials.wereRefused(in: head))
    #expect(try await written(credentials) == "Bearer token-2")
    #expect(credentials.fetches?.succeeded == 2)
  }
}
