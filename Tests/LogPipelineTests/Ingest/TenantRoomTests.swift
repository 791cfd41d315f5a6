import FrameQueues
import Synchronization
import Testing

@testable import LogPipeline

@Suite struct TenantRoomTests {
  private func policy(queued: Int? = nil, _ whenIdle: TenantWhenIdle = .admit) -> TenantPolicy {
    var policy = TenantPolicy()
    policy.sources = [.attribute("tenant.id")]
    policy.quota.queuedBytes = queued
    policy.whenIdle = whenIdle
    return policy
  }

  private func destination(
    _ id: String = "nop", capacityBytes: Int = 1 << 20, onFull: OnFull = .refuse
  ) throws -> Destination {
    var options = ElasticsearchOptions()
    options.logsIndex = "logs"
    return Destination(
      id: id, dialect: try ElasticsearchDialect(options), queue: MemoryQueue(capacityBytes: capacityBytes),
      onFull: onFull)
  }

  /// A request with a resource for each tenant and so many records of it.
  private func request(_ tenants: (String, Int)..., body: String = "x") -> [UInt8] {
    tenants.reduce(into: Message()) { request, tenant in
      var scope = Message()
      for _ in 0..<tenant.1 { scope = scope + Message.message(2, record(body: body)) }
      let owner = resource(("tenant.id", .text(tenant.0)))
      request = request + Message.message(1, Message.message(1, owner) + Message.message(2, scope))
    }.bytes
  }

  private func ingest(_ pipeline: IngestPipeline, _ body: [UInt8]) throws -> IngestReceipt {
    try pipeline.ingest(body, as: .protobuf, receivedUnixNano: 1, with: IngestScratch())
  }

  private func reason(_ pipeline: IngestPipeline, _ body: [UInt8]) -> TenantRefusal.Reason? {
    do {
      _ = try ingest(pipeline, body)
    } catch {
      if case .tenant(let refusal) = error as? IngestRefusal { return refusal.reason }
    }
    return nil
  }

  private func pipeline(_ destinations: Destination..., tenants: Tenants) -> IngestPipeline {
    IngestPipeline(
      pipelines: [Pipeline(id: "logs", processors: [], destinations: destinations)], limits: DecodeLimits(),
      tenants: tenants)
  }

  private func empty(_ destination: Destination) {
    while let lease = destination.queue.lease(maxBytes: .max) { destination.queue.acknowledge(lease) }
  }

  /// The bytes of all queues count together, and of a request of several tenants each has its part.
  @Test func queuedBytesAreSharedOutAndCountInAllQueues() throws {
    let (one, other) = (try destination("a"), try destination("b"))
    let tenants = Tenants(policy(queued: 100_000, .refuse))
    let both = pipeline(one, other, tenants: tenants)
    _ = try ingest(both, request(("a", 30), ("b", 10)))
    let queued = one.queue.queuedBytes + other.queue.queuedBytes
    let list = [("a", 3), ("b", 1)]
    for (name, part) in list {
      let demands = TenantDemands([.init(name: Array(name.utf8), records: 0, bytes: 0)])
      let account = try #require(try tenants.take(demands, of: RequestContext()).list.first).share.account
      #expect(abs(account.queuedBytes - queued * part / 4) <= 20, "\(name)")
    }
    #expect(reason(both, request(("a", 1), body: String(repeating: "x", count: 60_000))) == .queued)
    empty(one)
    #expect(reason(both, request(("a", 1), body: String(repeating: "x", count: 60_000))) == .queued)
    empty(other)
    #expect(reason(both, request(("a", 1), body: String(repeating: "x", count: 40_000))) == nil)
  }

  @Test func whileAQueueIsNotHalfFullAQuotaIsNotHeldTo() throws {
    let only = try destination(capacityBytes: 100_000)
    let pipeline = pipeline(only, tenants: Tenants(policy(queued: 1000)))
    let large = request(("a", 1), body: String(repeating: "x", count: 10_000))
    var taken = 0
    while reason(pipeline, large) == nil, taken < 20 { taken += 1 }
    #expect((5...6).contains(taken) && only.queue.queuedBytes > 50_000)
    #expect(reason(pipeline, request(("b", 1))) == nil)
    empty(only)
    #expect(reason(pipeline, large) == nil)
  }

  /// What is full and drops is nobody's reason to refuse.
  @Test func aQueueThatDropsIsNotLookedAt() throws {
    let dropping = try destination(capacityBytes: 100_000, onFull: .dropNewest)
    let pipeline = pipeline(dropping, tenants: Tenants(policy()))
    let large = request(("a", 1), body: String(repeating: "x", count: 10_000))
    for _ in 0..<30 { #expect(reason(pipeline, large) == nil) }
  }

  @Test func whatTheGatewayItselfTellsIsOfTheTenantItIsToldFor() throws {
    /// Keeps whose the records are that it sees.
    final class Witness: Processor {
      let id = "witness"
      let tenants = Mutex<[String]>([])
      func process(_ batch: inout LogBatch, of request: inout RequestContext) {
        let store = batch.store
        let names = batch.resources.map { String(decoding: store[$0.tenant.range], as: UTF8.self) }
        tenants.withLock { $0 = names }
      }
    }
    let witness = Witness()
    let ingest = IngestPipeline(
      pipelines: [Pipeline(id: "logs", processors: [witness], destinations: [])], limits: DecodeLimits())
    var context = RequestContext()
    context.tenant = HeadTenant(name: Array("acme".utf8), rank: 0)
    _ = try ingest.ingest(
      request(("x", 1)), as: .protobuf, receivedUnixNano: 1, of: context, with: IngestScratch())
    #expect(witness.tenants.withLock { $0 } == ["acme"])
    _ = try ingest.ingest(request(("x", 1)), as: .protobuf, receivedUnixNano: 1, with: IngestScratch())
    #expect(witness.tenants.withLock { $0 } == [""])
  }
}
