import LogExport
import Testing

@Suite struct ExportLoopOptionsTests {
  private func delay(_ attempts: Int, asked: Duration? = nil, random: Double = 1) -> Duration {
    RetryOptions().delay(afterAttempts: attempts, asked: asked, random: random)
  }

  @Test func theIntervalGrowsToItsMaximum() {
    #expect(delay(1) == .seconds(1))
    #expect(delay(2) == .milliseconds(1500))
    #expect(delay(3) == .milliseconds(2250))
    #expect(delay(9) < .seconds(30))
    #expect(delay(10) == .seconds(30))
    #expect(delay(.max) == .seconds(30))
  }

  @Test func jitterTakesAShareOfTheInterval() {
    #expect(delay(1, random: 0) == .zero)
    #expect(delay(1, random: 0.25) == .milliseconds(250))
  }

  @Test func whatTheDestinationAsksIsAMinimumUpToItsCap() {
    #expect(delay(1, asked: .seconds(7)) == .seconds(7))
    #expect(delay(10, asked: .seconds(7)) == .seconds(30))
    #expect(delay(1, asked: .seconds(300)) == .seconds(300))
    #expect(delay(1, asked: .seconds(301)) == .seconds(300))
    #expect(delay(1, asked: .seconds(-5), random: 0) == .zero)
  }

  @Test func oddOptionsGiveNoOddWaits() {
    var options = RetryOptions()
    options.multiplier = .infinity
    #expect(options.delay(afterAttempts: 3, asked: nil, random: 1) == .seconds(30))
    options.multiplier = .nan
    #expect(options.delay(afterAttempts: 3, asked: nil, random: 1) <= .seconds(30))
    options.multiplier = 0
    #expect(options.delay(afterAttempts: 3, asked: nil, random: 1) == .seconds(1))
    options.maxInterval = .seconds(-1)
    #expect(options.delay(afterAttempts: 3, asked: nil, random: 1) == .zero)
    options = RetryOptions()
    #expect(options.delay(afterAttempts: 1, asked: nil, random: .nan) >= .zero)
  }

  @Test func givesUpAtMaxElapsedTimeAndNeverWithZero() {
    var options = RetryOptions()
    #expect(!options.isExhausted(after: .seconds(1_000_000)))
    options.maxElapsedTime = .seconds(10)
    #expect(!options.isExhausted(after: .seconds(9)))
    #expect(options.isExhausted(after: .seconds(10)))
    options = RetryOptions()
    options.isEnabled = false
    #expect(options.isExhausted(after: .zero))
  }
}
