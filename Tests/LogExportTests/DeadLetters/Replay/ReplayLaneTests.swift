import LogPipeline
import Testing

@testable import LogExport

@Suite struct ReplayLaneTests {
  private static func lane(_ exporter: String = "elasticsearch") throws -> ReplayLane {
    let line =
      "{\"time\":\"2026-06-15T11:00:00Z\",\"exporter\":\"\(exporter)\",\"reason\":\"r\","
      + "\"format\":\"bulk\",\"path\":\"/p\",\"record\":{\"action\":{},\"document\":{}}}"
    let letter = try #require(DeadLetter(line: Array(line.utf8)))
    return ReplayLane(exporter: exporter, dialect: try #require(ReplayDialect(letter)))
  }

  private static func next(_ lane: inout ReplayLane, at now: Duration) throws -> ReplayBatch {
    let batch = lane.next(at: now)
    return try #require(batch)
  }

  private func part(_ letter: Int, bytes: Int = 10) -> ReplayPart {
    ReplayPart(letter: letter, index: 0, bytes: [UInt8](repeating: 0, count: bytes), records: 1)
  }

  private func seconds(_ seconds: Double) -> Duration { .seconds(seconds) }

  @Test func whereAnswersDoNotTellRecordsApartEachGoesByItself() throws {
    var together = try Self.lane()
    var apart = try Self.lane("vl")
    for letter in 0..<3 {
      together.add(part(letter))
      apart.add(part(letter))
    }
    together.flush()
    apart.flush()
    #expect(together.fresh.map(\.parts.count) == [3] && apart.fresh.map(\.parts.count) == [1, 1, 1])
    #expect(together.heldBytes == 30)
  }

  @Test func aBodyIsBoundedUnlessOnePartIsLarger() throws {
    var lane = try Self.lane()
    let half = ReplayLane.batchBytes / 2
    for bytes in [half, half, half, 3 * half, 1] { lane.add(part(0, bytes: bytes)) }
    lane.flush()
    #expect(lane.fresh.map(\.byteCount) == [2 * half, half, 3 * half, 1])
  }

  /// A part by itself is at fault once others are taken, and not before.
  @Test func aPartIsAtFaultOnlyIfOthersAreTaken() throws {
    var lane = try Self.lane()
    for letter in 0..<2 {
      lane.add(part(letter))
      lane.flush()
    }
    var bad = try Self.next(&lane, at: .zero)
    let other = try Self.next(&lane, at: .zero)
    var failures: [ReplayLane.Failure] = []
    for attempt in 1...12 {
      let now = Duration.seconds(attempt * 10)
      if attempt == 12 {
        lane.ended()
        lane.settled(other.parts, isDelivered: true, at: now)
      }
      lane.ended()
      failures.append(lane.failed(bad, isSuspect: true, isLast: false, asked: nil, at: now))
      if failures.last == .repeated { bad = try Self.next(&lane, at: now + .seconds(9)) }
    }
    #expect(failures == [ReplayLane.Failure](repeating: .repeated, count: 11) + [.isAtFault])
  }

  @Test func overloadIsNoFaultOfTheBodyAndPausesTheLane() throws {
    var lane = try Self.lane()
    for letter in 0..<2 {
      lane.add(part(letter))
      lane.flush()
    }
    let first = try Self.next(&lane, at: .zero)
    lane.ended()
    for _ in 0..<20 {
      let failure = lane.failed(first, isSuspect: false, isLast: true, asked: .seconds(3), at: .zero)
      #expect(failure == .repeated)
    }
    let (early, due) = (lane.next(at: seconds(2.9)), lane.next(at: seconds(3)))
    #expect(early == nil && due != nil)
  }

  @Test func aBodyThatKeepsFailingIsHalved() throws {
    var lane = try Self.lane()
    for letter in 0..<4 { lane.add(part(letter)) }
    lane.flush()
    var sizes: [Int] = []
    for step in 0..<20 {
      guard let batch = lane.next(at: seconds(Double(step) * 10)) else { continue }
      sizes.append(batch.parts.count)
      lane.ended()
      _ = lane.failed(batch, isSuspect: true, isLast: false, asked: nil, at: seconds(Double(step) * 10))
    }
    #expect(sizes.prefix(2) == [4, 4] && sizes.last == 1)
  }

  @Test func aLaneThatSettlesNothingIsClosedAndLetsGoOfItsLetters() throws {
    var lane = try Self.lane()
    lane.add(part(0))
    lane.flush()
    lane.closeIfStuck(for: .seconds(5), at: seconds(100))
    #expect(!lane.isClosed)
    let batch = try Self.next(&lane, at: seconds(100))
    lane.closeIfStuck(for: .seconds(5), at: seconds(104))
    #expect(!lane.isClosed)
    lane.closeIfStuck(for: .seconds(5), at: seconds(105))
    #expect(lane.isClosed && !lane.hasWork && lane.heldBytes == 0)
    lane.ended()
    let failure = lane.failed(batch, isSuspect: true, isLast: true, asked: nil, at: seconds(106))
    #expect(failure == .left)
  }
}
