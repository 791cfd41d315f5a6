import FrameQueues
import Testing

@testable import LogExport

@Suite struct ExportCountersTests {
  @Test func whatIsSettledIsInTheQueueUntilItsLeaseEnds() {
    var counters = ExportCounters()
    counters.settle(delivered: FrameTotals(bytes: 10, records: 2))
    counters.settle(rejected: FrameTotals(bytes: 5, records: 1))
    counters.settle(delivered: FrameTotals(bytes: 1, records: 1))
    #expect(counters.delivered == FrameTotals(bytes: 11, records: 3))
    #expect(counters.rejected == FrameTotals(bytes: 5, records: 1))
    #expect(counters.settledInQueue == FrameTotals(bytes: 16, records: 4))
  }
}
