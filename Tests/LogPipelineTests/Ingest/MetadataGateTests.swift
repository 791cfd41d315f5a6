import FrameQueues
import Testing

@testable import LogPipeline

@Suite struct MetadataGateTests {
  private func gate(_ most: Int) -> MetadataGate {
    var keys = MetadataKeys(["k"])
    keys.maxCombinations = most
    return MetadataGate(keys)
  }

  private func request(_ value: String) -> RequestContext {
    var request = RequestContext()
    request.addField("k", value)
    return request
  }

  @Test func oneMoreThanMayBeOnTheirWayIsRefused() throws {
    let gate = gate(2)
    for value in ["a", "b", "a"] { gate.settle(try gate.admit(request(value), front: 0), came: 100) }
    #expect(throws: MetadataRefusal.combinations(limit: 2)) { try gate.admit(request("c"), front: 99) }
    _ = try gate.admit(request("a"), front: 99)
    #expect(gate.combinations == 2)
  }

  @Test func whatIsGoneFromTheQueueMakesRoom() throws {
    let gate = gate(2)
    gate.settle(try gate.admit(request("a"), front: 0), came: 100)
    gate.settle(try gate.admit(request("b"), front: 0), came: 200)
    #expect(throws: MetadataRefusal.self) { try gate.admit(request("c"), front: 50) }
    gate.settle(try gate.admit(request("c"), front: 100), came: 300)
    #expect(throws: MetadataRefusal.self) { try gate.admit(request("a"), front: 199) }
    #expect(gate.combinations == 2)
  }

  @Test func whatIsBeingTakenCountsAndWhatIsRefusedDoesNot() throws {
    let gate = gate(1)
    let text = try gate.admit(request("a"), front: 0)
    #expect(throws: MetadataRefusal.self) { try gate.admit(request("b"), front: 1000) }
    let again = try gate.admit(request("a"), front: 1000)
    gate.settle(text, came: nil)
    #expect(throws: MetadataRefusal.self) { try gate.admit(request("b"), front: 1001) }
    gate.settle(again, came: nil)
    #expect(gate.combinations == 0)
    _ = try gate.admit(request("b"), front: 1001)
  }

  @Test func combinationsOfRecordsOnTheirWayAreCounted() throws {
    let gate = gate(3)
    gate.settle(try gate.admit(request("a"), front: 0), came: 100)
    gate.settle(try gate.admit(request("b"), front: 0), came: 200)
    _ = try gate.admit(request("c"), front: 0)
    #expect([0, 99, 100, 199, 200, 999].map { gate.combinations(onTheirWayAfter: $0) } == [3, 3, 2, 2, 1, 1])
  }

  // MARK: On the path of a request

  private func ingest(_ value: String?, into destinations: [Destination]) throws(IngestRefusal) {
    let pipeline = IngestPipeline(
      pipelines: [Pipeline(id: "logs", processors: [], destinations: destinations)], limits: DecodeLimits())
    #expect(pipeline.needsContext)
    var context = RequestContext()
    if let value { context.addField("K", value) }
    _ = try pipeline.ingest(
      Message.request(records: .int(2, 1)).bytes, as: .protobuf, receivedUnixNano: 1, of: context, with: IngestScratch()
    )
  }

  private func destination(_ most: Int = 1000, capacityBytes: Int = 1 << 20) -> Destination {
    var keys = MetadataKeys(["k"])
    keys.maxCombinations = most
    return Destination(
      id: "d", dialect: OTLPDialect(transport: .http), queue: MemoryQueue(capacityBytes: capacityBytes),
      metadataKeys: keys)
  }

  @Test func frameSectionsHaveTheValues() throws {
    let destination = destination()
    for value in ["a", nil, "b"] { try ingest(value, into: [destination]) }
    #expect(destination.sectionMarks == .written)
    var found: [String] = []
    while let lease = destination.queue.lease(maxBytes: .max) {
      lease.withUnsafeBytes { bytes in
        for section in Sections(bytes, as: .otlp) {
          #expect(section.records == 1)
          found.append(String(decoding: bytes[section.fields], as: UTF8.self))
        }
      }
      if found.count >= 3 { break }
    }
    #expect(found == [":k: a", "", ":k: b"])
  }

  @Test func aRequestOfACombinationTooManyIsInNoQueue() throws {
    let (one, other) = (destination(), destination(1))
    try ingest("a", into: [one, other])
    #expect(throws: IngestRefusal.metadata(.combinations(limit: 1), destination: "d")) {
      try ingest("b", into: [one, other])
    }
    #expect(one.queue.queuedRecords == 1 && other.queue.queuedRecords == 1)
    #expect(one.metadata?.combinations == 1 && one.combinations == 1)
    try ingest("a", into: [one, other])
    #expect(one.queue.queuedRecords == 2)
  }

  @Test func aQueueThatRefusesLeavesNothingBehind() throws {
    let full = destination(capacityBytes: 4)
    #expect(throws: IngestRefusal.self) { try ingest("a", into: [full]) }
    #expect(full.metadata?.combinations == 0)
  }
}
