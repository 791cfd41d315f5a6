import FrameQueues
import LogPipeline
import Synchronization
import Testing

@Suite struct DropSinkTests {
  private static let now: UInt64 = 1_795_960_800_000_000_000

  private final class Sink: DropSink {
    private let state = Mutex<[DroppedRecord]>([])
    var taken: [DroppedRecord] { state.withLock { $0 } }
    func take(_ dropped: [DroppedRecord]) { state.withLock { $0 += dropped } }
  }

  private func destination(capacityBytes: Int, _ sink: (any DropSink)?) -> Destination {
    Destination(
      id: "vl", dialect: VictoriaLogsDialect(VictoriaLogsOptions()), queue: MemoryQueue(capacityBytes: capacityBytes),
      dropSink: sink)
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

  @Test func withoutASinkTheyAreOnlyCounted() throws {
    let destination = destination(capacityBytes: 1 << 20, nil)
    try ingest(into: destination)
    #expect(destination.droppedRecords(.tooOld) == 1)
  }
}
