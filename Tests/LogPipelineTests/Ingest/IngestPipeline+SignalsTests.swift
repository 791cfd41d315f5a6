import FrameQueues
import Options
import Testing

@testable import LogPipeline

@Suite struct IngestPipelineSignalsTests {
  private static let traces = Message.group(.span(), .span("b")) + Message.group(.span("c"))

  private func destination(
    _ dialect: any Dialect = OTLPDialect(transport: .grpc, signal: .traces), queueBytes: Int = 1 << 20,
    id: String = "otlp"
  ) -> Destination {
    Destination(id: id, dialect: dialect, queue: MemoryQueue(capacityBytes: queueBytes))
  }

  private func pipeline(_ destinations: [Destination], _ processors: [any Processor] = []) -> Pipeline {
    Pipeline(
      id: "traces", signal: .traces, steps: processors.map { PipelineStep($0) }, destinations: destinations)
  }

  @discardableResult
  private func ingest(
    _ body: [UInt8], as encoding: BodyEncoding = .protobuf, _ pipelines: [Pipeline], tenants: Tenants? = nil,
    of request: RequestContext = RequestContext(clientAddress: "", monotonicNano: 1),
    _ limits: DecodeLimits = DecodeLimits()
  ) throws -> IngestReceipt {
    let ingest = IngestPipeline(.traces, pipelines: pipelines, limits: limits, tenants: tenants)
    let scratch = IngestScratch()
    defer { scratch.release() }
    return try ingest.ingest(body, as: encoding, receivedUnixNano: 1, of: request, with: scratch)
  }

  private func queued(_ destination: Destination) -> [UInt8] {
    var bytes: [UInt8] = []
    while let lease = destination.queue.lease(maxBytes: .max) {
      bytes += lease.withUnsafeBytes { Array($0) }
      destination.queue.acknowledge(lease)
    }
    return bytes
  }

  @Test func bytesAreQueuedAsTheyCameForEveryDestination() throws {
    let (one, other, nop) = (destination(), destination(id: "otlp/b"), destination(NopDialect(), id: "nop"))
    let receipt = try ingest(Self.traces.bytes, [pipeline([one, nop]), pipeline([other])])
    #expect(receipt.records == 3 && receipt.rejectedRecords == 0)
    #expect(one.queue.queuedRecords == 3 && nop.queue.queuedRecords == 3 && nop.queue.queuedBytes == 0)
    #expect(queued(one) == Self.traces.bytes && queued(other) == Self.traces.bytes)
    #expect(one.receivedRecords == 3 && one.filteredRecords == 0 && one.appended.records == 3)
  }

  @Test func severalRequestsAreOneBodyOneAfterTheOther() throws {
    let destination = destination()
    for _ in 0..<3 { try ingest(Self.traces.bytes, [pipeline([destination])]) }
    #expect(destination.queue.queuedRecords == 9)
    let body = queued(destination)
    #expect(body == Self.traces.bytes + Self.traces.bytes + Self.traces.bytes)
    #expect(try SignalRequest(.traces, Message(raw: body)).items == 9)
  }

  @Test func requestsInJSONAreQueuedAsProtobuf() throws {
    let destination = destination()
    let json = try SignalRequest(.traces, Message.group(.span(), .span("b"))).json
    #expect(try ingest(Array(json.utf8), as: .json, [pipeline([destination])]).records == 2)
    #expect(try SignalRequest(.traces, Message(raw: queued(destination))).json == json)
  }

  @Test func aRequestWithNothingIsTakenAndQueuesNothing() throws {
    let destination = destination()
    #expect(try ingest([], [pipeline([destination])]).records == 0)
    #expect(destination.queue.queuedBytes == 0 && destination.receivedRecords == 0)
  }

  @Test func whatCannotBeDecodedIsRefused() throws {
    let error = DecodeError(.malformed("protobuf length runs past the end of its message"), at: 1)
    #expect(throws: IngestRefusal.undecodable(error)) { try ingest([0x0A, 9], [pipeline([destination()])]) }
  }

  @Test func aRequestEndsInEveryQueueOrInNone() throws {
    let (roomy, tight) = (destination(), destination(queueBytes: Self.traces.bytes.count - 1, id: "tight"))
    #expect(throws: IngestRefusal.self) { try ingest(Self.traces.bytes, [pipeline([roomy, tight])]) }
    #expect(roomy.queue.queuedRecords == 0 && tight.queue.queuedRecords == 0 && tight.refusedRecords == 3)
    let exact = destination(queueBytes: Self.traces.bytes.count)
    try ingest(Self.traces.bytes, [pipeline([roomy, exact])])
    #expect(roomy.queue.queuedRecords == 3 && exact.queue.queuedRecords == 3)
  }

  @Test func anEditInOnePipelineIsNotSeenInTheNext() throws {
    let (edited, plain) = (destination(), destination(id: "otlp/plain"))
    let resource = try #require(try madeProcessor("resource", "attributes: [{action: upsert, key: e, value: x}]"))
    try ingest(Self.traces.bytes, [pipeline([edited], [resource]), pipeline([plain])])
    #expect(queued(plain) == Self.traces.bytes)
    let json = try SignalRequest(.traces, Message(raw: queued(edited))).json
    #expect(json.split(separator: "\n").allSatisfy { $0.contains(#"{"key":"e","value":{"stringValue":"x"}}"#) })
  }

  @Test func ratesAreThoseOfItems() throws {
    let refusing = try #require(try madeProcessor("rate_limit", "records_per_second: 3"))
    let destination = destination()
    let step = pipeline([destination], [refusing])
    try ingest(Self.traces.bytes, [step])
    #expect(throws: IngestRefusal.self) { try ingest(Self.traces.bytes, [step]) }
    #expect(destination.queue.queuedRecords == 3 && step.steps[0].refused.value == 3)
    let dropping = pipeline(
      [destination], [try #require(try madeProcessor("rate_limit", "records_per_second: 3\non_limit: drop"))])
    for _ in 0..<2 { try ingest(Self.traces.bytes, [dropping]) }
    #expect(destination.queue.queuedRecords == 6 && destination.filteredRecords == 3)
    #expect(dropping.steps[0].filtered.value == 3)
  }

  @Test func ratesOfBytesAreThoseOfTheRequest() throws {
    let bytes = Self.traces.bytes.count
    func processor(_ limit: Int) throws -> any Processor {
      try #require(try madeProcessor("rate_limit", "bytes_per_second: \(limit)\nburst: 1s"))
    }
    let roomy = pipeline([destination()], [try processor(2 * bytes)])
    for _ in 0..<2 { try ingest(Self.traces.bytes, [roomy]) }
    let tight = pipeline([destination()], [try processor(2 * bytes - 1)])
    try ingest(Self.traces.bytes, [tight])
    #expect(throws: IngestRefusal.self) { try ingest(Self.traces.bytes, [tight]) }
  }

  @Test func theHeadSaysWhoseARequestIs() throws {
    var policy = TenantPolicy()
    policy.sources = [.attribute("service.name"), .field("x-tenant")]
    policy.isRequired = true
    let tenants = Tenants(policy)
    let dialect = OTLPDialect(transport: .grpc, signal: .traces, tenantHeader: TenantHeader("X-Tenant"))
    let destination = destination(dialect)
    var context = RequestContext(clientAddress: "", monotonicNano: 1)
    #expect(throws: IngestRefusal.self) {
      try ingest(Self.traces.bytes, [pipeline([destination])], tenants: tenants, of: context)
    }
    context.tenant = HeadTenant(name: Array("blue".utf8), rank: 1)
    try ingest(Self.traces.bytes, [pipeline([destination])], tenants: tenants, of: context)
    let body = queued(destination)
    let sections = body.withUnsafeBytes { bytes in
      Sections(bytes, as: .otlpTraces).map { (Array(bytes[$0.fields]), Array(bytes[$0.content]), $0.records) }
    }
    #expect(sections.count == 1 && sections[0].0 == Array("X-Tenant: blue".utf8))
    #expect(sections[0].1 == Self.traces.bytes && sections[0].2 == 3)
  }

  @Test func aLargeRequestIsSeveralFrames() throws {
    let filler = String(repeating: "f", count: 300_000)
    let large = Message((0..<5).map { .group(.span("\($0) \(filler)")) })
    let destination = destination(queueBytes: 4 << 20)
    try ingest(large.bytes, [pipeline([destination])])
    let lease = try #require(destination.queue.lease(maxBytes: 700_000))
    #expect(lease.records == 2 && lease.frames == 1)
  }

  @Test func linesAndCountsAreWrittenInPlaceOfBytes() throws {
    let (file, debug, detailed) = (
      destination(FileDialect(), id: "file"), destination(DebugDialect(), id: "debug"),
      destination(DebugDialect(verbosity: .detailed), id: "debug/all")
    )
    try ingest(Self.traces.bytes, [pipeline([file, debug, detailed])])
    let json = try SignalRequest(.traces, Self.traces).json
    #expect(file.queue.queuedRecords == 3 && String(decoding: queued(file), as: UTF8.self) == json)
    let counts = "Traces resource spans: 2, spans: 3\n"
    #expect(String(decoding: queued(debug), as: UTF8.self) == counts)
    #expect(String(decoding: queued(detailed), as: UTF8.self) == counts + json)
  }
}
