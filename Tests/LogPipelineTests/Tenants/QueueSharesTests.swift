import Testing

@testable import LogPipeline

@Suite struct QueueSharesTests {
  @Test func whatIsGoneFromTheFrontIsNobodysAnyMore() {
    let shares = QueueShares(capacityBytes: 2560)
    let (a, b) = (TenantAccount(), TenantAccount())
    shares.note(10, of: a, came: 10)
    shares.note(10, of: b, came: 20)
    shares.note(10, of: a, came: 30)
    #expect(shares.bytes(of: a, front: 0) == 20 && a.queuedBytes == 20 && b.queuedBytes == 10)
    #expect(shares.bytes(of: a, front: 10) == 10)
    #expect(shares.bytes(of: b, front: 19) == 10)
    #expect(shares.bytes(of: b, front: 20) == 0 && b.queuedBytes == 0 && a.queuedBytes == 10)
    shares.forget(before: 30)
    #expect(a.queuedBytes == 0 && shares.pieces == 0)
  }

  /// A queue that is full of small appends of many tenants takes no more memory than pieces times tenants.
  @Test func piecesAreBounded() {
    let capacity = 1 << 20
    let shares = QueueShares(capacityBytes: capacity)
    let accounts = (0..<50).map { _ in TenantAccount() }
    var came = 0
    for step in 0..<(10 * capacity / 64) {
      came += 64
      shares.note(64, of: accounts[step % 50], came: came)
      shares.forget(before: came - capacity)
      if step % 10_000 == 0 { #expect(shares.pieces <= 258) }
    }
    let held = accounts.reduce(0) { $0 + $1.queuedBytes }
    #expect(held >= capacity && held <= capacity + capacity / 128)
  }

  @Test func aQueueThatIsGoneHoldsNothingOfAnybody() {
    let account = TenantAccount()
    do {
      let shares = QueueShares(capacityBytes: 1000)
      shares.note(100, of: account, came: 100)
      #expect(account.queuedBytes == 100)
    }
    #expect(account.queuedBytes == 0)
  }

  /// Greedy tenants come to equal shares by weight, and leave some room.
  @Test(arguments: [1, 2, 5, 20])
  func theRoomThatIsLeftBoundsEach(count: Int) {
    let capacity = 1 << 20
    var held = [Int](repeating: 0, count: count)
    let limits = (0..<count).map { TenantLimits(weight: $0 == 0 ? 4 : 1) }
    for _ in 0..<1000 {
      var isAny = true
      while isAny {
        isAny = false
        for tenant in held.indices {
          let free = capacity - held.reduce(0, +)
          guard held[tenant] + 100 <= limits[tenant].share(ofFree: free) else { continue }
          held[tenant] += 100
          isAny = true
        }
      }
      for tenant in held.indices { held[tenant] -= held[tenant] / 50 }
    }
    let free = capacity - held.reduce(0, +)
    #expect(free > 0)
    for tenant in held.indices.dropFirst() {
      #expect(abs(Double(held[0]) / Double(held[tenant]) - 4) < 1, "\(held)")
      #expect(abs(Double(held[1]) / Double(held[tenant]) - 1) < 0.1, "\(held)")
    }
    #expect(TenantLimits(weight: 1000).share(ofFree: .max) == .max)
  }
}
