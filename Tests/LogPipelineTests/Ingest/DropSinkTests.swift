import FrameQueues
import LogPipeline
import Synchronization
import Testing

@Suite struct DropSinkTests {
  private static let now: UInt64 = 1_795_960_800_000_000_000

  private final class Sink: DropSink {
    private struct State {
      var kept: [DroppedRecord] = []
      var counted = DroppedCounts()
      var evicted = 0
    }

    private let state = Mutex(State())
    let keepsRecords: Bool
    init(keepsRecords: Bool = true) { self.keepsRecords = keepsRecords }
    var taken: [DroppedRecord] { state.withLock { $0.kept } }
    var counted: DroppedCounts { state.withLock { $0.counted } }
    var evicted: Int { state.withLock { $0.evicted } }
    func take(_ counts: DroppedCounts, _ kept: [DroppedRecord]) {
      state.withLock { state in
        state.kept += kept
        for reason in DropReason.allCases { state.counted.add(counts[reason], for: reason) }
      }
    }
    func takeEvicted(_ records: Int) { state.withLock { $0.evicted += records } }
  }

  private func destination(capacityBytes: Int, _ sink: (any DropSink)?, onFull: OnFull = .refuse) -> Destination {
    Destination(
      id: "vl", dialect: VictoriaLogsDialect(VictoriaLogsOptions()), queue: MemoryQueue(capacityBytes: capacityBytes),
      onFull: onFull, dropSink: sink)
  }

  private func ingest(into destination: Destination) throws {
    let pipeline = Pipeline(id: "logs", processors: [], destinations: [destination])
    let forged = Message.record(time: Self.now, attributes: [.pair("_stream", .text("x"))])
    let request = Message.request(records: forged, .record(time: 1))
    _ = try IngestPipeline(pipelines: [pipeline], limits: DecodeLimits())
      .ingest(request.bytes, as: .protobuf, receivedUnixNano: Self.now, with: IngestScratch())
  }

  @Test func recordsThatAreNotSentAreHandedOverOnceTheRequestIsAccepted() throws {
    let sink = Sink()
    let destination = destination(capacityBytes: 1 << 20, sink)
    try ingest(into: destination)
    #expect(sink.taken.map(\.reason) == [.tooOld] && sink.taken.allSatisfy { !$0.bytes.isEmpty })
    #expect(destination.droppedRecords(.tooOld) == 1 && destination.changes.renamedFields == 1)
  }

  @Test func thoseOfARefusedRequestAreNot() {
    let sink = Sink()
    let destination = destination(capacityBytes: 10, sink)
    #expect(throws: IngestRefusal.self) { try ingest(into: destination) }
    #expect(sink.taken.isEmpty && destination.droppedRecords == 0 && destination.changes == FieldChanges())
  }

  @Test func aSinkThatKeepsNothingHearsHowManyThereWere() throws {
    let sink = Sink(keepsRecords: false)
    try ingest(into: destination(capacityBytes: 1 << 20, sink))
    #expect(sink.taken.isEmpty && sink.counted == DroppedCounts(1, for: .tooOld) && sink.evicted == 0)
  }

  @Test(arguments: [OnFull.dropOldest, .dropNewest])
  func whatAFullQueueDropsIsHeardOf(_ onFull: OnFull) throws {
    let sink = Sink()
    let destination = destination(capacityBytes: 300, sink, onFull: onFull)
    for _ in 0..<5 { try ingest(into: destination) }
    #expect(sink.counted[.queueFull] == destination.droppedRecords(.queueFull))
    #expect(sink.evicted == destination.evicted.records)
    #expect(sink.counted[.queueFull] + sink.evicted > 0 && sink.counted[.tooOld] == 5)
    #expect((sink.evicted > 0) == (onFull == .dropOldest))
  }

  @Test func withoutASinkTheyAreOnlyCounted() throws {
    let destination = destination(capacityBytes: 1 << 20, nil)
    try ingest(into: destination)
    #expect(destination.droppedRecords(.tooOld) == 1)
  }
}
