import Testing

@testable import FrameQueues

@Suite struct PacingTests {
  private let now = Duration.seconds(100)
  private var keepingUp: Pacing {
    var pacing = Pacing(freeBytes: 1000)
    pacing.delivered(at: now)
    return pacing
  }

  @Test func whatSendingNeedsIsLeftAlone() {
    #expect(keepingUp.pause(waitingBytes: 1000, now: now) == .zero)
    #expect(keepingUp.pause(waitingBytes: 1001, now: now) > .zero)
  }

  @Test func thePauseGrowsWithTheBacklogUpToALimit() {
    #expect(keepingUp.pause(waitingBytes: 2000, now: now) == .milliseconds(20))
    #expect(keepingUp.pause(waitingBytes: 6000, now: now) == .milliseconds(100))
    #expect(keepingUp.pause(waitingBytes: 13_500, now: now) == .milliseconds(250))
    #expect(keepingUp.pause(waitingBytes: .max, now: now) == .milliseconds(250))
  }

  @Test func nobodyIsHeldUpWhileNothingIsDelivered() {
    #expect(Pacing(freeBytes: 1000).pause(waitingBytes: .max, now: now) == .zero)
    #expect(keepingUp.pause(waitingBytes: 2000, now: now + .milliseconds(1999)) > .zero)
    #expect(keepingUp.pause(waitingBytes: 2000, now: now + .seconds(2)) == .zero)
  }
}
