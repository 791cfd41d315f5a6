import HTTPTransport
import LogStore
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Gateway
@testable import LogPipeline

@Suite struct TapFeedTests {
  private func record(_ text: String, service: String = "shop") -> [UInt8] {
    StoredSample.request([text], service: service)
  }

  private func feed(
    _ arguments: String = "", seen condition: String? = nil, _ change: (inout TapOptions) -> Void = { _ in }
  ) throws -> (feed: TapFeed, tap: Tap) {
    var options = TapOptions()
    change(&options)
    let question = try TapQuestion(
      SelectArguments(query: arguments), of: [Pipeline(id: "logs", steps: [], destinations: [])], options)
    let scope = try condition.map { RecordScope(anyOf: [try RecordCondition($0)]) }
    let tap = Tap(question.stage, maxWaitingBytes: options.maxWaitingBytes)
    return (TapFeed(tap, question, options, by: .always(scope)), tap)
  }

  private func lines(
    _ records: [TappedRecord], _ arguments: String = "", seen condition: String? = nil, most: Int = .max
  ) throws -> [String] {
    let found = try feed(arguments, seen: condition).feed.lines(of: records, most: most)
    let lines = String(decoding: found.bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    #expect(lines.filter { !$0.hasPrefix("{\"after\"") && !$0.hasPrefix("{\"skipped\"") }.count == found.shown)
    return lines
  }

  @Test func aLineIsARecordAsStoresShowIt() throws {
    let lines = try lines([.passing(record("hello"))])
    #expect(lines.count == 1)
    #expect(lines[0].hasPrefix("{\"record\":{\"_time\":\"") && lines[0].hasSuffix("}}"))
    #expect(lines[0].contains("\"_msg\":\"hello\"") && lines[0].contains("\"service.name\":\"shop\""))
  }

  @Test func bothSidesOfARecordAreLines() throws {
    let lines = try lines([.around(before: record("a"), after: record("b")), .around(before: record("c"), after: nil)])
    #expect(lines.count == 4)
    #expect(lines[0].hasPrefix("{\"before\":{") && lines[1].hasPrefix("{\"after\":{"))
    #expect(lines[1].contains("\"_msg\":\"b\"") && lines[3] == "{\"after\":null}")
  }

  @Test func aConditionHoldsOfOneSideAndAScopeOfBoth() throws {
    let records: [TappedRecord] = [
      .passing(record("a")), .passing(record("b")), .passing(record("a", service: "bank")),
      .around(before: record("x"), after: record("a")),
      .around(before: record("a"), after: record("a", service: "bank")), .around(before: record("a"), after: nil),
    ]
    let asked = "where=log.body+%3D%3D+%22a%22"
    let scope = "resource.attributes[\"service.name\"] == \"shop\""
    #expect(try lines(records, asked).count == 2 + 6)
    #expect(try lines(records, seen: scope).count == 2 + 4)
    #expect(try lines(records, asked, seen: scope).count == 1 + 4)
    #expect(try lines(records, asked, seen: scope).allSatisfy { !$0.contains("bank") })
    #expect(try lines(records, asked, seen: scope, most: 1).count == 1)
    #expect(try lines(records, seen: "false").isEmpty)
  }

  @Test func nothingIsShownThatCannotBeJudged() throws {
    let broken = TappedRecord.passing([0x0A, 0x05, 1])
    #expect(try lines([broken, .passing(record("a"))]) == [#"{"skipped":2,"because":"they cannot be read"}"#])
    #expect(try lines([broken], seen: "true") == [#"{"skipped":1,"because":"they cannot be read"}"#])
  }

  @Test func limitsAreToldWithWhatCame() {
    var options = TapOptions()
    options.recordsPerSecond = 10
    let lines = { TapFeed.lines(of: $0, options, isSlow: $1, seesAll: true) }
    #expect(lines(TapCounts(passed: 10), false) == "")
    #expect(
      lines(TapCounts(passed: 11, overRate: 1), false)
        == "{\"skipped\":1,\"because\":\"11 records have passed in a second: the limit is 10 "
        + "(service.admin.tap.records_per_second)\"}\n")
    #expect(
      lines(TapCounts(passed: 11, overRate: 1), true)
        == "{\"skipped\":1,\"because\":\"11 records have passed, and they are read slower\"}\n")
    #expect(
      lines(TapCounts(passed: 2, overRoom: 2, wantedBytes: 4_194_305), false)
        == "{\"skipped\":2,\"because\":\"4194305 bytes would wait to be shown: the limit is 4194304 "
        + "(service.admin.tap.max_waiting)\"}\n")
  }

  @Test func whoSeesSomeIsNotToldHowManyOthersThereAre() {
    let counts = TapCounts(passed: 4711, overRate: 815, overRoom: 2, wantedBytes: 4_200_123)
    for isSlow in [false, true] {
      let text = TapFeed.lines(of: counts, TapOptions(), isSlow: isSlow, seesAll: false)
      #expect(text.hasPrefix("{\"skipped\":null,\"because\":\"more records have passed"))
      #expect(!["4711", "815", "4200123"].contains { text.contains($0) })
    }
  }

  // MARK: Fed

  /// Runs a feed until it ends, with what it sent; what is sent is taken by nobody.
  private func run(_ feed: TapFeed) async -> (end: TapFeed.End, text: String) {
    let text = Mutex("")
    let responder = HTTPResponder(eventLoop: MultiThreadedEventLoopGroup.singleton.any()) { event in
      if case .body(let bytes) = event { text.withLock { $0 += String(buffer: bytes) } }
    }
    responder.start(status: 200, headers: [:])
    let end = await feed.run(through: responder)
    try? await Task.sleep(for: .milliseconds(50))
    return (end, text.withLock { $0 })
  }

  @Test func itEndsWithItsTapAndWithItsTime() async throws {
    let (feed, tap) = try feed()
    tap.end(because: "a reload")
    let (end, text) = await run(feed)
    #expect(end.shown == 0 && end.reason == "a reload")
    #expect(text == "{\"ended\":\"a reload\"}\n")
    let short = try self.feed { $0.maxDuration = .milliseconds(150) }.feed
    #expect(await run(short).end.reason.contains("max_duration"))
  }

  @Test func nothingMoreIsShownUntilWhatWasSentIsRead() async throws {
    let (feed, tap) = try feed { $0.maxDuration = .milliseconds(400) }
    var batch = LogBatch()
    try batch.decode(protobuf: record(String(repeating: "x", count: 60_000)), limits: DecodeLimits())
    for _ in 0..<40 {
      tap.allow(1)
      tap.look(at: batch)
    }
    #expect(tap.takeCounts() == TapCounts(passed: 40))
    let end = await run(feed).end
    #expect((1...9).contains(end.shown), "up to 256 KiB and a chunk of as many")
    tap.look(at: batch)
    #expect(tap.takeCounts() == TapCounts(passed: 1, overRate: 1), "and nothing more is allowed")
  }

  @Test func itEndsOnceNobodyReads() async throws {
    let (feed, _) = try feed()
    let responder = HTTPResponder(eventLoop: MultiThreadedEventLoopGroup.singleton.any()) { _ in }
    responder.start(status: 200, headers: [:])
    responder.cancel()
    #expect(await feed.run(through: responder).reason == "nobody reads any more")
  }
}
