import Synchronization
import Testing

@testable import Access

@Suite struct CheckThreadsTests {
  @Test func whatIsTakenIsDone() async throws {
    let threads = CheckThreads(count: 2, maxWaiting: 100, maxWaitingOfOwner: 100)
    let done = Atomic<Int>(0)
    for number in 0..<100 {
      #expect(threads.take(of: "\(number % 3)") { done.add(1, ordering: .relaxed) })
    }
    while done.load(ordering: .relaxed) < 100 { try await Task.sleep(for: .milliseconds(1)) }
  }

  @Test func withoutRoomNothingIsTaken() {
    let threads = CheckThreads(count: 1, maxWaiting: 0, maxWaitingOfOwner: 1)
    #expect(!threads.take(of: "a") { Issue.record("it is done") })
    let other = CheckThreads(count: 1, maxWaiting: 1, maxWaitingOfOwner: 0)
    #expect(!other.take(of: "a") { Issue.record("it is done") })
  }
}
