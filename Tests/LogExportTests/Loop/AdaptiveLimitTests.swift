import LogExport
import Testing

@Suite struct AdaptiveLimitTests {
  /// Ends one attempt after another, each begun when the one before ended.
  private struct Clocked {
    var limit: AdaptiveLimit
    var now = Duration.zero

    mutating func end(
      _ ending: AdaptiveLimit.Ending, times: Int = 1, after latency: Duration = .milliseconds(100), bytes: Int = 1000
    ) {
      for _ in 0..<times {
        limit.take(.init(ending, bytes: bytes, began: now), at: now + latency)
        now += latency
      }
    }
  }

  @Test func startsAtTheMostAndIsHalvedDownToOne() {
    var clocked = Clocked(limit: AdaptiveLimit(most: 8))
    var limits = [clocked.limit.current]
    for _ in 0..<5 {
      clocked.end(.overloaded)
      limits.append(clocked.limit.current)
    }
    #expect(limits == [8, 4, 2, 1, 1, 1])
  }

  @Test func growsByOneForARoundOfAnswersUpToTheMost() {
    var clocked = Clocked(limit: AdaptiveLimit(most: 3))
    clocked.end(.overloaded, times: 3)
    clocked.end(.answered)
    #expect(clocked.limit.current == 2)
    clocked.end(.answered)
    #expect(clocked.limit.current == 2)
    clocked.end(.answered, times: 2)
    #expect(clocked.limit.current == 3)
    clocked.end(.answered, times: 100)
    #expect(clocked.limit.current == 3)
  }

  @Test func attemptsOfOneBurstLowerItOnce() {
    var limit = AdaptiveLimit(most: 16)
    for _ in 0..<16 { limit.take(.init(.overloaded, bytes: 1, began: .seconds(1)), at: .seconds(2)) }
    #expect(limit.current == 8)
    limit.take(.init(.overloaded, bytes: 1, began: .seconds(2)), at: .seconds(3))
    #expect(limit.current == 4)
  }

  @Test func aRoundOfSlowAnswersLowersItAndASingleOneDoesNot() {
    var clocked = Clocked(limit: AdaptiveLimit(most: 4))
    clocked.end(.answered, times: 10)
    clocked.end(.answered, times: 3, after: .milliseconds(201))
    #expect(clocked.limit.current == 4)
    clocked.end(.answered)
    clocked.end(.answered, times: 3, after: .milliseconds(201))
    #expect(clocked.limit.current == 4)
    clocked.end(.answered, after: .milliseconds(201))
    #expect(clocked.limit.current == 2)
  }

  @Test func twiceTheBestIsNotSlowYet() {
    var clocked = Clocked(limit: AdaptiveLimit(most: 4))
    clocked.end(.answered)
    clocked.end(.answered, times: 50, after: .milliseconds(200))
    #expect(clocked.limit.current == 4)
  }

  @Test func smallDifferencesAreNoise() {
    var clocked = Clocked(limit: AdaptiveLimit(most: 4))
    clocked.end(.answered, after: .milliseconds(1))
    clocked.end(.answered, times: 50, after: .milliseconds(51))
    #expect(clocked.limit.current == 4)
  }

  @Test func largerBodiesMayTakeLonger() {
    var clocked = Clocked(limit: AdaptiveLimit(most: 4))
    clocked.end(.answered, times: 10, bytes: 1000)
    clocked.end(.answered, times: 50, after: .seconds(2), bytes: 5_000_000)
    #expect(clocked.limit.current == 4)
  }

  @Test func theBestIsForgottenAfterTwoMinutes() {
    var clocked = Clocked(limit: AdaptiveLimit(most: 4))
    clocked.end(.answered)
    clocked.now += .seconds(121)
    clocked.end(.answered, after: .milliseconds(300))
    clocked.now += .seconds(61)
    clocked.end(.answered, times: 50, after: .milliseconds(300))
    #expect(clocked.limit.current == 4)
  }

  @Test func otherAnswersAndADisabledLimitChangeNothing() {
    var clocked = Clocked(limit: AdaptiveLimit(most: 4))
    clocked.end(.other, times: 10)
    #expect(clocked.limit.current == 4)
    var fixed = Clocked(limit: AdaptiveLimit(most: 4, isEnabled: false))
    fixed.end(.overloaded, times: 10)
    #expect(fixed.limit.current == 4)
  }

  @Test(arguments: [Int.min, -1, 0, 1]) func thereIsAlwaysRoomForOne(most: Int) {
    var clocked = Clocked(limit: AdaptiveLimit(most: most))
    clocked.end(.overloaded)
    clocked.end(.answered, bytes: .max)
    clocked.end(.answered, bytes: .min)
    #expect(clocked.limit.current == 1)
  }

  /// A destination that takes `capacity` bodies at once and rejects more.
  @Test func settlesAroundWhatTheDestinationCanTake() {
    let capacity = 6
    var limit = AdaptiveLimit(most: 64)
    var total = 0
    for round in 0..<200 {
      let sent = limit.current
      let began = Duration.seconds(round)
      for index in 0..<sent {
        let ending: AdaptiveLimit.Ending = index < capacity ? .answered : .overloaded
        limit.take(.init(ending, bytes: 1, began: began), at: began + .milliseconds(100))
      }
      if round >= 100 { total += sent }
    }
    #expect((300...700).contains(total), "\(total) in 100 rounds")
  }
}
