import Testing

@testable import FrameQueues

@Suite struct LostFramesTests {
  @Test func knowsWhatWasGivenUpInAnyOrder() {
    var random = SplitMix(seed: 3)
    for _ in 0..<100 {
      var lost = LostFrames()
      var expected: Set<UInt64> = []
      for _ in 0..<30 {
        let start = UInt64(random.below(200))
        let frames = start..<(start + UInt64(random.below(6)))
        lost.insert(frames)
        expected.formUnion(frames)
        for number in 0..<UInt64(210) { #expect(lost.touches(number..<(number + 1)) == expected.contains(number)) }
        #expect(zip(lost.ranges, lost.ranges.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound })
      }
      #expect(!lost.touches(5..<5))
    }
  }

  @Test func keepsItsBoundByTakingTheOldestTogether() {
    var lost = LostFrames()
    for number in 1...UInt64(LostFrames.maxRanges) + 1 { lost.insert(number * 10..<number * 10 + 1) }
    #expect(lost.ranges.count == LostFrames.maxRanges && lost.ranges.first == 10..<21)
    #expect(lost.touches(15..<16) && !lost.touches(25..<26))
  }
}
