import FrameQueues
import LogPipeline
import Testing

@testable import LogExport

@Suite struct ExportCountersTests {
  private func counted(_ answers: [Int], isGRPC: Bool) -> [Int] {
    var counts = AttemptCounts()
    for answer in answers { counts.count(isGRPC ? .grpc(answer) : .http(answer)) }
    #expect(counts.total == answers.count)
    return [counts.success, counts.tooMany, counts.clientError, counts.serverError]
  }

  @Test func answersOfHTTPAreCountedByTheirClass() {
    #expect(counted([200, 204, 299], isGRPC: false) == [3, 0, 0, 0])
    #expect(counted([429], isGRPC: false) == [0, 1, 0, 0])
    #expect(counted([400, 404, 428, 430, 499], isGRPC: false) == [0, 0, 5, 0])
    #expect(counted([500, 503, 599, 600, 199, 302, 0, -1, .max, .min], isGRPC: false) == [0, 0, 0, 10])
  }

  @Test func codesOfGRPCAreCountedByTheirStatusOfHTTP() {
    #expect(counted([0], isGRPC: true) == [1, 0, 0, 0])
    #expect(counted([8], isGRPC: true) == [0, 1, 0, 0])
    #expect(counted([1, 3, 5, 6, 7, 9, 10, 11, 16], isGRPC: true) == [0, 0, 9, 0])
    #expect(counted([2, 4, 12, 13, 14, 15, 17, -1, .max], isGRPC: true) == [0, 0, 0, 9])
    // A status of HTTP is no code of gRPC.
    #expect(counted([200], isGRPC: true) == [0, 0, 0, 1])
  }

  @Test func failuresWithoutAnAnswerAreAttemptsToo() {
    var counts = AttemptCounts()
    counts.failed = 2
    counts.count(.local)
    #expect(counts.total == 3)
  }

  @Test func whatIsSettledIsInTheQueueUntilItsLeaseEnds() {
    var counters = ExportCounters()
    counters.settle(delivered: FrameTotals(bytes: 10, records: 2))
    counters.settle(refused: FrameTotals(bytes: 5, records: 1))
    counters.settle(delivered: FrameTotals(bytes: 1, records: 1))
    #expect(counters.delivered == FrameTotals(bytes: 11, records: 3))
    #expect(counters.refused == FrameTotals(bytes: 5, records: 1))
    #expect(counters.settledInQueue == FrameTotals(bytes: 16, records: 4))
  }
}
