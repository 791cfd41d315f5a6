import FrameQueues
import LogPipeline
import Synchronization
import Testing

@testable import LogExport

@Suite struct AttemptTests {
  /// Keeps with what it was called.
  private final class Noting: Sender {
    let calls = Mutex<[(bytes: [UInt8], route: DialectRoute, timeout: Duration)]>([])

    func send(_ body: ExportBody, along route: DialectRoute, timeout: Duration) async -> SendResult {
      calls.withLock { $0.append((body.bytes, route, timeout)) }
      return .status(418, "tea")
    }

    func close() async {}
  }

  @Test func itSendsTheBodyOnceAndReturnsWhatCameBack() async throws {
    let queue = MemoryQueue()
    queue.append(lines: [1, 2])
    let sender = Noting()
    let route = DialectRoute.http(path: "/lines", headers: [])
    let attempt = await Attempt.send(
      ExportBody(try #require(queue.lease(maxBytes: .max))), by: sender, along: route, within: .seconds(3))
    let calls = sender.calls.withLock { $0 }
    #expect(calls.map(\.bytes) == [lines([1, 2])] && calls.map(\.route) == [route])
    #expect(calls.map(\.timeout) == [.seconds(3)])
    #expect(attempt.body.records == 2 && attempt.result.answer?.status == .http(418))
    #expect(attempt.result.answer?.body == Array("tea".utf8))
  }

  private func outcomes(_ statuses: [Int], _ status: (Int) -> Answer.Status) -> Set<AttemptOutcome> {
    Set(statuses.map { AttemptOutcome(.answered(Answer(status($0)), wireBytes: 1)) })
  }

  @Test func answersOfHTTPHaveTheirClass() {
    #expect(outcomes([200, 204, 299]) { .http($0) } == [.success])
    #expect(outcomes([429]) { .http($0) } == [.tooMany])
    #expect(outcomes([400, 404, 428, 430, 499]) { .http($0) } == [.clientError])
    #expect(outcomes([500, 503, 599, 600, 199, 302, 0, -1, .max, .min]) { .http($0) } == [.serverError])
  }

  @Test func codesOfGRPCHaveTheClassOfTheirStatusOfHTTP() {
    #expect(outcomes([0]) { .grpc($0) } == [.success])
    #expect(outcomes([8]) { .grpc($0) } == [.tooMany])
    #expect(outcomes([1, 3, 5, 6, 7, 9, 10, 11, 16]) { .grpc($0) } == [.clientError])
    #expect(outcomes([2, 4, 12, 13, 14, 15, 17, -1, .max]) { .grpc($0) } == [.serverError])
    // A status of HTTP is no code of gRPC.
    #expect(outcomes([200]) { .grpc($0) } == [.serverError])
  }

  @Test func failuresWithoutAnAnswerHaveTheirOwn() {
    for retryable in [true, false] { #expect(AttemptOutcome(.failed(reason: "", retryable: retryable)) == .noAnswer) }
    #expect(AttemptOutcome(.answered(Answer(.local), wireBytes: 1)) == .success)
  }
}
