import FrameQueues
import Testing

@testable import LogPipeline

@Suite("The path of a request")
struct IngestPipelineTests {
  /// Removes every record whose index in the request is odd.
  private struct KeepEven: Processor {
    let id = "keep_even"
    func process(_ batch: inout LogBatch, of request: inout RequestContext) {
      batch.records.removeAll { !$0.index.isMultiple(of: 2) }
    }
  }

  private static let protobuf = Message.request(
    records: .record(body: .text("0")), .record(body: .text("1")), .record(body: .text("2")),
    .record(body: .text("3"))
  ).bytes

  private static let json =
    Array(
      #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{},{}]},{"logRecords":[{}]}]},"#.utf8
    ) + Array(#"{"scopeLogs":[{"logRecords":[{}]}]}]}"#.utf8)

  private func destination(
    _ id: String = "es", queueBytes: Int = 1 << 20, _ edit: (inout ElasticsearchOptions) -> Void = { _ in }
  ) throws -> Destination {
    var options = ElasticsearchOptions()
    options.documentID = .request
    options.logsIndex = "logs"
    edit(&options)
    return Destination(
      id: id, dialect: try ElasticsearchDialect(options), queue: MemoryQueue(capacityBytes: queueBytes))
  }

  private func ingest(
    _ body: [UInt8], as encoding: BodyEncoding = .protobuf, at time: UInt64 = 1_705_314_600_000_000_000,
    _ pipelines: Pipeline...
  ) throws {
    let ingest = IngestPipeline(pipelines: pipelines, limits: DecodeLimits())
    _ = try ingest.ingest(body, as: encoding, receivedUnixNano: time, with: IngestScratch())
  }

  /// The action lines of all that waits in a destination's queue.
  private func actions(_ destination: Destination) throws -> [String] {
    var actions: [String] = []
    while let lease = destination.queue.lease(maxBytes: .max) {
      let lines = lease.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }.split(separator: "\n")
      for index in stride(from: 0, to: lines.count, by: 2) { actions.append(String(lines[index])) }
      destination.queue.acknowledge(lease)
    }
    return actions
  }

  // MARK: Ids

  @Test(arguments: [(BodyEncoding.protobuf, Self.protobuf), (.json, Self.json)])
  func aRequestSentAgainThroughAnotherReplicaHasTheSameIDs(_ encoding: BodyEncoding, _ body: [UInt8]) throws {
    let one = try destination()
    let other = try destination()
    try ingest(body, as: encoding, at: 1, Pipeline(id: "logs", processors: [], destinations: [one]))
    try ingest(body, as: encoding, at: 2, Pipeline(id: "logs", processors: [], destinations: [other]))
    let actions = try actions(one)
    #expect(Set(actions).count == 4)
    #expect(actions.allSatisfy { $0.hasPrefix(#"{"create":{"_id":""#) })
    #expect(try self.actions(other) == actions)
  }

  @Test(arguments: [(BodyEncoding.protobuf, Self.protobuf), (.json, Self.json)])
  func whatProcessorsRemoveDoesNotChangeTheIDsOfTheRest(_ encoding: BodyEncoding, _ body: [UInt8]) throws {
    let all = try destination("all")
    let even = try destination("even")
    try ingest(
      body, as: encoding, Pipeline(id: "logs/even", processors: [KeepEven()], destinations: [even]),
      Pipeline(id: "logs", processors: [], destinations: [all]))
    let everything = try actions(all)
    #expect(try actions(even) == [everything[0], everything[2]])
  }

  @Test func whatTheDestinationCannotTakeDoesNotChangeTheIDsOfTheRest() throws {
    let all = try destination("all")
    let maps = try destination("maps") { $0.mappingMode = .bodymap }
    let body = Message.request(
      records: .record(body: .text("0")), .record(body: .map([.pair("a", .text("b"))]))
    ).bytes
    try ingest(body, Pipeline(id: "logs", processors: [], destinations: [all, maps]))
    #expect(try actions(maps) == [try actions(all)[1]])
  }

  @Test func otherBytesHaveOtherIDs() throws {
    let destination = try destination()
    let pipeline = Pipeline(id: "logs", processors: [], destinations: [destination])
    try ingest(Self.protobuf, pipeline)
    try ingest(Message.request(records: .record(body: .text("0")), .record(body: .text("9"))).bytes, pipeline)
    #expect(Set(try actions(destination)).count == 6)
  }

  @Test func tenantsThatSendTheSameBytesHaveOtherIDs() throws {
    let tenant = AttributeAction.ValueSource.context(.field("X-Tenant"), default: nil)
    let routed = RoutingTable.Row(
      request: RequestMatcher(field: "X-Tenant", try TextMatcher(["a"], .strict)), records: nil, targets: [0])
    func ids(_ name: String, _ value: String, knows: Bool, routes: Bool = false) throws -> [String] {
      let destination = try destination()
      let inner = Pipeline(id: "logs/inner", processors: [], destinations: [destination])
      let table = RoutingTable(id: "routing", targets: ["logs/inner"], rows: [routed], defaults: [0])
      let edit = AttributesProcessor(id: "attributes", owners: .records, actions: [.insert(key: "tenant", tenant)])
      let pipeline = Pipeline(
        id: "logs", steps: knows && !routes ? [PipelineStep(edit)] : [], destinations: routes ? [] : [destination],
        routers: routes ? [Router(table, pipelines: [inner])] : [])
      var request = RequestContext()
      request.addField(name, value)
      _ = try IngestPipeline(pipelines: [pipeline], limits: DecodeLimits()).ingest(
        Self.protobuf, as: .protobuf, receivedUnixNano: 1, of: request, with: IngestScratch())
      return try actions(destination)
    }
    let plain = try ids("x-tenant", "a", knows: false)
    #expect(try ids("x-tenant", "b", knows: false) == plain)
    let a = try ids("x-tenant", "a", knows: true)
    #expect(try ids("X-TENANT", "a", knows: true) == a)
    #expect(try Set(ids("x-tenant", "b", knows: true) + a + plain).count == 12)
    #expect(try ids("x-tenant", "a", knows: true, routes: true) == a)
    #expect(try ids("x-other", "a", knows: true) == plain)
  }

  // MARK: The ledger

  /// The ledger of a destination that nothing was delivered of.
  private func ledger(_ destination: Destination) -> Ledger {
    Ledger(of: destination, delivered: .zero, deadLettered: .zero, settledInQueue: .zero)
  }

  @Test func everyRecordOfARequestIsInOneState() throws {
    let destination = try destination { $0.mappingMode = .bodymap }
    let map = Message.record(body: .map([.pair("a", .text("b"))]))
    let body = Message.request(records: map, map, .record(), .record(), map).bytes
    try ingest(body, Pipeline(id: "logs", processors: [KeepEven()], destinations: [destination]))
    let ledger = ledger(destination)
    #expect(ledger.received.records == 5)
    #expect(ledger.filtered.records == 2)
    #expect(ledger.dropped.records == 1)
    #expect(destination.droppedRecords(.bodyNotMap) == 1)
    #expect(ledger.queued.records == 2)
    #expect(ledger.received.bytes == ledger.queued.bytes)
    #expect(ledger.queued.bytes > 0)
    #expect(ledger.unaccounted == .zero)
  }

  @Test func aDestinationOfTwoPipelinesHasReceivedARecordTwice() throws {
    let destination = try destination()
    try ingest(
      Self.protobuf, Pipeline(id: "logs/even", processors: [KeepEven()], destinations: [destination]),
      Pipeline(id: "logs", processors: [], destinations: [destination]))
    let ledger = ledger(destination)
    #expect(ledger.received.records == 8)
    #expect(ledger.filtered.records == 2)
    #expect(ledger.queued.records == 6)
    #expect(ledger.unaccounted == .zero)
  }

  @Test func aRefusedRequestIsInNoLedger() throws {
    let roomy = try destination("roomy")
    let full = try destination("full", queueBytes: 10)
    let pipeline = Pipeline(id: "logs", processors: [KeepEven()], destinations: [roomy, full])
    #expect(throws: IngestRefusal.self) { try ingest(Self.protobuf, pipeline) }
    #expect(ledger(roomy) == Ledger())
    #expect(ledger(full) == Ledger())
    #expect(full.refusedRecords == 2)
  }
}
