import Testing

@testable import LogPipeline

@Suite struct RateLimitProcessorTests {
  private func limit(
    records: Int? = nil, bytes: Int? = nil, burst: Duration = .seconds(1), key: RateLimitProcessor.Key = .none,
    _ onLimit: RateLimitProcessor.OnLimit = .refuse, maxKeys: Int = 100
  ) -> RateLimitProcessor {
    var options = RateLimitOptions()
    options.records = records.map { Rate(perSecond: $0, burst: burst) }
    options.bytes = bytes.map { Rate(perSecond: $0, burst: burst) }
    (options.key, options.onLimit, options.maxKeys) = (key, onLimit, maxKeys)
    return RateLimitProcessor(id: "rate_limit", options: options)
  }

  /// A batch with a resource for each service, and so many records of it.
  private func batch(_ services: (String, Int)..., body: String = "0123456789") throws -> LogBatch {
    var request = Message()
    for (service, count) in services {
      var logs = Message.message(1, resource(("service.name", .text(service))))
      var scope = Message()
      for _ in 0..<count { scope = scope + Message.message(2, record(body: body)) }
      logs = logs + Message.message(2, scope)
      request = request + Message.message(1, logs)
    }
    return try LogBatch.decoded(request: request)
  }

  /// Processes at a time in milliseconds; returns how many records are left, nil if the request was refused.
  private func left(
    _ processor: RateLimitProcessor, _ batch: consuming LogBatch, at milliseconds: UInt64, tenant: String? = nil
  ) -> Int? {
    var request = RequestContext(clientAddress: "", monotonicNano: milliseconds * 1_000_000)
    if let tenant { request.addField("X-Tenant", tenant) }
    do { try processor.process(&batch, of: &request) } catch { return nil }
    return batch.records.count
  }

  @Test func refusesWholeRequestsBeyondTheRateAndSaysWhenToComeAgain() throws {
    let processor = limit(records: 10)
    #expect(left(processor, try batch(("a", 10)), at: 1000) == 10)
    var late = try batch(("a", 5))
    var request = RequestContext(clientAddress: "", monotonicNano: 1_200_000_000)
    let refusal = #expect(throws: ProcessorRefusal.self) { try processor.process(&late, of: &request) }
    #expect(refusal?.retryAfter == .milliseconds(300) && refusal?.processor == "rate_limit")
    #expect(refusal?.reason == "5 records at a rate of 10 a second have to wait")
    #expect(left(processor, try batch(("a", 5)), at: 1499) == nil)
    #expect(left(processor, try batch(("a", 5)), at: 1500) == 5)
  }

  @Test func dropsOnlyWhatIsBeyondTheRate() throws {
    let processor = limit(records: 10, .drop)
    #expect(left(processor, try batch(("a", 7)), at: 1000) == 7)
    #expect(left(processor, try batch(("a", 7)), at: 1000) == 3)
    #expect(left(processor, try batch(("a", 7)), at: 1000) == 0)
    #expect(left(processor, try batch(("a", 7)), at: 1100) == 1)
  }

  @Test func bytesAreThoseOfTextsAndThoseOfOneRecordMayPassTheLimit() throws {
    let one = try LogBatch.decoded(
      record(("key", .text("value")), ("n", .number(1)), ("m", .map(("k", .text("v")))), body: "body"))
    #expect(one.textBytes(of: one.records[0]) == 4 + 3 + 5 + 1 + 8 + 1 + 2)
    let processor = limit(bytes: 25, .drop)
    #expect(left(processor, try batch(("a", 5)), at: 1000) == 3)
    #expect(left(processor, try batch(("a", 5)), at: 1100) == 0)
    #expect(left(processor, try batch(("a", 5)), at: 1250) == 1)
    let refusing = limit(bytes: 100)
    #expect(left(refusing, try batch(("a", 10)), at: 1000) == 10)
    #expect(left(refusing, try batch(("a", 1)), at: 1000) == nil)
  }

  @Test func theStricterOfTwoRatesDecides() throws {
    let processor = limit(records: 100, bytes: 30, .drop)
    #expect(left(processor, try batch(("a", 5)), at: 1000) == 3)
    let other = limit(records: 2, bytes: 1000, .drop)
    #expect(left(other, try batch(("a", 5)), at: 1000) == 2)
    let refusing = limit(records: 2, bytes: 1000)
    #expect(left(refusing, try batch(("a", 2)), at: 1000) == 2)
    #expect(left(refusing, try batch(("a", 1)), at: 1000) == nil)
  }

  @Test func everyResourceAttributeHasItsOwnRate() throws {
    let processor = limit(records: 4, key: .resourceAttribute("service.name"), .drop)
    #expect(left(processor, try batch(("noisy", 10), ("quiet", 3), ("noisy", 10)), at: 1000) == 4 + 3)
    #expect(left(processor, try batch(("noisy", 1), ("quiet", 1)), at: 1000) == 1)
    #expect(processor.keyCount == 2)
  }

  @Test func oneKeyBeyondItsRateRefusesTheRequestAndNothingIsTakenFromTheOthers() throws {
    let processor = limit(records: 4, key: .resourceAttribute("service.name"))
    #expect(left(processor, try batch(("noisy", 4)), at: 1000) == 4)
    #expect(left(processor, try batch(("quiet", 4), ("noisy", 1)), at: 1000) == nil)
    #expect(left(processor, try batch(("quiet", 4)), at: 1000) == 4)
  }

  @Test func everyHeaderValueHasItsOwnRate() throws {
    let processor = limit(records: 2, key: .field("x-TENANT"))
    #expect(left(processor, try batch(("a", 2)), at: 1000, tenant: "acme") == 2)
    #expect(left(processor, try batch(("b", 1)), at: 1000, tenant: "acme") == nil)
    #expect(left(processor, try batch(("a", 2)), at: 1000, tenant: "other") == 2)
    #expect(left(processor, try batch(("a", 2)), at: 1000) == 2)
    #expect(left(processor, try batch(("a", 1)), at: 1000) == nil)
  }

  @Test func keysBeyondTheTableShareOneRate() throws {
    let processor = limit(records: 2, key: .field("x-tenant"), maxKeys: 1)
    #expect(left(processor, try batch(("a", 2)), at: 1000, tenant: "1") == 2)
    #expect(left(processor, try batch(("a", 2)), at: 1000, tenant: "2") == 2)
    #expect(left(processor, try batch(("a", 1)), at: 1000, tenant: "3") == nil)
    #expect(processor.keyCount == 1)
  }

  @Test func longKeysAreToldApartByTheirStart() throws {
    let processor = limit(records: 1, key: .resourceAttribute("service.name"))
    let start = String(repeating: "k", count: RateLimitProcessor.maxKeyBytes)
    #expect(left(processor, try batch((start + "1", 1)), at: 1000) == 1)
    #expect(left(processor, try batch((start + "2", 1)), at: 1000) == nil)
    #expect(left(processor, try batch((String(start.dropLast()), 1)), at: 1000) == 1)
  }

  @Test func aResourceWithoutRecordsOrABatchWithoutAnyTakesNothing() throws {
    let processor = limit(records: 1, key: .resourceAttribute("service.name"))
    #expect(left(processor, try batch(("a", 1)), at: 1000) == 1)
    #expect(left(processor, try batch(("a", 0), ("b", 1)), at: 1000) == 1)
    #expect(left(processor, try batch(("a", 0)), at: 1000) == 0)
  }

  @Test func whatTheGatewayTellsOfItselfPasses() throws {
    let processor = limit(records: 1, .drop)
    #expect(left(processor, try batch(("a", 5)), at: 1000) == 1)
    #expect(left(processor, try batch(("a", 5)), at: 0) == 5)
  }

  @Test func nobodyIsAskedToWaitForLongerThanAMinute() throws {
    let processor = limit(records: 1)
    #expect(left(processor, try batch(("a", 1000)), at: 1000) == 1000)
    var late = try batch(("a", 1))
    var request = RequestContext(clientAddress: "", monotonicNano: 1_000_000_000)
    let refusal = #expect(throws: ProcessorRefusal.self) { try processor.process(&late, of: &request) }
    #expect(refusal?.retryAfter == .seconds(60))
  }

  @Test func manyThreadsTakeNoMoreThanTheRate() async throws {
    let processor = limit(records: 1000, key: .field("x-tenant"), .drop)
    let passed = try await withThrowingTaskGroup(of: Int.self) { tasks in
      for _ in 0..<8 {
        tasks.addTask {
          var passed = 0
          for _ in 0..<100 { passed += self.left(processor, try self.batch(("a", 5)), at: 1000, tenant: "t") ?? 0 }
          return passed
        }
      }
      return try await tasks.reduce(0, +)
    }
    #expect(passed == 1000)
  }

  @Test(arguments: [RateLimitProcessor.OnLimit.refuse, .drop])
  func keysBeyondTheMostShareOneLimitTogether(_ onLimit: RateLimitProcessor.OnLimit) throws {
    let processor = limit(records: 2, key: .resourceAttribute("service.name"), onLimit, maxKeys: 1)
    #expect(left(processor, try batch(("own", 2)), at: 1000) == 2)
    #expect(left(processor, try batch(("other", 1)), at: 1000) == 1)
    var request = Message()
    for tenant in 0..<300 {
      let logs = Message.message(1, resource(("service.name", .text("tenant-\(tenant)"))))
      request = request + Message.message(1, logs + .message(2, .message(2, record(body: "x"))))
    }
    let many = try LogBatch.decoded(request: request)
    #expect(left(processor, many.copied(), at: 1000) == (onLimit == .refuse ? nil : 1))
    #expect(left(processor, try batch(("a", 1), ("b", 1)), at: 1000) == (onLimit == .refuse ? nil : 0))
  }

  @Test func aKeyKeepsItsBucketWhileItsOwnRequestMakesRoom() throws {
    let processor = limit(records: 10, key: .resourceAttribute("service.name"), maxKeys: 2)
    #expect(left(processor, try batch(("a", 1), ("b", 1)), at: 1000) == 2)
    // Long after, all three come at once: each of a and c has a limit of its own, and no two share it.
    #expect(left(processor, try batch(("a", 10), ("c", 10), ("d", 10)), at: 60_000) == 30)
    #expect(left(processor, try batch(("a", 1)), at: 60_000) == nil)
    #expect(left(processor, try batch(("c", 1)), at: 60_000) == nil)
  }
}
