import HTTPTransport
import Testing

@Suite struct ByteBudgetTests {
  @Test func takesUpToItsCapacityAndNotOneByteMore() {
    let budget = ByteBudget(capacityBytes: 10)
    #expect(budget.reserve(10))
    #expect(!budget.reserve(1))
    #expect(budget.reserve(0))
    #expect(budget.usedBytes == 10)
  }

  @Test func refusesWhatWouldOverflow() {
    let budget = ByteBudget(capacityBytes: .max)
    #expect(budget.reserve(.max - 1))
    #expect(!budget.reserve(.max))
    #expect(!budget.reserve(-1))
    #expect(budget.usedBytes == .max - 1)
  }

  @Test func neverGoesBelowZero() {
    let budget = ByteBudget(capacityBytes: 10)
    _ = budget.reserve(3)
    budget.release(7)
    #expect(budget.usedBytes == 0)
    budget.release(-5)
    #expect(budget.usedBytes == 0)
  }

  @Test func staysWithinCapacityWhenThreadsCompete() async {
    let budget = ByteBudget(capacityBytes: 100)
    let excesses = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<8 {
        group.addTask {
          var excesses = 0
          for size in 0..<2000 where budget.reserve(size % 60) {
            if budget.usedBytes > 100 { excesses += 1 }
            budget.release(size % 60)
          }
          return excesses
        }
      }
      return await group.reduce(0, +)
    }
    #expect(excesses == 0)
    #expect(budget.usedBytes == 0)
  }
}
