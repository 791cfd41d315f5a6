import Testing

@testable import LogExport

@Suite struct BackoffsTests {
  @Test func theFirstDeliveryAfterAnOutageWakesAllThatWait() {
    var backoffs = Backoffs()
    backoffs.failed(at: .seconds(1))
    backoffs.failed(at: .seconds(9))
    for lease in 1...3 as ClosedRange<UInt64> { _ = backoffs.begin(lease, notBefore: .zero) }
    backoffs.end(2)
    #expect(backoffs.delivered(at: .seconds(11), afterOutageOf: .seconds(10)).count == 2)
    #expect(backoffs.delivered(at: .seconds(99), afterOutageOf: .seconds(10)).isEmpty)
  }

  @Test func aLeaseThatFailsWhileOthersPassKeepsWaiting() {
    var backoffs = Backoffs()
    _ = backoffs.begin(1, notBefore: .zero)
    for second in 0..<100 {
      backoffs.failed(at: .seconds(second))
      #expect(backoffs.delivered(at: .seconds(second) + .milliseconds(999), afterOutageOf: .seconds(1)).isEmpty)
    }
  }

  @Test func anOutageIsATimeWithoutDeliveriesInWhichLeasesWait() {
    var backoffs = Backoffs()
    _ = backoffs.begin(1, notBefore: .zero)
    #expect(!backoffs.isOutage(at: .seconds(99), of: .seconds(10)))
    backoffs.failed(at: .seconds(1))
    #expect(!backoffs.isOutage(at: .milliseconds(10_999), of: .seconds(10)))
    #expect(backoffs.isOutage(at: .seconds(11), of: .seconds(10)))
    backoffs.end(1)
    #expect(!backoffs.isOutage(at: .seconds(11), of: .seconds(10)))
  }

  @Test func whoWasAskedToWaitIsNotWokenBefore() {
    var backoffs = Backoffs()
    backoffs.failed(at: .zero)
    _ = backoffs.begin(1, notBefore: .seconds(31))
    _ = backoffs.begin(2, notBefore: .seconds(30))
    #expect(backoffs.delivered(at: .seconds(30), afterOutageOf: .seconds(1)).count == 1)
    #expect(backoffs.signals.count == 2)
  }
}
