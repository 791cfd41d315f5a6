import FrameQueues
import HTTPTransport
import LogPipeline
import Synchronization
import Testing

@testable import OTLPReceiver

@Suite struct AdmissionTests {
  @Test(arguments: [
    (0, 3200, 100), (99, 3200, 100), (101, 3200, 101), (800, 3200, 800), (801, 3200, 800), (Int.max, 3200, 800),
    (0, 1 << 30, 1 << 20), (0, 0, 0), (5, 0, 0),
  ])
  func theRoomABodyNeedsIsBounded(bodyBytes: Int, capacityBytes: Int, needed: Int) {
    #expect(Admission.neededBytes(bodyBytes: bodyBytes, capacityBytes: capacityBytes) == needed)
  }

  @Test func aFullQueueBehindAConnectorIsNotAskedBeforeTheBodyIsTaken() throws {
    let queue = MemoryQueue(capacityBytes: 100)
    try queue.reserve(100)
    let bytes = [UInt8](repeating: 0, count: 100)
    bytes.withUnsafeBytes { _ = queue.append($0, frames: [FrameMark(endOffset: 100, records: 1)]) }
    let full = Destination(id: "full", dialect: LineDialect(), queue: queue)
    let behind = Pipeline(id: "logs/full", processors: [], destinations: [full])
    let table = RoutingTable(id: "routing", targets: ["logs/full"], rows: [], defaults: [0])
    let open = Destination(id: "open", dialect: LineDialect(), queue: MemoryQueue(capacityBytes: 1 << 20))
    let root = Pipeline(
      id: "logs", steps: [], destinations: [open], routers: [Router(table, pipelines: [behind])])
    let ingest = IngestPipeline(pipelines: [root], limits: DecodeLimits())
    #expect(throws: Never.self) { try Admission(ingest).admit(bodyBytes: 10) }
    let direct = IngestPipeline(
      pipelines: [Pipeline(id: "logs", processors: [], destinations: [full])], limits: DecodeLimits())
    #expect(throws: Refusal.self) { try Admission(direct).admit(bodyBytes: 10) }
  }

  @Test func aFullQueueRefusesBeforeTheBodyIsTaken() throws {
    let fixture = Fixture(queueBytes: 3200)
    try fixture.fill(3100)
    #expect(fixture.post(exportRequest()).status == 200)
    let lines = fixture.queue.queuedBytes
    #expect(lines == 3106)
    let answer = fixture.post(exportRequest())
    #expect(answer.status == 429)
    #expect(answer.headers.first(name: "retry-after") == "5")
    #expect(
      fixture.reports.refusals.withLock { $0 } == [
        .queueFull(destination: "lines", neededBytes: 100, freeBytes: 94, capacityBytes: 3200)
      ])
    #expect(fixture.call(framed(exportRequest())).grpcStatus == 14)
    #expect(fixture.counters[.httpProtobuf].receivedBytes == exportRequest().count)
    #expect(fixture.counters[.grpc].receivedBytes == 0)
  }

  /// A request that came to more than it looked like keeps others of its size from being decoded.
  @Test func whatIsAsLargeAsARequestTurnedAwayLatelyIsTurnedAwayToo() throws {
    let fixture = Fixture(queueBytes: 8 << 20)
    let lines = Destination(id: "lines", dialect: LineDialect(), queue: fixture.queue)
    let clock = Mutex(ContinuousClock.now)
    let pipeline = Pipeline(id: "logs", processors: [], destinations: [lines])
    let admission = Admission(IngestPipeline(pipelines: [pipeline], limits: DecodeLimits())) { clock.withLock { $0 } }
    try fixture.fill(4 << 20)
    let large = 600 << 10
    let refusal = Refusal.queueFull(
      destination: "lines", neededBytes: (4 << 20) + 1, freeBytes: 0, capacityBytes: 8 << 20)
    try admission.checkRoom(bodyBytes: large)
    admission.turnAway(refusal, bodyBytes: large)
    try admission.checkRoom(bodyBytes: large - 1)
    let expected = Refusal.queueFull(
      destination: "lines", neededBytes: (4 << 20) + 1, freeBytes: 4 << 20, capacityBytes: 8 << 20)
    #expect(throws: expected) { try admission.checkRoom(bodyBytes: large) }
    #expect(throws: expected) { try admission.admit(bodyBytes: large + 1) }
    clock.withLock { $0 += .seconds(5) }
    try admission.checkRoom(bodyBytes: large)
  }

  @Test func aSmallRequestTurnedAwaySpeaksForNobody() throws {
    let fixture = Fixture(queueBytes: 8 << 20)
    let lines = Destination(id: "lines", dialect: LineDialect(), queue: fixture.queue)
    let pipeline = Pipeline(id: "logs", processors: [], destinations: [lines])
    let admission = Admission(IngestPipeline(pipelines: [pipeline], limits: DecodeLimits()))
    let refusal = Refusal.queueFull(
      destination: "lines", neededBytes: 9 << 20, freeBytes: 0, capacityBytes: 8 << 20)
    admission.turnAway(refusal, bodyBytes: 512 << 10)
    try admission.admit(bodyBytes: 1 << 20)
    admission.turnAway(.draining, bodyBytes: 1 << 20)
    try admission.admit(bodyBytes: 1 << 20)
    admission.turnAway(refusal, bodyBytes: 1 << 20)
    #expect(throws: Refusal.self) { try admission.admit(bodyBytes: 1 << 20) }
  }

  @Test(arguments: [OnFull.dropOldest, .dropNewest])
  func aFullQueueThatDropsRecordsTakesRequests(onFull: OnFull) throws {
    let fixture = Fixture(queueBytes: 3200, onFull: onFull)
    try fixture.fill(3200)
    #expect(fixture.post(exportRequest()).status == 200)
    #expect(fixture.call(framed(exportRequest())).grpcStatus == 0)
  }

  @Test func aBodyLargerThanTheRoomIsRefusedByItsContentLength() throws {
    let fixture = Fixture(queueBytes: 40_000)
    try fixture.fill(30_000)
    let large = exportRequest([String(repeating: "x", count: 9990)])
    #expect(large.count > 10_000)
    #expect(fixture.post(large).status == 200)
    #expect(fixture.post(exportRequest()).status == 429)
  }

  @Test func aQueueWithRoomAgainTakesRequestsAgain() throws {
    let fixture = Fixture(queueBytes: 3200)
    try fixture.fill(3200)
    #expect(fixture.post(exportRequest()).status == 429)
    let lease = try #require(fixture.queue.lease(maxBytes: 4000))
    #expect(fixture.post(exportRequest()).status == 429)
    fixture.queue.acknowledge(lease)
    #expect(fixture.post(exportRequest()).status == 200)
  }

  @Test func drainingRefusesExportsAndNothingElse() {
    let fixture = Fixture()
    fixture.service.drain()
    let answer = fixture.post(exportRequest())
    #expect(answer.status == 503)
    #expect(answer.headers.first(name: "retry-after") == "5")
    #expect(fixture.call(framed(exportRequest())).grpcStatus == 14)
    #expect(fixture.call(framed([]), method: "grpc.health.v1.Health/Check").grpcStatus == 0)
    #expect(fixture.queue.queuedRecords == 0)
  }

  @Test func aRequestWhoseBodyWasTakenBeforeTheDrainFinishes() {
    let fixture = Fixture()
    var head = HTTPRequestHead(
      method: "POST", path: "/v1/logs", headers: ["content-type": "application/x-protobuf"])
    guard case .collect = fixture.service.plan(for: &head) else {
      Issue.record("the body was not taken")
      return
    }
    fixture.service.drain()
    let inbox = Inbox()
    fixture.service.respond(to: HTTPRequest(head: head, body: exportRequest()), through: inbox.responder)
    #expect(inbox.answer.status == 200)
    #expect(fixture.queue.queuedRecords == 1)
  }
}

extension Fixture {
  /// Has the queue hold that many bytes.
  func fill(_ bytes: Int) throws {
    try queue.reserve(bytes)
    _ = [UInt8](repeating: 0, count: bytes).withUnsafeBytes {
      queue.append($0, frames: [FrameMark(endOffset: bytes, records: 1)])
    }
  }
}
