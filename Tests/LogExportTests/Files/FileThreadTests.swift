import Glibc
import Synchronization
import Testing

@testable import LogExport

@Suite struct FileThreadTests {
  private struct Failure: Error {}

  @Test func runsOneAfterTheOtherAndHandsResultsOver() async throws {
    let thread = FileThread()
    let order = Mutex<[Int]>([])
    for number in 0..<10 {
      #expect(
        try await thread.run {
          order.withLock {
            $0.append(number); return $0.count
          }
        } == number + 1)
    }
    await #expect(throws: Failure.self) { try await thread.run { throw Failure() } }
    await thread.stop { order.withLock { $0.append(10) } }
    #expect(order.withLock { $0 } == Array(0...10))
    await #expect(throws: CancellationError.self) { try await thread.run { 1 } }
  }

  @Test func aTaskThatIsCancelledLeavesAThreadThatIsStuck() async throws {
    let thread = FileThread()
    let hasRun = Atomic(0)
    let began = ContinuousClock.now
    let stuck = Task { try await thread.run { sleep(3) } }
    try await Task.sleep(for: .milliseconds(50))
    let behind = Task { try await thread.run { hasRun.add(1, ordering: .relaxed) } }
    try await Task.sleep(for: .milliseconds(50))
    stuck.cancel()
    behind.cancel()
    await #expect(throws: CancellationError.self) { _ = try await stuck.value }
    await #expect(throws: CancellationError.self) { _ = try await behind.value }
    await thread.stop(within: .milliseconds(100)) {}
    #expect(.now - began < .seconds(2) && hasRun.load(ordering: .relaxed) == 0)
  }
}
