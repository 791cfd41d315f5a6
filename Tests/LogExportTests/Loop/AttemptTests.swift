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
}
