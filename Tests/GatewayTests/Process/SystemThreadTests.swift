import Foundation
import Synchronization
import Testing

@testable import Gateway

@Suite struct SystemThreadTests {
  @Test func aResultThatDoesNotComeIsNotWaitedFor() {
    #expect(SystemThread.result(within: .seconds(10)) { 7 } == 7)
    let began = ContinuousClock.now
    #expect(
      SystemThread.result(within: .milliseconds(50)) {
        sleep(3)
        return 7
      } == nil)
    #expect(.now - began < .seconds(2))
  }

  @Test func aMonitorHandsOverBetweenThreads() {
    let monitor = Monitor(0)
    #expect(monitor.wait(for: .milliseconds(10)) { $0 == 1 ? true : nil } == nil)
    SystemThread.start {
      for _ in 0..<1000 { monitor.change { $0 += 1 } }
    }
    #expect(monitor.wait(for: .seconds(10)) { $0 == 1000 ? $0 : nil } == 1000)
  }
}
