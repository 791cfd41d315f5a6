import FrameQueues
import Synchronization
import Testing

@testable import LogPipeline

@Suite struct DestinationTests {
  private final class Sink: DropSink {
    let keepsRecords: Bool
    let heard = Mutex<[String]>([])

    init(keepsRecords: Bool) { self.keepsRecords = keepsRecords }

    func take(_ counts: DroppedCounts, _ kept: [DroppedRecord]) {
      heard.withLock { $0.append("dropped \(counts.total), kept \(kept.count)") }
    }
    func takeEvicted(_ records: Int) { heard.withLock { $0.append("evicted \(records)") } }
  }

  private func destination(_ sink: (any DropSink)? = nil) -> Destination {
    Destination(id: "nop", dialect: NopDialect(), queue: MemoryQueue(capacityBytes: 100), dropSink: sink)
  }

  @Test func recordsThatEnterAreAppendedDroppedOrFiltered() {
    let destination = destination()
    for _ in 0..<3 {
      destination.count(received: 10, filtered: 2)
      var dropped = DroppedCounts(1, for: .tooOld)
      dropped.add(2, for: .lineTooLong)
      destination.count(dropped)
      destination.count(appended: FrameTotals(bytes: 50, records: 5))
    }
    #expect(destination.receivedRecords == 30 && destination.filteredRecords == 6)
    #expect(destination.droppedRecords(.tooOld) == 3 && destination.droppedRecords(.lineTooLong) == 6)
    #expect(destination.droppedRecords(.queueFull) == 0 && destination.droppedRecords == 9)
    #expect(destination.appended == FrameTotals(bytes: 150, records: 15))
    #expect(
      destination.receivedRecords
        == destination.filteredRecords + destination.droppedRecords + destination.appended.records)
  }

  @Test func nothingIsToldWhereNothingHappened() {
    let sink = Sink(keepsRecords: true)
    let destination = destination(sink)
    destination.count(DroppedCounts())
    destination.count(evicted: .zero)
    #expect(sink.heard.withLock { $0 }.isEmpty)
    destination.count(DroppedCounts(2, for: .tooNew), kept: [DroppedRecord(bytes: [1], reason: .tooNew)])
    destination.count(evicted: FrameTotals(bytes: 9, records: 4))
    #expect(sink.heard.withLock { $0 } == ["dropped 2, kept 1", "evicted 4"])
    #expect(destination.evicted == FrameTotals(bytes: 9, records: 4))
  }

  @Test func recordsAreKeptOnlyForWhoWantsThem() {
    #expect(destination(Sink(keepsRecords: true)).keepsDropped)
    #expect(!destination(Sink(keepsRecords: false)).keepsDropped && !destination().keepsDropped)
  }

  @Test func changesAreAddedUp() {
    let destination = destination()
    var changes = FieldChanges()
    changes.renamedFields = 2
    destination.count(changes)
    changes.unflattenedRecords = 1
    destination.count(changes)
    destination.count(FieldChanges())
    #expect(destination.changes.renamedFields == 4 && destination.changes.unflattenedRecords == 1)
  }

  @Test func countsOfManyThreadsAddUp() async {
    let destination = destination()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask {
          for _ in 0..<5000 {
            destination.count(received: 2, filtered: 1)
            destination.count(refused: 3)
            destination.count(DroppedCounts(1, for: .tooOld))
          }
        }
      }
    }
    #expect(destination.receivedRecords == 40_000 && destination.filteredRecords == 20_000)
    #expect(destination.refusedRecords == 60_000 && destination.droppedRecords == 20_000)
  }

  @Test func onFullHasTheWordsOfTheConfiguration() {
    #expect(OnFull.allCases.map(\.rawValue) == ["refuse", "drop_oldest", "drop_newest"])
  }
}
