import Testing

@testable import Access

@Suite struct FairQueueTests {
  @Test func ownersTakeTurns() {
    var queue = FairQueue<Int>()
    for element in 1...3 { queue.append(element, of: "a") }
    queue.append(10, of: "b")
    #expect(queue.popFirst() == 1)
    queue.append(20, of: "c")
    queue.append(11, of: "b")
    #expect((0..<5).map { _ in queue.popFirst() } == [10, 2, 20, 11, 3])
    #expect(queue.isEmpty && queue.popFirst() == nil)
    queue.append(4, of: "a")
    #expect(!queue.isEmpty && queue.popFirst() == 4)
  }
}
