import HTTPTransport
import Synchronization
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

  /// An account of so many bytes, by hand.
  final class Account: ByteAccount {
    let bytes = Mutex(0)
    let limitBytes: Int

    init(limitBytes: Int) { self.limitBytes = limitBytes }

    var roomBytes: Int { limitBytes - bytes.withLock { $0 } }

    func reserve(_ more: Int) -> Bool {
      bytes.withLock { bytes in
        guard bytes + more <= limitBytes else { return false }
        bytes += more
        return true
      }
    }

    func release(_ less: Int) { bytes.withLock { $0 -= less } }
  }

  @Test func whatIsTakenForAnAccountCountsInBoth() {
    let whole = ByteBudget(capacityBytes: 10)
    let account = Account(limitBytes: 6)
    let part = ByteBudget(from: whole, for: account)
    #expect(part.capacityBytes == 6 && part.reserve(6) && !part.reserve(1) && !part.reserve(-1))
    #expect(whole.usedBytes == 6 && part.usedBytes == 6 && account.bytes.withLock { $0 } == 6)
    #expect(whole.reserve(4))
    #expect(part.take(1) == .ofAccount && part.roomOfAccount == 0 && whole.roomOfAccount == nil)
    part.release(2)
    #expect(whole.usedBytes == 8 && account.bytes.withLock { $0 } == 4)
    #expect(whole.reserve(1))
    // All of it is used, so that nothing is counted to the account either.
    #expect(part.take(2) == .ofAll && account.bytes.withLock { $0 } == 4)
    part.release(4)
    #expect(whole.usedBytes == 5 && account.bytes.withLock { $0 } == 0)
    #expect(ByteBudget(from: whole, for: Account(limitBytes: 99)).capacityBytes == 10)
  }
}
