import FrameQueues
import Testing

@testable import LogPipeline

@Suite struct TapTests {
  /// Gives every record an event name and removes the second.
  private struct Editor: Processor {
    var id = "edit"
    var isRefusing = false
    var isTurning = false

    func process(_ batch: inout LogBatch, of request: inout RequestContext) throws(ProcessorRefusal) {
      if isRefusing { throw ProcessorRefusal(processor: id, reason: "enough", retryAfter: .seconds(2)) }
      let name = batch.store("named".utf8) ?? .empty
      for index in batch.records.indices { batch.records[index].eventName = name }
      if batch.records.count > 1 { batch.records.remove(at: 1) }
      if isTurning { batch.records.reverse() }
    }
  }

  private let body = Message.request(
    records: .record(body: .text("0")), .record(body: .text("1")), .record(body: .text("2")),
    .record(body: .text("3"))
  ).bytes

  private func batch() throws -> LogBatch {
    var batch = LogBatch()
    try batch.decode(protobuf: body, limits: DecodeLimits())
    return batch
  }

  /// Bodies, with the event name behind those that have one.
  private func texts(_ request: [UInt8]) throws -> [String] {
    var batch = LogBatch()
    try batch.decode(protobuf: request, limits: DecodeLimits())
    var texts: [String] = []
    for record in batch.records {
      let parts = [record.body.slice, record.eventName].map { String(decoding: batch.store[$0.range], as: UTF8.self) }
      texts.append(parts.joined())
    }
    return texts
  }

  private func shown(_ tap: Tap) throws -> [String] {
    try tap.next(upTo: .max).map { record in
      switch record {
      case .passing(let bytes): try texts(bytes).joined()
      case .around(let before, let after): "\(try texts(before).joined())>\(try after.map(texts)?.joined() ?? "-")"
      }
    }
  }

  @Test func nothingIsTakenThatIsNotAllowed() throws {
    let tap = Tap(.received, maxWaitingBytes: 1 << 20)
    tap.look(at: try batch())
    #expect(tap.next(upTo: .max).isEmpty)
    #expect(tap.takeCounts() == TapCounts(passed: 4, overRate: 4))
    tap.allow(3)
    tap.allow(2)
    tap.look(at: try batch())
    tap.look(at: try batch())
    #expect(try shown(tap) == ["0", "2"], "spread over the batch, and what was allowed before is forgotten")
    #expect(tap.takeCounts() == TapCounts(passed: 8, overRate: 6))
    tap.allow(-1)
    tap.allow(4)
    tap.look(at: try batch())
    #expect(try shown(tap) == ["0", "1", "2", "3"])
    #expect(tap.takeCounts() == TapCounts(passed: 4))
  }

  @Test func noMoreBytesWaitThanThereIsRoomFor() throws {
    let wanted = try lookOnce(1).counts
    #expect(wanted.overRoom == 1 && wanted.passed == 4 && wanted.wantedBytes > 256)
    #expect(try lookOnce(wanted.wantedBytes).counts == TapCounts(passed: 4, overRate: 3))
    #expect(try lookOnce(wanted.wantedBytes).shown == ["0"])
    let less = try lookOnce(wanted.wantedBytes - 1)
    #expect(less.shown == [])
    #expect(
      less.counts == TapCounts(passed: 4, overRate: 3, overRoom: 1, wantedBytes: wanted.wantedBytes))
  }

  private func lookOnce(_ maxWaitingBytes: Int) throws -> (shown: [String], counts: TapCounts) {
    let tap = Tap(.received, maxWaitingBytes: maxWaitingBytes)
    tap.allow(1)
    tap.look(at: try batch())
    return (try shown(tap), tap.takeCounts())
  }

  @Test func whatWaitsComesToTheLimitHoweverOftenSomethingPasses() throws {
    let tap = Tap(.received, maxWaitingBytes: 4096)
    for _ in 0..<100 {
      tap.allow(4)
      tap.look(at: try batch())
    }
    let first = tap.next(upTo: 200)
    #expect(first.count == 1)
    let all = first + tap.next(upTo: .max)
    #expect(all.reduce(0) { $0 + $1.byteCount } <= 4096)
    let counts = tap.takeCounts()
    #expect(counts.passed == 400 && counts.overRate == 0 && counts.overRoom == 400 - all.count)
    tap.allow(1)
    tap.look(at: try batch())
    #expect(try shown(tap) == ["0"], "what was shown makes room")
  }

  @Test func aLargeRecordIsNotCopiedToFindThatThereIsNoRoom() throws {
    var large = LogBatch()
    let text = Message.request(records: .record(body: .text(String(repeating: "x", count: 1 << 20)))).bytes
    try large.decode(protobuf: text, limits: DecodeLimits())
    let record = large.records[0]
    #expect(throws: EncodeError.self) { try large.request(of: record, room: 1 << 20) }
    #expect(try large.request(of: record, room: (1 << 20) + 1024).count > 1 << 20)
  }

  // MARK: In a pipeline

  private func run(_ pipeline: Pipeline) throws {
    _ = try IngestPipeline(pipelines: [pipeline], limits: DecodeLimits())
      .ingest(body, as: .protobuf, receivedUnixNano: 1, with: IngestScratch())
  }

  private func open(_ stage: TapStage, in pipeline: Pipeline) -> Tap {
    let tap = Tap(stage, maxWaitingBytes: 1 << 20)
    tap.allow(100)
    #expect(pipeline.tapPoint.add(tap) == nil)
    return tap
  }

  private func pipeline(_ editor: Editor = Editor()) -> Pipeline {
    let nop = Destination(id: "nop", dialect: NopDialect(), queue: MemoryQueue(capacityBytes: 1 << 20))
    return Pipeline(id: "logs", steps: [PipelineStep(editor)], destinations: [nop])
  }

  @Test func eachStageShowsRecordsAsTheyAreThere() throws {
    let pipeline = pipeline()
    let taps = [.received, .after("edit"), .around("edit"), .to("nop"), .to("other")].map { open($0, in: pipeline) }
    try run(pipeline)
    #expect(
      try taps.map(shown) == [
        ["0", "1", "2", "3"], ["0named", "2named", "3named"], ["0>0named", "1>-", "2>2named", "3>3named"],
        ["0named", "2named", "3named"], [],
      ])
    pipeline.tapPoint.remove(taps[0])
    #expect(pipeline.tapPoint.open?.taps.count == 4)
    for tap in taps { pipeline.tapPoint.remove(tap) }
    #expect(pipeline.tapPoint.open == nil)
    try run(pipeline)
    #expect(try taps.flatMap(shown).isEmpty)
  }

  @Test func sidesAreOfOneRecordWhateverTheirOrder() throws {
    let pipeline = pipeline(Editor(isTurning: true))
    let tap = open(.around("edit"), in: pipeline)
    try run(pipeline)
    #expect(try shown(tap) == ["0>0named", "1>-", "2>2named", "3>3named"])
  }

  @Test func whatFollowsAStepHasNotComeIn() throws {
    let whole = pipeline()
    let taps = [.received, .to("nop")].map { open($0, in: whole) }
    try run(whole.rest(afterStep: 0))
    #expect(try taps.map(shown) == [[], ["0", "1", "2", "3"]])
  }

  @Test func aRequestThatIsRefusedIsSeenUntilThen() throws {
    let pipeline = pipeline(Editor(isRefusing: true))
    let taps = [.received, .around("edit"), .after("edit")].map { open($0, in: pipeline) }
    #expect(throws: IngestRefusal.self) { try run(pipeline) }
    #expect(try taps.map(shown) == [["0", "1", "2", "3"], [], []])
  }

  @Test func anEndIsToldOnceAndNothingBeginsBehindIt() throws {
    let pipeline = pipeline()
    let tap = open(.received, in: pipeline)
    #expect(tap.endReason == nil)
    pipeline.tapPoint.end(because: "a reload")
    tap.end(because: "another")
    #expect(tap.endReason == "a reload")
    #expect(pipeline.tapPoint.add(Tap(.received, maxWaitingBytes: 1)) == "a reload")
  }

  @Test(arguments: ["received", "after:a/b:c", "around:redaction", "to:otlp/next"])
  func stagesAreReadAsTheyAreWritten(_ text: String) { #expect(TapStage(text)?.description == text) }

  @Test(arguments: ["", "Received", "after", "after:", ":a", "before:a"])
  func otherTextsAreNoStages(_ text: String) { #expect(TapStage(text) == nil) }
}
