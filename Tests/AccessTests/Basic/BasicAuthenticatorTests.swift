import Files
import Glibc
import HTTPTransport
import Synchronization
import Testing

@testable import Access

@Suite struct BasicAuthenticatorTests {
  private static let bcrypt = PasswordHashTests.samples.first { $0.hasPrefix("$2y") } ?? ""

  private func authenticator(
    _ text: String = "edge:\(bcrypt)", _ change: (inout BasicAuthLimits) -> Void = { _ in }
  ) throws -> BasicAuthenticator {
    var limits = BasicAuthLimits()
    change(&limits)
    let hashes = try Htpasswd.hashes(of: text, limits)
    let file = try WatchedFiles<Htpasswd>([]) { [limits] (_) throws(FileReadError) in
      do throws(HtpasswdProblem) {
        return try Htpasswd(inline: hashes, files: [], limits)
      } catch {
        throw FileReadError(reason: error.reason)
      }
    }
    return BasicAuthenticator(id: "basicauth", file, limits: limits)
  }

  private static func encoded(_ text: String) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    var result = ""
    let bytes = Array(text.utf8)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
      for place in 0...group.count { result.append(alphabet[bits >> (18 - 6 * place) & 63]) }
      result += String(repeating: "=", count: 3 - group.count)
    }
    return result
  }

  private func head(_ credentials: String?, from address: String = "192.0.2.1:1") -> HTTPRequestHead {
    let headers: HTTPHeaders = credentials.map { ["authorization": "Basic \(Self.encoded($0))"] } ?? [:]
    return HTTPRequestHead(method: "POST", path: "/", headers: headers, remoteAddress: address)
  }

  /// The verdict, and whether it was given at once.
  private func verdict(
    of authenticator: BasicAuthenticator, _ head: HTTPRequestHead
  ) async -> (verdict: AuthenticationVerdict, isAtOnce: Bool) {
    switch authenticator.judge(head) {
    case .decided(let verdict): return (verdict, true)
    case .later(let begin):
      let verdict = await withCheckedContinuation { continuation in
        begin(AuthenticationWaiter(isWaiting: { true }) { continuation.resume(returning: $0) })
      }
      return (verdict, false)
    }
  }

  private let edge = AuthenticationVerdict.identified(
    Identity(authenticator: "basicauth", attributes: [("username", "edge")]))

  @Test func credentialsAreCheckedOnceAndKnownFromThenOn() async throws {
    let authenticator = try authenticator()
    for (text, expected) in [("edge:secret", edge), ("edge:wrong", .denied), ("nobody:secret", .denied)] {
      let first = await verdict(of: authenticator, head(text))
      #expect(first.verdict == expected && !first.isAtOnce, "\(text)")
      let second = await verdict(of: authenticator, head(text))
      #expect(second.verdict == expected && second.isAtOnce, "\(text)")
    }
    #expect(await verdict(of: authenticator, head(nil)) == (.absent, true))
  }

  @Test(arguments: ["no colon", "edge:secret\u{0}", "edge:sec\tret"])
  func malformedCredentialsAreDeniedAtOnce(_ text: String) async throws {
    #expect(await verdict(of: try authenticator(), head(text)) == (.denied, true))
  }

  @Test func anotherSchemeIsAbsentAndNoBase64Denied() async throws {
    let authenticator = try authenticator()
    for (value, expected) in [("Bearer x", AuthenticationVerdict.absent), ("Basic ????", .denied)] {
      let head = HTTPRequestHead(method: "POST", path: "/", headers: ["authorization": value])
      #expect(await verdict(of: authenticator, head) == (expected, true))
    }
  }

  @Test func lengthsHaveLimits() async throws {
    let authenticator = try authenticator("edge:secret") {
      ($0.maxUserBytes, $0.maxPasswordBytes) = (4, 6)
    }
    #expect(await verdict(of: authenticator, head("edge:secret")).verdict == edge)
    #expect(await verdict(of: authenticator, head("edges:secre")) == (.denied, true))
    #expect(await verdict(of: authenticator, head("edg:secrets")) == (.denied, true))
    #expect(await verdict(of: authenticator, head("edge:" + String(repeating: "x", count: 2000))) == (.denied, true))
  }

  @Test func thoseThatWaitHaveALimitInAllAndOfEachAddress() async throws {
    // Nothing is checked before the first has been let go.
    let authenticator = try authenticator { ($0.maxWaiting, $0.maxWaitingOfAddress) = (3, 2) }
    let gate = Gate()
    let verdicts = Mutex<[String: AuthenticationVerdict]>([:])
    func ask(_ password: String, from address: String, isWaiting: @escaping @Sendable () -> Bool = { true }) {
      guard case .later(let begin) = authenticator.judge(head("edge:\(password)", from: address)) else {
        Issue.record("\(password) is known")
        return
      }
      begin(AuthenticationWaiter(isWaiting: isWaiting) { verdict in verdicts.withLock { $0[password] = verdict } })
    }
    ask("first", from: "192.0.2.9:1") {
      gate.pass()
      return true
    }
    gate.awaitArrival()
    ask("a", from: "192.0.2.1:1")
    ask("b", from: "192.0.2.1:2")
    ask("c", from: "192.0.2.1:3")
    #expect(verdicts.withLock { $0 } == ["c": .unavailable])
    ask("d", from: "192.0.2.2:1")
    ask("e", from: "192.0.2.3:1")
    #expect(verdicts.withLock { $0["e"] } == .unavailable && verdicts.withLock { $0.count } == 2)
    gate.open()
    while verdicts.withLock({ $0.count }) < 6 { try await Task.sleep(for: .milliseconds(1)) }
    #expect(verdicts.withLock { $0 }.filter { $0.value == .denied }.keys.sorted() == ["a", "b", "d", "first"])
  }

  @Test func thoseThatWaitForTheSameAreToldTogetherAndThoseThatLeftAreNotLookedAt() async throws {
    let authenticator = try authenticator { $0.maxWaiting = 1 }
    let told = Mutex<[AuthenticationVerdict]>([])
    let gate = Gate()
    for _ in 0..<5 {
      guard case .later(let begin) = authenticator.judge(head("edge:secret")) else { break }
      let waiter = AuthenticationWaiter {
        gate.pass()
        return true
      } tell: { verdict in
        told.withLock { $0.append(verdict) }
      }
      begin(waiter)
    }
    gate.open()
    while told.withLock({ $0.count }) < 5 { try await Task.sleep(for: .milliseconds(1)) }
    #expect(told.withLock { $0 } == Array(repeating: edge, count: 5))
    guard case .later(let begin) = authenticator.judge(head("edge:left")) else { return }
    let verdict = await withCheckedContinuation { continuation in
      begin(AuthenticationWaiter(isWaiting: { false }) { continuation.resume(returning: $0) })
    }
    #expect(verdict == .unavailable)
    // It was not found out: who asks now has to wait.
    #expect(await self.verdict(of: authenticator, head("edge:left")) == (.denied, false))
  }

  @Test func whatWasFoundOutHoldsAsLongAsTheFileSaysTheSame() async throws {
    let limits = BasicAuthLimits()
    let users = try TemporaryFile("edge:secret\nother:x")
    let file = try WatchedFiles<Htpasswd>([users.path]) { (contents) throws(FileReadError) in
      do throws(HtpasswdProblem) {
        return try Htpasswd(inline: [:], files: contents, limits)
      } catch {
        throw FileReadError(reason: error.reason)
      }
    }
    let authenticator = BasicAuthenticator(id: "basicauth", file, limits: limits)
    #expect(authenticator.files.map(\.files.paths) == [[users.path]])
    _ = await verdict(of: authenticator, head("edge:secret"))
    _ = await verdict(of: authenticator, head("new:secret"))
    try users.write("edge:secret\nnew:secret")
    #expect(file.look() == .used)
    #expect(await verdict(of: authenticator, head("edge:secret")) == (edge, true))
    #expect(await verdict(of: authenticator, head("new:secret")).verdict != .denied)
    try users.write("no colon")
    #expect(file.look() == .kept(because: "line 1 has no \":\""))
    #expect(await verdict(of: authenticator, head("edge:secret")) == (edge, true))
    try users.write("edge:changed")
    #expect(file.look() == .used)
    #expect(await verdict(of: authenticator, head("edge:secret")) == (.denied, false))
  }

  @Test func memoryOfCredentialsIsBounded() async throws {
    let authenticator = try authenticator("edge:secret") { ($0.maxRight, $0.maxWrong) = (2, 2) }
    _ = await verdict(of: authenticator, head("edge:secret"))
    for number in 0..<10 { _ = await verdict(of: authenticator, head("edge:\(number)")) }
    #expect(await verdict(of: authenticator, head("edge:secret")) == (edge, true))
    #expect(await verdict(of: authenticator, head("edge:0")) == (.denied, false))
  }
}

/// Holds up a thread until it is opened.
private final class Gate: Sendable {
  private let state = Mutex((hasArrived: false, isOpen: false))

  func pass() {
    state.withLock { $0.hasArrived = true }
    while !state.withLock({ $0.isOpen }) { usleep(1000) }
  }

  func awaitArrival() { while !state.withLock({ $0.hasArrived }) { usleep(1000) } }
  func open() { state.withLock { $0.isOpen = true } }
}
