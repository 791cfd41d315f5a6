import Testing

@testable import LogPipeline

@Suite struct RateTests {
  private let second: UInt64 = 1_000_000_000

  @Test func aFullBucketLetsItsBurstPassAndThenRefillsEvenly() {
    let rate = Rate(perSecond: 100, burst: .seconds(2))
    let now = 50 * second
    #expect(rate.room(busyUntil: 0, now: now) == 200)
    let after = rate.busyUntil(0, passing: 200, now: now)
    #expect(after == now + 2 * second)
    #expect(rate.room(busyUntil: after, now: now) == 0)
    #expect(rate.room(busyUntil: after, now: now + second / 100) == 1)
    #expect(rate.room(busyUntil: after, now: now + second) == 100)
    #expect(rate.room(busyUntil: after, now: now + 9 * second) == 200)
  }

  @Test func theWaitIsExactlyUntilThereIsRoom() {
    let rate = Rate(perSecond: 10, burst: .seconds(1))
    let now = 7 * second
    let busy = rate.busyUntil(0, passing: 8, now: now)
    #expect(rate.wait(for: 2, busyUntil: busy, now: now) == 0)
    let wait = rate.wait(for: 5, busyUntil: busy, now: now)
    #expect(wait == 300_000_000)
    #expect(rate.wait(for: 5, busyUntil: busy, now: now + wait) == 0)
    #expect(rate.wait(for: 5, busyUntil: busy, now: now + wait - 1) == 1)
  }

  @Test func whatIsLargerThanTheBucketPassesWhenItIsFullAndIsPaidForAfterwards() {
    let rate = Rate(perSecond: 10, burst: .seconds(1))
    #expect(rate.wait(for: 50, busyUntil: 0, now: second) == 0)
    let busy = rate.busyUntil(0, passing: 50, now: second)
    #expect(busy == 6 * second)
    #expect(rate.wait(for: 1, busyUntil: busy, now: 2 * second) == 3_100_000_000)
    #expect(rate.wait(for: 50, busyUntil: busy, now: 5 * second) == second)
  }

  @Test func aFullBucketAlwaysHasRoomForOne() {
    let rate = Rate(perSecond: 1, burst: .milliseconds(1))
    #expect(rate.room(busyUntil: 0, now: 5) == 1)
    #expect(rate.room(busyUntil: 6, now: 5) == 0)
    #expect(rate.wait(for: 1, busyUntil: 0, now: 5) == 0)
  }

  @Test(arguments: [
    (0, Duration.zero), (-5, .seconds(-1)), (.max, .seconds(1 << 40)), (1, Rate.maxBurst),
    (Rate.maxPerSecond, Rate.maxBurst),
  ])
  func nothingOverflows(perSecond: Int, burst: Duration) {
    let rate = Rate(perSecond: perSecond, burst: burst)
    #expect((1...Rate.maxPerSecond).contains(rate.perSecond))
    for time: UInt64 in [0, 1, second, .max] {
      for busy: UInt64 in [0, 1, second, .max] {
        for count in [Int.min, 0, 1, 1 << 33, Int.max] {
          _ = rate.wait(for: count, busyUntil: busy, now: time)
          #expect(rate.busyUntil(busy, passing: count, now: time) >= max(busy, time))
        }
        #expect(rate.room(busyUntil: busy, now: time) >= 0)
      }
    }
  }

  /// Over any time no more than burst + rate × time passes, and as much if it is asked for.
  @Test(arguments: [(3, 1000), (100, 100), (1_000_000, 10)])
  func theAverageIsTheRate(perSecond: Int, burstMilliseconds: Int) {
    let rate = Rate(perSecond: perSecond, burst: .milliseconds(burstMilliseconds))
    var (now, busy, passed) = (second, UInt64(0), 0)
    for _ in 0..<10_000 {
      let room = rate.room(busyUntil: busy, now: now)
      busy = rate.busyUntil(busy, passing: room, now: now)
      passed += room
      now += 1_000_000
    }
    let most = Double(perSecond) * (10 + Double(burstMilliseconds) / 1000)
    #expect(Double(passed) <= most + 1 && Double(passed) >= most * 0.98 - 2)
  }
}
