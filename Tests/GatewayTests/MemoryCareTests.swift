import Synchronization
import Testing

@testable import Gateway

@Suite struct MemoryCareTests {
  @Test func trimsAgainAndAgainUntilItIsCancelled() async throws {
    let trims = Atomic(0)
    let care = Task { await MemoryCare(interval: .milliseconds(1)) { trims.add(1, ordering: .relaxed) }.run() }
    #expect(try await eventually { trims.load(ordering: .relaxed) >= 3 })
    care.cancel()
    await care.value
  }
}
