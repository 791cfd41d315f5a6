import Access
import HTTPTransport
import NIOPosix
import Synchronization
import Testing

@testable import Gateway

@Suite struct AdminGateTests {
  private let log: LogCapture
  private let audit: AdminAudit

  init() {
    log = LogCapture()
    audit = AdminAudit(logger: log.logger)
  }

  /// Status and text of what is answered before a body is taken; nil if it is taken.
  private func refused(
    _ demand: AdminDemand, by name: String? = nil, _ policy: AdminPolicy, from address: String = "10.0.0.7:5000",
    host: String = "localhost"
  ) -> (response: HTTPResponse, text: String)? {
    let gate = AdminGate(access: AdminAccess(host: ""), policy: { policy }, audit: audit)
    var head = HTTPRequestHead(
      method: "GET", path: "/some", query: "query=secret", headers: ["Host": host], remoteAddress: address)
    if let name { head = head.adding("name", name) }
    let plan = gate.plan(for: &head, AdminEntrance(demand, maxBodyBytes: 7))
    switch plan {
    case .refuse(let response): return (response, String(buffer: response.body))
    case .collect(let limit, _, _):
      #expect(limit == 7)
      #expect((head.note is AdminPass) == (demand != .nothing && !(demand == .page && policy.takesTokens)))
      return nil
    case .later: return nil
    }
  }

  private let rules = [
    AdminRule(who: [IdentityMatcher(name: "username", value: "ann")], may: [.logs]),
    AdminRule(who: [IdentityMatcher(name: "username", value: "bob")], may: [.reload, .tap]),
  ]

  @Test func withoutAnAuthenticatorThisMachineIsLetIn() {
    for demand in [AdminDemand.page, .anything, .look(.logs), .change(.reload)] {
      #expect(refused(demand, AdminPolicy(), from: "127.0.0.1:1") == nil)
      let other = refused(demand, AdminPolicy())
      #expect(other?.response.status == 403 && other?.text.contains("service.admin.auth") == true)
    }
    #expect(refused(.nothing, AdminPolicy()) == nil)
    #expect(log.lines("audit").map { $0.fields["reason"] } == ["from another machine"])
  }

  @Test func withOneWhoeverIsKnownIsLetIn() {
    let policy = AdminSample.policy(.init(challenge: "Basic realm=\"x\""))
    for address in ["10.0.0.7:5000", "127.0.0.1:1"] {
      for demand in [AdminDemand.page, .anything, .look(.logs), .change(.reload)] {
        #expect(refused(demand, by: "ann", policy, from: address) == nil)
        let unknown = refused(demand, policy, from: address)
        #expect(unknown?.response.status == 401 && unknown?.text == "credentials are needed\n")
        #expect(unknown?.response.headers["www-authenticate"] == ["Basic realm=\"x\""])
        #expect(unknown?.response.headers["cache-control"] == ["no-store"])
      }
      #expect(refused(.nothing, policy, from: address) == nil)
    }
    #expect(refused(.page, by: "nobody", policy)?.response.status == 401)
    #expect(refused(.page, by: "stranger", policy)?.response.status == 403)
    let later = refused(.page, by: "later", policy)
    #expect(later?.response.status == 503 && later?.response.headers["retry-after"] == ["1"])
  }

  @Test func thePageIsThereForWhoHasATokenToGive() {
    let policy = AdminSample.policy(.init(challenge: "Bearer"))
    #expect(refused(.page, policy) == nil)
    for demand in [AdminDemand.anything, .look(.logs), .change(.reload)] {
      #expect(refused(demand, policy)?.response.status == 401)
    }
  }

  @Test func rulesSayWhatMayBeDone() {
    let policy = AdminSample.policy(.init(), rules)
    #expect(refused(.look(.logs), by: "ann", policy) == nil)
    #expect(refused(.change(.reload), by: "bob", policy) == nil)
    #expect(refused(.anything, by: "bob", policy) == nil)
    #expect(refused(.page, by: "eve", policy) == nil)
    let lacking: [(AdminDemand, String, String)] = [
      (.change(.reload), "ann", "reload in may"), (.look(.logs), "bob", "logs in may"),
      (.look(.deadLetters), "bob", "dead_letters in may"), (.anything, "eve", "anything in may"),
    ]
    for (demand, name, text) in lacking {
      let answer = refused(demand, by: name, policy)
      #expect(answer?.response.status == 403 && answer?.text.contains(text) == true)
    }
    // Whoever is known is named each time, and nothing of what was asked for.
    let told = log.lines("audit").map { $0.fields["who"] }
    #expect(told == ["ann", "bob", "bob", "eve"].map { "names username=\($0)" })
    #expect(log.lines.allSatisfy { line in !line.fields.values.contains { $0.contains("secret") } })
  }

  @Test func aNameThatIsNotTheGatewaysIsTurnedAwayFirst() {
    let policy = AdminSample.policy(.init())
    #expect(refused(.look(.logs), by: "ann", policy, host: "rebound.example")?.response.status == 403)
    var named = policy
    named.hosts = ["logs.example"]
    #expect(refused(.look(.logs), by: "ann", named, host: "logs.example:443") == nil)
  }

  @Test func whatTakesWorkIsDecidedLater() async throws {
    let policy = AdminSample.policy(.init(isSlow: true), rules)
    let gate = AdminGate(access: AdminAccess(host: ""), policy: { policy }, audit: audit)
    for (name, isIn) in [("ann", true), ("bob", false), ("nobody", false)] {
      var head = HTTPRequestHead(method: "GET", path: "/some", headers: ["Host": "localhost", "name": name])
      guard case .later(let within, _, let begin) = gate.plan(for: &head, AdminEntrance(.look(.logs))) else {
        Issue.record("decided at once")
        continue
      }
      #expect(within == .seconds(1))
      let loop = MultiThreadedEventLoopGroup.singleton.any()
      let decided = loop.makePromise(of: Bool.self)
      let asked = head
      begin(
        HTTPPendingPlan(eventLoop: loop) { _, decision in
          var head = asked
          if case .collect = decision(&head) { decided.succeed(head.note is AdminPass) } else { decided.succeed(false) }
        })
      #expect(try await decided.futureResult.get() == isIn, "\(name)")
    }
  }

  /// For answers that go on: credentials end, and a reload takes rights away.
  @Test(arguments: [false, true])
  func rightsAreAskedForAgain(_ isSlow: Bool) async throws {
    let kept = KeptPolicy(AdminSample.policy(.init(isSlow: isSlow), rules))
    let gate = AdminGate(access: AdminAccess(host: ""), policy: { kept.policy.withLock { $0 } }, audit: audit)
    let first = AdminPass(nil, scope: nil, audit)
    #expect(await first.right.renewed() == nil)
    for (name, isIn) in [("ann", true), ("bob", false), ("nobody", false), ("later", false)] {
      let head = HTTPRequestHead(method: "GET", path: "/some", headers: ["Host": "localhost", "name": name])
      let right = await gate.renewed(nil, of: head, AdminEntrance(.look(.logs)))?.right
      #expect((right != nil) == isIn, "\(name)")
      if let right { #expect(await right.renewed() != nil) }
    }
    // What cannot be told for the moment stays as it was.
    let head = HTTPRequestHead(method: "GET", path: "/some", headers: ["Host": "localhost", "name": "later"])
    let known = AdminPass(Identity(authenticator: "names", attributes: [("username", "ann")]), scope: nil, audit)
    #expect(await gate.renewed(known, of: head, AdminEntrance(.look(.logs))) != nil)
    let ann = head.adding("name", "ann")
    #expect(await gate.renewed(known, of: head, AdminEntrance(.look(.deadLetters))) != nil)
    kept.policy.withLock { $0 = .nobody }
    #expect(await gate.renewed(known, of: ann, AdminEntrance(.look(.logs))) == nil)
    // Without authentication this machine alone is answered.
    kept.policy.withLock { $0 = AdminPolicy() }
    #expect(await gate.renewed(nil, of: ann, AdminEntrance(.look(.logs))) == nil)
    let here = HTTPRequestHead(method: "GET", path: "/some", headers: [:], remoteAddress: "127.0.0.1:5")
    #expect(await gate.renewed(nil, of: here, AdminEntrance(.look(.logs))) != nil)
  }

  private final class KeptPolicy: Sendable {
    let policy: Mutex<AdminPolicy>
    init(_ policy: AdminPolicy) { self.policy = Mutex(policy) }
  }

  @Test func othersAreToldOfOnceInAWhile() {
    let policy = AdminSample.policy(.init())
    for _ in 0..<50 { _ = refused(.look(.logs), policy) }
    for _ in 0..<50 { _ = refused(.look(.logs), by: "nobody", policy) }
    #expect(log.lines("audit").map { $0.fields["reason"] } == ["no credentials", "wrong credentials"])
    #expect(log.lines("audit").allSatisfy { $0.fields["peer"] == "10.0.0.7:5000" && $0.fields["act"] == "denied" })
  }

  @Test func methodsAreThoseOfTheEntrance() {
    let gate = AdminGate(access: AdminAccess(host: ""), policy: { AdminPolicy() }, audit: audit)
    var head = HTTPRequestHead(method: "PUT", path: "/some", headers: ["Host": "localhost"])
    guard case .refuse(let response) = gate.plan(for: &head, AdminEntrance(.nothing, ["GET", "HEAD", "POST"])) else {
      Issue.record("a PUT is taken")
      return
    }
    #expect(response.status == 405 && response.headers["allow"] == ["GET, HEAD, POST"])
    #expect(String(buffer: response.body) == "only GET and POST is answered here\n")
  }
}

extension HTTPRequestHead {
  fileprivate func adding(_ name: String, _ value: String) -> HTTPRequestHead {
    var headers = headers
    headers.add(name: name, value: value)
    return HTTPRequestHead(method: method, path: path, query: query, headers: headers, remoteAddress: remoteAddress)
  }
}
