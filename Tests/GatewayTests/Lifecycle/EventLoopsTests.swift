import NIOCore
import NIOPosix
import OTLPReceiver
import Synchronization
import Testing

@testable import Gateway

@Suite struct EventLoopsTests {
  @Test func thereIsAThreadForEachCoreThatMayBeUsed() {
    #expect((1...System.coreCount).contains(EventLoops.availableCores))
  }

  @Test func aTurnIsOverOnceEachLoopHadOne() async throws {
    let (requests, exports) = (
      MultiThreadedEventLoopGroup(numberOfThreads: 2), MultiThreadedEventLoopGroup(numberOfThreads: 1)
    )
    let loops = EventLoops(requests: requests, exports: exports, workers: RequestWorkers(cores: 1))
    await loops.turn()
    let gate = Monitor(false)
    let stuck = exports.next().submit { _ = gate.wait(for: .seconds(20)) { $0 ? true : nil } }
    let isOver = Mutex(false)
    let turn = Task {
      await loops.turn()
      isOver.withLock { $0 = true }
    }
    try await Task.sleep(for: .milliseconds(100))
    #expect(!isOver.withLock { $0 })
    gate.change { $0 = true }
    await turn.value
    try await stuck.get()
    await loops.shutDown(within: .seconds(5), after: turn)
  }

  @Test(.timeLimit(.minutes(1))) func whoeverIsCancelledDoesNotWaitForLoopsThatHaveEnded() async throws {
    let groups = (0..<2).map { _ in MultiThreadedEventLoopGroup(numberOfThreads: 1) }
    let loops = EventLoops(requests: groups[0], exports: groups[1], workers: RequestWorkers(cores: 1))
    try await groups[1].shutdownGracefully()
    let turn = Task { await loops.turn() }
    try await Task.sleep(for: .milliseconds(100))
    turn.cancel()
    await turn.value
    await loops.shutDown(within: .seconds(5), after: turn)
  }
}
