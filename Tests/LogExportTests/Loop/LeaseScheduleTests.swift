import FrameQueues
import LogExport
import Testing

@Suite struct LeaseScheduleTests {
  private static func options() -> ExportLoopOptions {
    var options = ExportLoopOptions()
    options.consumers = 2
    options.minBatchBytes = 100
    options.maxBatchBytes = 1000
    options.flushTimeout = .milliseconds(200)
    return options
  }

  private var schedule = LeaseSchedule(options())

  private func waiting(_ bytes: Int) -> FrameTotals { FrameTotals(bytes: bytes, records: bytes > 0 ? 1 : 0) }

  @Test func waitsForeverWithNothingQueued() {
    var schedule = schedule
    #expect(schedule.decide(waiting: .zero, now: .zero) == .wait(until: nil, wakeBytes: 0))
  }

  @Test func leasesAtOnceAtTheMinimumAndLingersOneByteBelow() {
    var schedule = schedule
    let linger = LeaseSchedule.Decision.wait(until: .milliseconds(1200), wakeBytes: 100)
    #expect(schedule.decide(waiting: waiting(99), now: .seconds(1)) == linger)
    #expect(schedule.decide(waiting: waiting(100), now: .seconds(1)) == .lease(maxBytes: 1000))
  }

  @Test func leasesAtOnceAtTheMinimumOfRecords() {
    var options = Self.options()
    options.minBatchRecords = 5
    var schedule = LeaseSchedule(options)
    let linger = LeaseSchedule.Decision.wait(until: .milliseconds(200), wakeBytes: 100)
    #expect(schedule.decide(waiting: FrameTotals(bytes: 1, records: 4), now: .zero) == linger)
    #expect(schedule.decide(waiting: FrameTotals(bytes: 1, records: 5), now: .zero) == .lease(maxBytes: 1000))
  }

  private let consumersBusy = LeaseSchedule.Decision.wait(until: nil, wakeBytes: .max)

  @Test func asManyLeasesAsConsumersMayBeSuspects() {
    var schedule = schedule
    for _ in 0..<4 { schedule.leaseTaken() }
    #expect(schedule.decide(waiting: waiting(100), now: .zero) == consumersBusy)
    let moves = (0..<3).map { _ in schedule.move(from: .consumer, to: .suspect) }
    #expect(moves == [true, true, false] && schedule.asideLeases == 2 && schedule.asideBytes == 0)
    #expect(schedule.decide(waiting: waiting(100), now: .zero) == consumersBusy)
    schedule.leaseEnded(at: .consumer)
    #expect(schedule.decide(waiting: waiting(100), now: .zero) == .lease(maxBytes: 1000))
    schedule.leaseEnded(at: .suspect)
    let moved = schedule.move(from: .consumer, to: .suspect)
    #expect(moved && schedule.openLeases == 2 && schedule.asideLeases == 2)
  }

  @Test func nothingIsLeasedOnceTooManyBytesAreAside() {
    var options = Self.options()
    options.maxAsideBytes = 1000
    var schedule = LeaseSchedule(options)
    schedule.leaseTaken()
    _ = schedule.move(from: .consumer, to: .aside(bytes: 999))
    #expect(schedule.decide(waiting: waiting(100), now: .zero) == .lease(maxBytes: 1000))
    schedule.leaseTaken()
    _ = schedule.move(from: .consumer, to: .aside(bytes: 1))
    #expect(schedule.asideBytes == 1000 && schedule.decide(waiting: waiting(100), now: .zero) == consumersBusy)
    schedule.leaseEnded(at: .aside(bytes: 1))
    #expect(schedule.decide(waiting: waiting(100), now: .zero) == .lease(maxBytes: 1000))
    _ = schedule.move(from: .aside(bytes: 999), to: .aside(bytes: 10))
    #expect(schedule.asideBytes == 10 && schedule.asideLeases == 1 && schedule.openLeases == 1)
  }

  @Test func theEndWaitsForWhatIsAside() {
    var schedule = schedule
    schedule.leaseTaken()
    _ = schedule.move(from: .consumer, to: .aside(bytes: 5))
    schedule.phase = .stopping(deadline: .seconds(5))
    #expect(schedule.decide(waiting: .zero, now: .zero) == .wait(until: .seconds(5), wakeBytes: 0))
    #expect(schedule.decide(waiting: .zero, now: .seconds(5)) == .abandon)
    schedule.leaseEnded(at: .aside(bytes: 5))
    #expect(schedule.decide(waiting: .zero, now: .zero) == .finish)
  }

  @Test func lingersFromTheOldestAppend() {
    var schedule = schedule
    _ = schedule.decide(waiting: waiting(1), now: .milliseconds(0))
    let linger = LeaseSchedule.Decision.wait(until: .milliseconds(200), wakeBytes: 100)
    #expect(schedule.decide(waiting: waiting(2), now: .milliseconds(199)) == linger)
    #expect(schedule.decide(waiting: waiting(2), now: .milliseconds(200)) == .lease(maxBytes: 1000))
  }

  @Test func lingersAnewAfterALease() {
    var schedule = schedule
    _ = schedule.decide(waiting: waiting(1), now: .zero)
    schedule.leaseTaken()
    let linger = LeaseSchedule.Decision.wait(until: .milliseconds(500), wakeBytes: 100)
    #expect(schedule.decide(waiting: waiting(1), now: .milliseconds(300)) == linger)
  }

  @Test func recordsWithoutBytesAreLeasedToo() {
    var schedule = schedule
    _ = schedule.decide(waiting: FrameTotals(bytes: 0, records: 1), now: .zero)
    let decision = schedule.decide(waiting: FrameTotals(bytes: 0, records: 1), now: .milliseconds(200))
    #expect(decision == .lease(maxBytes: 1000))
  }

  @Test func opensNoMoreLeasesThanConsumers() {
    var schedule = schedule
    schedule.leaseTaken()
    #expect(schedule.decide(waiting: waiting(1000), now: .zero) == .lease(maxBytes: 1000))
    schedule.leaseTaken()
    #expect(schedule.decide(waiting: waiting(1000), now: .zero) == .wait(until: nil, wakeBytes: .max))
    schedule.leaseEnded()
    #expect(schedule.decide(waiting: waiting(1000), now: .zero) == .lease(maxBytes: 1000))
  }

  @Test func aBacklogIsSharedAmongConsumersWhereBodiesAreLongInTheMaking() {
    var options = Self.options()
    options.sharesBacklog = true
    var schedule = LeaseSchedule(options)
    for (bytes, maxBytes) in [(100, 900), (1801, 900), (1802, 901), (1999, 999), (2000, 1000), (1 << 40, 1000)] {
      #expect(schedule.decide(waiting: waiting(bytes), now: .zero) == .lease(maxBytes: maxBytes))
    }
    options.minBatchBytes = 1000
    schedule = LeaseSchedule(options)
    #expect(schedule.decide(waiting: waiting(1000), now: .zero) == .lease(maxBytes: 1000))
  }

  @Test func drainingDoesNotLingerAndFinishesWhenEmpty() {
    var schedule = schedule
    schedule.phase = .draining(deadline: .seconds(10))
    #expect(schedule.decide(waiting: waiting(1), now: .zero) == .lease(maxBytes: 1000))
    schedule.leaseTaken()
    #expect(schedule.decide(waiting: .zero, now: .zero) == .wait(until: .seconds(10), wakeBytes: 0))
    schedule.leaseEnded()
    #expect(schedule.decide(waiting: .zero, now: .zero) == .finish)
  }

  @Test func drainingAbandonsAtItsDeadline() {
    var schedule = schedule
    schedule.leaseTaken()
    schedule.phase = .draining(deadline: .seconds(10))
    #expect(schedule.decide(waiting: waiting(1000), now: .seconds(10)) == .abandon)
    schedule.leaseEnded()
    #expect(schedule.decide(waiting: waiting(1000), now: .seconds(10)) == .finish)
  }

  @Test func stoppingLeasesNothingMoreAndWaitsForWhatIsOpen() {
    var schedule = schedule
    schedule.leaseTaken()
    schedule.phase = .stopping(deadline: .seconds(10))
    #expect(schedule.decide(waiting: waiting(1000), now: .zero) == .wait(until: .seconds(10), wakeBytes: 0))
    #expect(schedule.decide(waiting: waiting(1000), now: .seconds(11)) == .abandon)
    schedule.leaseEnded()
    #expect(schedule.decide(waiting: waiting(1000), now: .zero) == .finish)
  }
}
