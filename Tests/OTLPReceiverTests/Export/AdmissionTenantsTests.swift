import Access
import FrameQueues
import HTTPTransport
import LogPipeline
import Synchronization
import Testing

@testable import OTLPReceiver

@Suite struct AdmissionTenantsTests {
  private func policy(_ edit: (inout TenantPolicy) -> Void = { _ in }) -> TenantPolicy {
    var policy = TenantPolicy()
    policy.sources = [.claim("tenant"), .field("x-tenant"), .attribute("tenant.id")]
    policy.whenIdle = .refuse
    edit(&policy)
    return policy
  }

  private func fixture(
    queueBytes: Int = 1 << 20, budgetBytes: Int = 256 << 20, authentication: OTLPAuthentication = .init(),
    _ edit: (inout TenantPolicy) -> Void = { _ in }
  ) -> Fixture {
    Fixture(
      queueBytes: queueBytes, budgetBytes: budgetBytes, authentication: authentication, tenants: Tenants(policy(edit)))
  }

  private func of(_ tenant: String) -> [(String, String)] { [("x-tenant", tenant)] }

  private func last(_ fixture: Fixture) -> TenantRefusal? {
    fixture.reports.refusals.withLock {
      if case .tenant(let refusal) = $0.last { refusal } else { nil }
    }
  }

  @Test func overARateTheHeadIsRefusedWithAHint() {
    let fixture = fixture { $0.quota.records = Rate(perSecond: 1, burst: .seconds(10)) }
    #expect(fixture.post(exportRequest(Array(repeating: "a", count: 10)), headers: of("a")).status == 200)
    let received = fixture.counters[.httpProtobuf].receivedBytes
    let answer = fixture.post(exportRequest(), headers: of("a"))
    #expect(answer.status == 429 && answer.headers.first(name: "retry-after") == "10")
    #expect(fixture.counters[.httpProtobuf].receivedBytes == received)
    #expect(fixture.call(framed(exportRequest()), headers: of("a")).grpcStatus == 8)
    #expect(fixture.post(exportRequest(), headers: of("b")).status == 200)
    #expect(fixture.counters[.httpProtobuf].refusedRequests == [.tenantLimited: 1])
    #expect(last(fixture)?.tenant == Array("a".utf8))
  }

  @Test func anAttributeIsSeenAfterDecoding() {
    func request(_ tenant: String) -> [UInt8] {
      let pair = field(1, Array("tenant.id".utf8)) + field(2, field(1, Array(tenant.utf8)))
      return field(1, field(1, field(1, pair)) + field(2, field(2, field(5, field(1, Array("x".utf8))))))
    }
    let fixture = fixture { $0.quota.records = Rate(perSecond: 1, burst: .seconds(1)) }
    #expect(fixture.post(request("a")).status == 200)
    #expect(fixture.post(request("a")).status == 429)
    #expect(fixture.post(request("b")).status == 200)
    #expect(fixture.post(request("a") + request("c")).status == 429)
    #expect(fixture.queue.queuedRecords == 2)
    #expect(fixture.counters[.httpProtobuf].refusedRecords == 3)
  }

  @Test func theMemoryForRequestsIsSharedOut() {
    let fixture = fixture { $0.quota.inFlightBytes = 100 }
    var head = HTTPRequestHead(
      method: "POST", path: "/v1/logs", headers: ["content-type": "application/x-protobuf", "x-tenant": "a"])
    guard case .collect(_, let budget?, _) = fixture.service.plan(for: &head) else {
      Issue.record("refused")
      return
    }
    #expect(budget.reserve(100) && !budget.reserve(1) && budget.capacityBytes == 100)
    #expect(fixture.budget.usedBytes == 100)
    for path in ["/v1/logs", "/opentelemetry.proto.collector.logs.v1.LogsService/Export"] {
      let isGRPC = path != "/v1/logs"
      var head = HTTPRequestHead(
        method: "POST", path: path,
        headers: [
          "content-type": isGRPC ? "application/grpc" : "application/x-protobuf", "x-tenant": "a", "te": "trailers",
        ],
        version: isGRPC ? .http2 : .http1)
      guard case .collect(100, _?, _) = fixture.service.plan(for: &head) else {
        Issue.record("refused, or with another limit")
        continue
      }
      let over = Answer(fixture.service.refusal(of: head, because: .overAccount(neededBytes: 1)))
      #expect((over.grpcStatus ?? over.status) == (isGRPC ? 8 : 429) && last(fixture)?.reason == .inFlight)
      #expect(
        last(fixture)?.message
          == "1 bytes more of the tenant's requests, of which 100 are in flight: the limit is 100 bytes")
      let large = Answer(fixture.service.refusal(of: head, because: .tooLarge(bytes: 101, limitBytes: 100)))
      #expect((large.grpcStatus ?? large.status) == (isGRPC ? 8 : 413) && last(fixture)?.reason == .tooLarge)
      #expect(large.headers.first(name: "retry-after") == nil)
      #expect(
        last(fixture)?.message
          == "101 bytes of one request are more than the tenant may have in flight: the limit is 100 bytes")
      // Where all of the memory is the reason, that is said.
      let all = Answer(fixture.service.refusal(of: head, because: .overBudget(neededBytes: 1, capacityBytes: 9)))
      #expect((all.grpcStatus ?? all.status) == (isGRPC ? 14 : 429))
    }
    #expect(fixture.post(exportRequest(), headers: of("a")).status == 429)
    #expect(fixture.post(exportRequest(), headers: of("b")).status == 200)
    budget.release(100)
    #expect(fixture.budget.usedBytes == 0)
    #expect(fixture.post(exportRequest(), headers: of("a")).status == 200)
  }

  @Test func decompressionCountsToo() {
    let request = exportRequest([String(repeating: "a", count: 400_000)])
    for (quota, status) in [(request.count, 200), (request.count - 1, 413)] {
      let fixture = fixture { $0.quota.inFlightBytes = quota }
      let coded = Compress.gzip(request)
      #expect(fixture.post(coded, headers: of("a") + [("content-encoding", "gzip")]).status == status)
      #expect(
        (fixture.call(framed(coded, compressed: 1), headers: of("a") + [("grpc-encoding", "gzip")]).grpcStatus ?? -1)
          == (status == 200 ? 0 : 8))
      if status == 413 {
        #expect(last(fixture)?.reason == .tooLarge)
        let numbers = "\(request.count) bytes of one request are more than the tenant may have in flight"
        #expect(last(fixture)?.message == "\(numbers): the limit is \(quota) bytes")
      }
      #expect(fixture.budget.usedBytes == 0)
      // Nothing is left counted.
      #expect(fixture.post(exportRequest(), headers: of("a")).status == 200)
    }
  }

  /// While the gateway has room to spare, what is more than the quota may come later: it is not refused for good.
  @Test func whereRoomIsGivenNothingIsTooLargeForGood() {
    let fixture = fixture(budgetBytes: 1 << 20) {
      $0.quota.inFlightBytes = 1000
      $0.whenIdle = .admit
    }
    let request = exportRequest([String(repeating: "a", count: 4000)])
    #expect(fixture.post(request, headers: of("a")).status == 200)
    #expect(fixture.budget.reserve(600_000))
    let answer = fixture.post(request, headers: of("a"))
    #expect(answer.status == 429 && last(fixture)?.reason == .inFlight)
    #expect(fixture.post(Compress.gzip(request), headers: of("a") + [("content-encoding", "gzip")]).status == 429)
    fixture.budget.release(600_000)
    #expect(fixture.post(request, headers: of("a")).status == 200)
  }

  /// One address makes up a tenant for each request, or a hundred for each; all of them are one in shares of queues and
  /// of memory.
  @Test(arguments: [false, true]) func aSenderThatMakesUpTenantsLeavesRoomForOthers(byAttribute: Bool) {
    let fixture = fixture(queueBytes: 1 << 20) {
      $0.whenIdle = .admit
      if byAttribute { $0.sources = [.attribute("tenant.id")] }
    }
    func send(_ tenant: String, from address: String, bytes: Int) -> Int {
      let pair = field(1, Array("tenant.id".utf8)) + field(2, field(1, Array(tenant.utf8)))
      let log = field(2, field(5, field(1, [UInt8](repeating: 0x78, count: bytes))))
      let body = field(1, (byAttribute ? field(1, field(1, pair)) : []) + field(2, log))
      let head = HTTPRequestHead(
        method: "POST", path: "/v1/logs", headers: ["content-type": "application/x-protobuf", "x-tenant": tenant],
        remoteAddress: address)
      return fixture.send(head, body).status
    }
    var taken = 0
    while taken < 1000, send("made-up-\(taken)", from: "10.0.0.1:\(1000 + taken)", bytes: 9999) == 200 { taken += 1 }
    #expect((85...88).contains(taken) && last(fixture)?.message.contains("the sender's") == true, "\(taken)")
    #expect(fixture.reports.refusals.withLock { $0.count } == 1)
    for quiet in 0..<20 {
      for _ in 0..<5 { #expect(send("\(quiet)", from: "10.0.1.\(quiet):9", bytes: 100) == 200) }
    }
    #expect(send("another", from: "10.0.0.1:7", bytes: 1) == 429)
    // Of IPv6 a network of 64 bits is one sender.
    #expect(send("x", from: "[2001:db8::1]:7", bytes: 10) == 200)
    while let lease = fixture.queue.lease(maxBytes: .max) { fixture.queue.acknowledge(lease) }
    #expect(send("another", from: "10.0.0.1:7", bytes: 1) == 200)
  }

  @Test func theQuotaOfQueuedBytesIsExactAndFreesItself() {
    let fixture = fixture { $0.quota.queuedBytes = 60 }
    #expect(fixture.post(exportRequest([String(repeating: "x", count: 29)]), headers: of("a")).status == 200)
    #expect(fixture.post(exportRequest([String(repeating: "x", count: 29)]), headers: of("a")).status == 200)
    #expect(fixture.queue.queuedBytes == 60)
    #expect(fixture.post(exportRequest([""]), headers: of("a")).status == 429)
    #expect(last(fixture)?.reason == .queued && last(fixture)?.message.contains("its quota is 60 bytes") == true)
    // One that is larger than the quota is taken when nothing else is queued.
    #expect(fixture.post(exportRequest([String(repeating: "x", count: 90)]), headers: of("b")).status == 200)
    #expect(fixture.post(exportRequest([""]), headers: of("b")).status == 429)
    while let lease = fixture.queue.lease(maxBytes: .max) { fixture.queue.acknowledge(lease) }
    #expect(fixture.post(exportRequest([""]), headers: of("a")).status == 200)
  }

  /// The destination is away: one tenant that sends as much as it can leaves room for those who send little.
  @Test func aNoisyTenantDoesNotFillAQueue() {
    let fixture = fixture(queueBytes: 1 << 20) { $0.whenIdle = .admit }
    let large = exportRequest([String(repeating: "x", count: 9999)])
    var taken = 0
    while fixture.post(large, headers: of("noisy")).status == 200, taken < 200 { taken += 1 }
    #expect((80...84).contains(taken) && last(fixture)?.reason == .queueShare, "\(taken)")
    for quiet in 0..<20 {
      for _ in 0..<5 { #expect(fixture.post(exportRequest(["hello"]), headers: of("\(quiet)")).status == 200) }
    }
    #expect(fixture.post(large, headers: of("noisy")).status == 429)
    while let lease = fixture.queue.lease(maxBytes: .max) { fixture.queue.acknowledge(lease) }
    #expect(fixture.post(large, headers: of("noisy")).status == 200)
  }

  @Test func theGatewayIsBusyOnceAQueueOrTheMemoryIsHalfFull() throws {
    let fixture = fixture(queueBytes: 1000, budgetBytes: 1000)
    let destination = Destination(id: "lines", dialect: LineDialect(), queue: fixture.queue)
    let pipeline = Pipeline(id: "logs", processors: [], destinations: [destination])
    let admission = Admission(
      IngestPipeline(pipelines: [pipeline], limits: DecodeLimits()), budget: fixture.budget,
      load: CoreLoad(cores: 1) { 0 })
    #expect(!admission.isBusy(now: 0))
    #expect(fixture.budget.reserve(501))
    #expect(admission.isBusy(now: 0))
    fixture.budget.release(501)
    try fixture.fill(500)
    #expect(!admission.isBusy(now: 0))
    try fixture.fill(1)
    #expect(admission.isBusy(now: 0))
  }

  @Test func theCoresCountToo() {
    let used = Mutex<UInt64>(0)
    let pipeline = IngestPipeline(pipelines: [], limits: DecodeLimits())
    let admission = Admission(pipeline, load: CoreLoad(cores: 1) { used.withLock { $0 } })
    #expect(!admission.isBusy(now: 1))
    used.withLock { $0 = 80_000_000 }
    #expect(!admission.isBusy(now: 100_000_001))
    used.withLock { $0 = 161_000_000 }
    #expect(admission.isBusy(now: 200_000_001))
  }

  @Test func namesThatAreMissingWrongOrContradictoryAreRefusedForGood() {
    struct Doorman: Authenticator {
      let challenge: String? = nil
      func judge(_ head: HTTPRequestHead) -> Authentication {
        .decided(.identified(Identity(authenticator: "door", tenant: "blue")))
      }
    }
    let chain = AuthenticatorChain([.init(Doorman(), AuthenticationTally(authenticator: "door"))])
    let port = PortAuthentication(chain, timeout: .seconds(1))
    let known = fixture(authentication: OTLPAuthentication(grpc: port, http: port))
    #expect(known.post(exportRequest()).status == 200)
    #expect(known.post(exportRequest(), headers: of("blue")).status == 200)
    #expect(known.post(exportRequest(), headers: of("red")).status == 403)
    #expect(known.call(framed(exportRequest()), headers: of("red")).grpcStatus == 7)
    let open = fixture { $0.isRequired = true }
    #expect(open.post(exportRequest()).status == 403)
    #expect(open.post(exportRequest(), headers: of(String(repeating: "x", count: 129))).status == 400)
    #expect(open.post(exportRequest(), headers: of(String(repeating: "x", count: 128))).status == 200)
    #expect(open.post(exportRequest(), headers: of("a") + of("b")).status == 403)
    #expect(open.queue.queuedRecords == 1)
  }
}
