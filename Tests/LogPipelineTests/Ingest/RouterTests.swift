import FrameQueues
import Testing

@testable import LogPipeline

@Suite struct RouterTests {
  /// Gives every record an attribute and drops the one with the body `skip`.
  private struct Stamp: Processor {
    let id = "stamp"
    let mark: String

    func process(_ batch: inout LogBatch, of request: inout RequestContext) {
      guard let key = batch.store("stamp".utf8), let value = batch.store(mark.utf8) else { return }
      for index in batch.records.indices {
        var editor = AttributeEditor(batch.records[index].attributes)
        editor.append(Attribute(key: key, value: .string(value)), to: &batch)
        batch.records[index].attributes = editor.range
      }
      batch.keepRecords(batch.records.map { !batch.store[$0.body.slice.range].elementsEqual("skip".utf8) })
    }
  }

  private let region = { (name: String) in
    RecordMatcher([.attribute(AttributeMatcher(key: "region", .equal(.string(name))))])
  }

  private func destination(_ id: String, queueBytes: Int = 1 << 20) -> Destination {
    Destination(id: id, dialect: FileDialect(), queue: MemoryQueue(capacityBytes: queueBytes))
  }

  /// A pipeline that only delivers; with a mark also stamps.
  private func end(_ destination: Destination, stamp: String? = nil) -> Pipeline {
    Pipeline(
      id: "logs/\(destination.id)", processors: stamp.map { [Stamp(mark: $0)] } ?? [], destinations: [destination])
  }

  /// A connector that splits by region: east to the first pipeline, west to the second, the rest to the third.
  private func byRegion(_ pipelines: Pipeline...) -> Router {
    let rows = ["east", "west"].enumerated().map { index, name in
      RoutingTable.Row(request: nil, records: region(name), targets: [index])
    }
    let table = RoutingTable(
      id: "routing", targets: pipelines.map(\.id), rows: rows, defaults: pipelines.count > 2 ? [2] : [])
    return Router(table, pipelines: pipelines)
  }

  @discardableResult
  private func ingest(_ pipelines: [Pipeline], _ records: [(region: String, body: String)]) throws -> IngestReceipt {
    var scope = Message()
    for (region, body) in records { scope = scope + Message.message(2, record(("region", .text(region)), body: body)) }
    let request = Message.message(1, Message.message(2, scope)).bytes
    return try IngestPipeline(pipelines: pipelines, limits: DecodeLimits())
      .ingest(request, as: .protobuf, receivedUnixNano: 1, with: IngestScratch())
  }

  /// The bodies and stamps of what waits in a queue, such as `a` or `a/east`.
  private func waiting(_ destination: Destination) -> [String] {
    var text = ""
    while let lease = destination.queue.lease(maxBytes: .max) {
      text += lease.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
      destination.queue.acknowledge(lease)
    }
    let values = text.split(separator: #""stringValue":""#).dropFirst().map { String($0.prefix { $0 != "\"" }) }
    var waiting: [String] = []
    for value in values where !["east", "west", "north"].contains(value) {
      if value.hasPrefix("@") { waiting[waiting.count - 1] += value } else { waiting.append(value) }
    }
    return waiting
  }

  private let some = [("east", "a"), ("west", "b"), ("north", "c"), ("east", "d")]

  @Test func everyPipelineGetsItsRecordsInTheirOrder() throws {
    let (east, west, rest) = (destination("e"), destination("w"), destination("r"))
    let router = byRegion(end(east), end(west), end(rest))
    try ingest([Pipeline(id: "logs", steps: [], destinations: [], routers: [router])], some)
    #expect(waiting(east) == ["a", "d"] && waiting(west) == ["b"] && waiting(rest) == ["c"])
    #expect([east, west, rest].map(\.receivedRecords) == [2, 1, 1])
    #expect(router.table.routed.map(\.value) == [2, 1, 1] && router.table.unrouted.value == 0)
  }

  @Test func whatOnePipelineEditsTheOthersDoNotSee() throws {
    let (all, east, west, rest) = (destination("a"), destination("e"), destination("w"), destination("r"))
    let router = byRegion(end(east, stamp: "@e"), end(west), end(rest, stamp: "@r"))
    let pipeline = Pipeline(id: "logs", steps: [], destinations: [all], routers: [router])
    let after = Pipeline(id: "logs/2", processors: [], destinations: [all])
    try ingest([pipeline, after], some)
    #expect(waiting(east) == ["a@e", "d@e"] && waiting(west) == ["b"] && waiting(rest) == ["c@r"])
    #expect(waiting(all) == ["a", "b", "c", "d", "a", "b", "c", "d"])
  }

  @Test func twoConnectorsOfOnePipelineEachGetAll() throws {
    let (first, second, third) = (destination("1"), destination("2"), destination("3"))
    let pipeline = Pipeline(
      id: "logs", steps: [], destinations: [],
      routers: [byRegion(end(first, stamp: "@1"), end(second)), byRegion(end(third, stamp: "@3"), end(second))])
    try ingest([pipeline], [("east", "a"), ("east", "b")])
    #expect(waiting(first) == ["a@1", "b@1"] && waiting(third) == ["a@3", "b@3"] && waiting(second) == [])
  }

  @Test func connectorsFollowConnectors() throws {
    let (east, west, rest) = (destination("e"), destination("w"), destination("r"))
    let inner = Pipeline(
      id: "logs/inner", steps: [PipelineStep(Stamp(mark: "@i"))], destinations: [rest],
      routers: [byRegion(end(east), end(west, stamp: "@w"))])
    let outer = Pipeline(
      id: "logs", steps: [PipelineStep(Stamp(mark: "@o"))], destinations: [rest],
      routers: [byRegion(inner, inner, end(rest))])
    let receipt = try ingest([outer], some + [("west", "skip")])
    #expect(receipt.records == 5)
    #expect(waiting(east) == ["a@o@i", "d@o@i"] && waiting(west) == ["b@o@i@w"])
    #expect(waiting(rest) == ["a@o", "b@o", "c@o", "d@o", "a@o@i", "d@o@i", "b@o@i", "c@o"])
    #expect(rest.receivedRecords == 5 + 2 + 1 + 1 && rest.filteredRecords == 1)
  }

  @Test func unroutedRecordsAreInNoLedger() throws {
    let east = destination("e")
    let router = byRegion(end(east), end(destination("w")))
    let receipt = try ingest([Pipeline(id: "logs", steps: [], destinations: [], routers: [router])], some)
    #expect(receipt.records == 4 && router.table.unrouted.value == 1)
    #expect(east.receivedRecords == 2 && east.appended.records == 2)
  }

  @Test func aFullQueueRefusesOnlyWhatGoesThere() throws {
    let (east, west) = (destination("e", queueBytes: 0), destination("w"))
    let pipeline = Pipeline(
      id: "logs", steps: [], destinations: [], routers: [byRegion(end(east), end(west))])
    try ingest([pipeline], [("west", "a")])
    #expect(waiting(west) == ["a"])
    #expect(throws: IngestRefusal.self) { try ingest([pipeline], [("west", "b"), ("east", "c")]) }
    #expect(waiting(west) == [] && west.receivedRecords == 1 && east.receivedRecords == 0)
    #expect(west.queue.queuedBytes == 0)
  }

  @Test func outletsKnowWhetherTheyAreBehindAConnector() {
    let (all, east, west) = (destination("a"), destination("e"), destination("w"))
    let pipeline = Pipeline(id: "logs", steps: [], destinations: [all], routers: [byRegion(end(east), end(west))])
    let ingest = IngestPipeline(pipelines: [pipeline], limits: DecodeLimits())
    #expect(ingest.outlets.map(\.destination.id) == ["a", "e", "w"])
    #expect(ingest.outlets.map(\.isBehindRouter) == [false, true, true])
  }

  /// Every record is in exactly one end, whatever the table, over many random batches.
  @Test func noRecordIsLostOrDoubledByMoving() throws {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<200 {
      let ends = [destination("e"), destination("w"), destination("r")]
      let router = byRegion(
        end(ends[0], stamp: Bool.random(using: &random) ? "@e" : nil), end(ends[1]),
        end(ends[2], stamp: Bool.random(using: &random) ? "@r" : nil))
      let records = (0..<Int.random(in: 1...20, using: &random)).map {
        (region: ["east", "west", "north"].randomElement(using: &random) ?? "", body: "\($0)")
      }
      try ingest([Pipeline(id: "logs", steps: [], destinations: [], routers: [router])], records)
      for (index, region) in ["east", "west", "north"].enumerated() {
        let expected = records.filter { $0.region == region }.map(\.body)
        #expect(waiting(ends[index]).map { String($0.prefix { $0 != "@" }) } == expected)
      }
    }
  }
}
