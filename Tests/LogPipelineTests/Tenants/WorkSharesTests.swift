import Testing

@testable import LogPipeline

@Suite struct WorkSharesTests {
  /// What each of several tenants gets of a busy gateway that does `capacity` bytes in a tick, when each asks for
  /// `demands` bytes a tick in requests of 64 KiB.
  private func shares(
    of demands: [Int], weights: [Int]? = nil, capacity: Int = 64 << 20, ticks: Int = 200
  ) -> [Double] {
    let request = 64 << 10
    let weights = weights ?? demands.map { _ in 1 }
    var shares = WorkShares()
    var parts = demands.map { _ in WorkShares.Part() }
    var done = demands.map { _ in 0 }
    var seed = SplitMix64(seed: 7)
    for tick in 0..<ticks {
      var asked = demands.indices.flatMap { Array(repeating: $0, count: demands[$0] / request) }
      asked.shuffle(using: &seed)
      var left = capacity
      // It is busy as long as there is more to do than can be done.
      for tenant in asked where left >= request {
        let now = UInt64(tick) * 100_000_000
        shares.ask(&parts[tenant], weight: weights[tenant], now: now)
        if shares.isAhead(parts[tenant]) { continue }
        shares.charge(request, to: &parts[tenant], isBusy: true)
        done[tenant] += request
        left -= request
      }
    }
    let total = Double(done.reduce(0, +))
    return done.map { Double($0) / total }
  }

  @Test(arguments: [2, 3, 10, 50])
  func oneThatAsksForTwentyTimesAsMuchGetsNoMoreThanTheOthers(count: Int) {
    let even = (64 << 20) / count
    let shares = shares(of: [20 * even] + Array(repeating: even, count: count - 1))
    let fair = 1 / Double(count)
    #expect(shares.allSatisfy { $0 > 0.8 * fair && $0 < 1.3 * fair }, "\(shares)")
  }

  @Test func whoAsksForLittleGetsAllOfIt() {
    let little = 1 << 20
    let shares = shares(of: [200 << 20, 200 << 20, little])
    let total = shares[0] + shares[1]
    #expect(abs(shares[0] / total - 0.5) < 0.05)
    let got = shares[2] / total
    #expect(got > 0.9 * Double(little) / Double(64 << 20), "\(shares)")
  }

  @Test func sharesGoByWeights() {
    let shares = shares(of: [100 << 20, 100 << 20, 100 << 20], weights: [4, 2, 1])
    #expect(abs(shares[0] - 4 / 7) < 0.05 && abs(shares[1] - 2 / 7) < 0.05 && abs(shares[2] - 1 / 7) < 0.05)
  }

  /// What a tenant had while there was room costs it no more than a little of what it would get afterwards.
  @Test func idleTimeIsNotHeldAgainstATenant() {
    var shares = WorkShares()
    var (noisy, quiet) = (WorkShares.Part(), WorkShares.Part())
    shares.ask(&noisy, weight: 1, now: 0)
    shares.ask(&quiet, weight: 1, now: 0)
    shares.charge(10 << 30, to: &noisy, isBusy: false)
    #expect(shares.isAhead(noisy) && !shares.isAhead(quiet))
    #expect(shares.bytesAhead(noisy) <= 2 << 20)
    var others = 0
    while shares.isAhead(noisy) {
      shares.charge(64 << 10, to: &quiet, isBusy: true)
      others += 64 << 10
    }
    #expect(others <= 4 << 20)
    shares.charge(64 << 10, to: &noisy, isBusy: true)
  }

  @Test func whoIsAloneIsNeverAhead() {
    var shares = WorkShares()
    var part = WorkShares.Part()
    for step in 0..<1000 {
      shares.ask(&part, weight: 3, now: UInt64(step) * 10_000_000)
      #expect(!shares.isAhead(part))
      shares.charge(1 << 20, to: &part, isBusy: true)
    }
  }

  @Test func whoAsksNoMoreComesToBeIdle() {
    var shares = WorkShares()
    var (one, other) = (WorkShares.Part(), WorkShares.Part())
    shares.ask(&one, weight: 1, now: 0)
    shares.charge(1000, to: &one, isBusy: true)
    #expect(!shares.isIdle(one, now: 0))
    shares.ask(&other, weight: 1, now: 3_000_000_000)
    shares.charge(1000, to: &other, isBusy: true)
    #expect(shares.isIdle(one, now: 3_000_000_000) && !shares.isIdle(other, now: 3_000_000_000))
  }

  /// One sender asks under a hundred names, a new one each time; ten others under one each.
  @Test func namesWithinASenderPartItsShare() {
    var shares = WorkShares()
    var (sender, others) = (WorkShares.Part(), (0..<10).map { _ in WorkShares.Part() })
    var names = (0..<100).map { _ in WorkShares.Part() }
    var (got, gotByOthers) = (0, 0)
    for turn in 0..<100_000 {
      let now = UInt64(turn) * 100_000
      if turn % 2 == 0 {
        let name = turn / 2 % 100
        shares.ask(&names[name], within: &sender, now: now)
        if shares.isAhead(sender) || shares.isAhead(names[name]) { continue }
        shares.charge(64 << 10, to: &names[name], within: &sender, isBusy: true)
        got += 1
      } else {
        shares.ask(&others[turn / 2 % 10], weight: 1, now: now)
        if shares.isAhead(others[turn / 2 % 10]) { continue }
        shares.charge(64 << 10, to: &others[turn / 2 % 10], isBusy: true)
        gotByOthers += 1
      }
    }
    #expect(sender.hasSeveralNames && !others[0].hasSeveralNames)
    let share = Double(got) / Double(got + gotByOthers)
    #expect(share > 0.08 && share < 0.11, "\(share)")
  }

  /// Within a sender the names are fair to each other.
  @Test func aNameThatAsksForMuchLeavesTheOthersTheirs() {
    var shares = WorkShares()
    var (sender, noisy, quiet) = (WorkShares.Part(), WorkShares.Part(), WorkShares.Part())
    for turn in 0..<100 {
      for _ in 0..<10 {
        shares.ask(&noisy, within: &sender, now: UInt64(turn))
        if !shares.isAhead(noisy) { shares.charge(1 << 20, to: &noisy, within: &sender, isBusy: true) }
      }
      shares.ask(&quiet, within: &sender, now: UInt64(turn))
      #expect(!shares.isAhead(quiet) && !shares.isAhead(sender))
      shares.charge(1 << 10, to: &quiet, within: &sender, isBusy: true)
    }
    #expect(shares.isAhead(noisy))
  }
}
