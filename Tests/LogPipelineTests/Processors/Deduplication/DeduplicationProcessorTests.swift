import Testing

@testable import LogPipeline

@Suite struct DeduplicationProcessorTests {
  private func processor(_ change: (inout DeduplicationOptions) -> Void = { _ in }) -> DeduplicationProcessor {
    var options = DeduplicationOptions()
    change(&options)
    return DeduplicationProcessor(id: "log_dedup", options: options)
  }

  /// Takes a request through and settles it; the bodies that pass.
  private func pass(
    _ processor: DeduplicationProcessor, at now: UInt64 = 1, isAccepted: Bool = true, _ records: Message...
  ) throws -> [Readable] {
    var scopeLogs = Message.message(1, Message.string(1, "lib"))
    for record in records { scopeLogs = scopeLogs + Message.message(2, record) }
    let logs = Message(Message.message(1, resource(("service.name", .text("shop")))), Message.message(2, scopeLogs))
    var batch = try LogBatch.decoded(request: Message.message(1, logs))
    batch.receivedUnixNano = now
    var request = RequestContext()
    try processor.process(&batch, of: &request)
    for settled in request.whenSettled { settled(isAccepted) }
    return batch.bodies
  }

  /// What a summary says, as a batch.
  private func batch(_ summary: [UInt8]) throws -> LogBatch {
    var batch = LogBatch()
    try batch.decode(protobuf: summary, limits: DecodeLimits())
    return batch
  }

  @Test func tellsOfDuplicatesAtTheEndOfTheInterval() throws {
    let processor = processor()
    let error = record(("code", .number(7)), body: "boom", severity: 17, text: "ERROR")
    #expect(try pass(processor, at: 1_700_000_000_000_000_000, error, error) == ["boom"])
    #expect(try pass(processor, at: 1_700_000_005_000_000_000, error, record(body: "other")) == ["other"])
    let end: UInt64 = 1_700_000_010_000_000_000
    #expect(processor.summaries(at: end - 1, isLast: false).isEmpty)
    let summaries = processor.summaries(at: end, isLast: false)
    #expect(summaries.count == 1)
    let batch = try batch(try #require(summaries.first).request)
    #expect(batch.bodies == ["boom"])
    #expect(
      batch.recordAttributes == [
        [
          .init("code", 7), .init("log_count", 2), .init("first_observed_timestamp", "2023-11-14T22:13:20Z"),
          .init("last_observed_timestamp", "2023-11-14T22:13:25Z"),
        ]
      ])
    #expect(batch.resourceAttributes == [[.init("service.name", "shop")]])
    let told = try #require(batch.records.first)
    #expect(told.severityNumber == 17 && told.timeUnixNano == end)
    #expect(told.observedTimeUnixNano == 1_700_000_000_000_000_000)
    #expect(processor.summaries(at: end, isLast: true).isEmpty)
  }

  @Test func theSummaryHasNoExcludedField() throws {
    let paths = ["attributes.id", "attributes.src.ip", "body.time"].compactMap { RecordFieldPath($0) }
    let processor = processor { $0.fields = .allBut(RecordFields(paths)) }
    func message(_ number: Int64) -> Message {
      record(("id", .number(number)), ("src", .map(("ip", .number(number)), ("port", .number(1)))))
        + Message.message(5, Message.map(("time", .number(number)), ("text", .text("x"))))
    }
    #expect(try pass(processor, message(1), message(2)).count == 1)
    let batch = try batch(try #require(processor.summaries(at: 2, isLast: true).first).request)
    #expect(batch.bodies == [.map([.init("text", "x")])])
    #expect(batch.recordAttributes.first?.prefix(2) == [.init("src", .map([.init("port", 1)])), .init("log_count", 1)])
  }

  @Test func aRefusedRequestSuppressesNothingAfterwards() throws {
    let processor = processor()
    #expect(try pass(processor, isAccepted: false, record(body: "a"), record(body: "a")) == ["a"])
    #expect(try pass(processor, record(body: "a")) == ["a"])
    #expect(processor.summaries(at: 2, isLast: true).isEmpty)
  }

  @Test func inAnotherPipelineItRemembersItsOwnRecords() throws {
    let processor = processor()
    #expect(try pass(processor, record(body: "a")) == ["a"])
    #expect(try pass(processor.forAnotherPipeline(), record(body: "a")) == ["a"])
    #expect(try pass(processor, record(body: "a")) == [])
  }

  @Test func whatATenantSendsIsNoDuplicateOfAnothers() throws {
    let processor = processor()
    for (tenant, left) in [("a", 1), ("b", 1), ("a", 0), ("b", 0)] {
      var batch = try LogBatch.decoded(request: Message.request(records: record(body: "x")))
      batch.resources[0].tenant = batch.store(tenant.utf8) ?? .empty
      var context = RequestContext()
      try processor.process(&batch, of: &context)
      for settled in context.whenSettled { settled(true) }
      #expect(batch.records.count == left, "\(tenant)")
    }
    let told = processor.summaries(at: 2, isLast: true)
    #expect(Set(told.map { String(decoding: $0.tenant, as: UTF8.self) }) == ["a", "b"])
  }

  @Test func looksOnlyAtWhatIsSelected() throws {
    let isDebug = RecordMatcher([.attribute(AttributeMatcher(key: "debug", .any))])
    let processor = processor { $0.selection = RecordSelection(include: isDebug) }
    let debug = record(("debug", .bool(true)), body: "d")
    #expect(try pass(processor, debug, record(body: "x"), debug, record(body: "x")) == ["d", "x", "x"])
  }

  @Test func theCountHasTheNameThatIsAskedFor() throws {
    let processor = processor { $0.countAttribute = "dedup_count" }
    _ = try pass(processor, record(body: "a"), record(body: "a"))
    let batch = try batch(try #require(processor.summaries(at: 2, isLast: true).first).request)
    #expect(batch.recordAttributes.first?.first == .init("dedup_count", 1))
  }
}
