import LogExport
import Testing

@Suite struct EndpointRingTests {
  @Test func goesInTurn() {
    var ring = EndpointRing(count: 3)
    #expect((0..<6).map { _ in ring.next(at: .zero) } == [0, 1, 2, 0, 1, 2])
  }

  @Test func leavesOutWhatWasTriedUntilNoneIsLeft() {
    var ring = EndpointRing(count: 2)
    #expect(ring.next(at: .zero, except: [0]) == 1)
    #expect(ring.next(at: .zero, except: [0, 1]) == nil)
  }

  @Test func restsAnEndpointThatFailedForGrowingPauses() {
    var ring = EndpointRing(count: 2, firstPause: .seconds(1), longestPause: .seconds(4))
    for (failures, pause) in [(1, 1), (2, 2), (3, 4), (4, 4)] {
      let now = Duration.seconds(failures * 100)
      ring.failed(0, at: now)
      #expect((0..<4).map { _ in ring.next(at: now + .seconds(pause) - .milliseconds(1)) } == [1, 1, 1, 1])
      #expect(ring.next(at: now + .seconds(pause), except: [1]) == 0)
    }
  }

  @Test func oneRequestProbesWhileOthersGoElsewhere() {
    var ring = EndpointRing(count: 2)
    ring.failed(0, at: .zero)
    let choices = (0..<4).map { _ in ring.next(at: .seconds(2)) }
    #expect(choices.count { $0 == 0 } == 1)
  }

  @Test func successEndsTheRest() {
    var ring = EndpointRing(count: 2)
    ring.failed(0, at: .zero)
    #expect(ring.resting(at: .zero) == 1)
    ring.succeeded(0)
    #expect(ring.resting(at: .zero) == 0)
    #expect((0..<2).map { _ in ring.next(at: .zero) } == [0, 1])
  }

  @Test func ifAllRestTheOneThatRestsShortestIsTried() {
    var ring = EndpointRing(count: 2)
    ring.failed(1, at: .zero)
    ring.failed(0, at: .milliseconds(500))
    #expect(ring.next(at: .milliseconds(600)) == 1)
  }

  @Test func aSingleEndpointIsAlwaysTried() {
    var ring = EndpointRing(count: 1)
    for _ in 0..<100 {
      ring.failed(0, at: .zero)
      #expect(ring.next(at: .zero) == 0)
    }
  }
}
