import Synchronization
import Testing

@testable import OTLPReceiver

@Suite struct CoreLoadTests {
  @Test func whatTheProcessUsesOfItsCoresIsToldAnewEachTenthOfASecond() {
    let used = Mutex<UInt64>(0)
    let load = CoreLoad(cores: 2) { used.withLock { $0 } }
    #expect(load.value(now: 1_000_000_000) == 0)
    used.withLock { $0 = 150_000_000 }
    #expect(load.value(now: 1_099_999_999) == 0)
    #expect(load.value(now: 1_100_000_000) == 0.75)
    #expect(load.value(now: 1_150_000_000) == 0.75)
    #expect(load.value(now: 2_000_000_000) == 0)
    used.withLock { $0 = 1 << 62 }
    #expect(load.value(now: 3_000_000_000) == 1)
  }

  @Test func aBusyThreadIsSeen() {
    let load = CoreLoad(cores: 1)
    _ = load.value(now: 0)
    var sum = 0
    for step in 0..<2_000_000 { sum &+= step &* sum ^ step }
    #expect(load.value(now: 100_000_001) > 0 || sum == 1)
  }
}
