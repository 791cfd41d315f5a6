import Access
import HTTPTransport
import LogPipeline
import Synchronization
import Testing

@testable import OTLPReceiver

/// Knows senders by the text of `authorization`.
private struct Doorman: Authenticator {
  let challenge: String? = "Bearer"
  var isLater = false
  var verdicts: [String: AuthenticationVerdict] = [
    "good": .identified(Identity(authenticator: "door", tenant: "blue")), "bad": .denied, "barred": .forbidden,
    "away": .unavailable,
    "traces only": .identified(Identity(authenticator: "door", signals: [.traces])),
    "logs only": .identified(Identity(authenticator: "door", signals: [.logs])),
  ]

  func judge(_ head: HTTPRequestHead) -> Authentication {
    let verdict = head.headers.first(name: "authorization").map { verdicts[$0] ?? .denied } ?? .absent
    return isLater ? .later { $0.tell(verdict) } : .decided(verdict)
  }
}

@Suite struct OTLPServiceAuthenticationTests {
  private func port(isLater: Bool = false) -> PortAuthentication {
    let link = AuthenticatorChain.Link(Doorman(isLater: isLater), AuthenticationTally(authenticator: "door"))
    return PortAuthentication(AuthenticatorChain([link]), timeout: .seconds(10))
  }

  private func fixture(isLater: Bool = false, _ options: OTLPServiceOptions = .init()) -> Fixture {
    Fixture(options, authentication: OTLPAuthentication(grpc: port(isLater: isLater), http: port(isLater: isLater)))
  }

  private func credential(_ text: String?) -> [(String, String)] { text.map { [("authorization", $0)] } ?? [] }

  @Test(
    arguments: [
      (nil, 401, 16), ("bad", 401, 16), ("barred", 403, 7), ("away", 503, 14), ("good", 200, 0), ("logs only", 200, 0),
      ("traces only", 403, 7),
    ] as [(String?, Int, Int)], [false, true])
  func eachVerdictHasItsAnswer(_ expected: (String?, Int, Int), isLater: Bool) {
    let fixture = fixture(isLater: isLater)
    let (text, status, code) = expected
    for (type, body) in [("application/x-protobuf", exportRequest()), ("application/json", Array("{}".utf8))] {
      let answer = fixture.post(body, type: type, headers: credential(text))
      #expect(answer.status == status)
      #expect(answer.type == type)
      #expect(answer.headers.first(name: "www-authenticate") == (status == 401 ? "Bearer" : nil))
      #expect(answer.headers.first(name: "retry-after") == (status == 503 ? "5" : nil))
    }
    #expect(fixture.call(framed(exportRequest()), headers: credential(text)).grpcStatus == code)
    #expect(fixture.queue.queuedRecords == (status == 200 ? 2 : 0))
  }

  @Test func whoeverIsUnknownLearnsNothingElseOfHisRequest() {
    let fixture = fixture()
    #expect(fixture.post(exportRequest(), type: nil).status == 401)
    #expect(fixture.post(exportRequest(), type: "text/html").status == 401)
    #expect(fixture.post(exportRequest(), headers: [("content-encoding", "lz4")]).status == 401)
    #expect(fixture.call([], headers: [("grpc-timeout", "soon")]).grpcStatus == 16)
    #expect(fixture.post(exportRequest(), type: nil, headers: credential("good")).status == 415)
    #expect(fixture.counters[.httpJSON].refusedRequests == [.unauthenticated: 2, .unsupportedMediaType: 1])
  }

  @Test func whatIsThereForAllIsAnsweredToAll() {
    var options = OTLPServiceOptions()
    options.cors.allowedOrigins = ["https://a"]
    let fixture = fixture(options)
    #expect(fixture.call(framed([]), method: "grpc.health.v1.Health/Check").grpcStatus == 0)
    #expect(fixture.post(path: "/").status == 404)
    #expect(fixture.post(path: "/v1/traces").status == 404)
    #expect(fixture.post(method: "GET").status == 405)
    let preflight = fixture.post(
      headers: [("origin", "https://a"), ("access-control-request-method", "POST")], method: "OPTIONS")
    #expect(preflight.status == 200)
    let refused = fixture.post(exportRequest(), headers: [("origin", "https://a")])
    #expect(refused.status == 401)
    #expect(refused.headers.first(name: "access-control-allow-origin") == "https://a")
  }

  @Test func discardedSignalsAreForKnownSenders() {
    var options = OTLPServiceOptions()
    options.otherSignals = .discard
    let fixture = fixture(options)
    let metrics = "opentelemetry.proto.collector.metrics.v1.MetricsService/Export"
    #expect(fixture.post(path: "/v1/traces").status == 401)
    #expect(fixture.call(framed([]), method: metrics).grpcStatus == 16)
    #expect(fixture.post(path: "/v1/traces", headers: credential("good")).status == 200)
    #expect(fixture.post(path: "/v1/traces", headers: credential("traces only")).status == 200)
    #expect(fixture.post(path: "/v1/traces", headers: credential("logs only")).status == 403)
  }

  @Test func thePortCountsAndNotTheProtocol() {
    let fixture = Fixture(authentication: OTLPAuthentication(grpc: port()))
    #expect(fixture.post(exportRequest(), listener: .grpc).status == 401)
    #expect(fixture.post(exportRequest(), listener: .http).status == 200)
    let other = Fixture(authentication: OTLPAuthentication(http: port()))
    #expect(other.post(exportRequest(), listener: .grpc).status == 200)
    #expect(other.post(exportRequest(), listener: .http).status == 401)
  }

  @Test func theSenderIsKnownFromThePlanOn() {
    let fixture = fixture()
    var head = HTTPRequestHead(
      method: "POST", path: "/v1/logs",
      headers: ["authorization": "good", "content-type": "application/x-protobuf"])
    head.note = fixture.service.note(on: head)
    let before = head.note as? RequestAim
    guard case .collect = fixture.service.plan(for: &head) else {
      Issue.record("the body is not taken")
      return
    }
    #expect((head.note as? RequestAim)?.identity?.tenant == "blue")
    #expect(before?.identity == nil)
  }

  @Test func aVerdictThatDoesNotComeIsUnavailable() {
    let fixture = fixture()
    let head = HTTPRequestHead(method: "POST", path: "/v1/logs", headers: ["content-type": "application/json"])
    let answer = Answer(fixture.service.refusal(of: head, because: .undecided(after: .seconds(10))))
    #expect(answer.status == 503)
    #expect(answer.headers.first(name: "retry-after") == "5")
    #expect(fixture.counters[.httpJSON].refusedRequests == [.authenticationUnavailable: 1])
  }
}
