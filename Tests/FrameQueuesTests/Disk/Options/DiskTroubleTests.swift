import Glibc
import Testing

@testable import FrameQueues

@Suite struct DiskTroubleTests {
  private let error = FileError("allocate", ENOSPC)
  private var failed: DiskQueueEvent { .failed(error) }

  @Test func whatFailsByTurnsIsSaidOnceAMinuteAndItsEndOnceItHasHeld() {
    var trouble = DiskTrouble()
    var said: [(Int, DiskQueueEvent)] = []
    for second in 0..<150 {
      if second % 2 == 0, second < 130 { trouble.note(error, .writing) }
      if let event = trouble.news(at: .seconds(second), isOver: true) { said.append((second, event)) }
    }
    #expect(said.map(\.0) == [0, 60, 120, 133] && said.map(\.1) == [failed, failed, failed, .recovered])
    #expect(trouble.due == nil)
  }

  @Test func whatGoesOnFailingIsSaidEachMinute() {
    var trouble = DiskTrouble()
    #expect(trouble.news(at: .zero, isOver: true) == nil && trouble.due == nil)
    trouble.note(error, .writing)
    let said = (0..<125).filter { trouble.news(at: .seconds($0), isOver: false) == failed }
    #expect(said == [0, 60, 120] && trouble.due == .seconds(129))
    #expect(trouble.news(at: .seconds(128), isOver: true) == nil)
    #expect(trouble.news(at: .seconds(129), isOver: true) == .recovered)
  }

  @Test func thatItCannotBeReadIsSaidBesideThatItCannotBeWritten() {
    let readError = FileError("read", EIO)
    let unreadable = DiskQueueEvent.unreadable(readError)
    var trouble = DiskTrouble()
    trouble.note(error, .writing)
    #expect(trouble.news(at: .seconds(1), isOver: false) == failed)
    trouble.note(readError, .reading)
    trouble.note(error, .writing)
    #expect(trouble.news(at: .seconds(2), isOver: false) == unreadable)
    #expect(trouble.news(at: .seconds(3), isOver: false) == nil)
    trouble.note(readError, .reading)
    #expect(trouble.news(at: .seconds(61), isOver: false) == nil)
    #expect(trouble.news(at: .seconds(63), isOver: false) == unreadable)
  }

  /// Something fits on a full disk each second, and then something does not.
  @Test func aFullDiskDoesNotFlapInTheLog() throws {
    let rig = try DiskRig()
    for _ in 0..<25 {
      rig.disk.fail("write", ENOSPC, on: ".frames")
      #expect(throws: QueueRefusal.self) { try rig.queue.append([1]) }
      rig.disk.repair()
      for _ in 0..<3 { rig.commit(after: .milliseconds(500)) }
      #expect(rig.queue.fault == nil)
    }
    #expect(rig.events.count == 1 && rig.queue.counters.failures == 25)
    for _ in 0..<8 { rig.commit(after: .seconds(1)) }
    #expect(rig.events.count == 2 && rig.events.last == .recovered)
  }
}
