import Testing

@testable import FrameQueues

@Suite struct AcknowledgedFramesTests {
  @Test func theLowestRangesStayIfThereAreTooMany() {
    var frames = AcknowledgedFrames(low: 3)
    for start in [5, 10, 20] as [UInt64] { frames.insert(start..<start + 2) }
    #expect(frames.limited(toRanges: 3) == frames)
    #expect(frames.limited(toRanges: 2).ranges == [5..<7, 10..<12] && frames.limited(toRanges: 0).ranges.isEmpty)
  }

  @Test func behavesLikeASetOfNumbers() {
    var random = SplitMix(seed: 11)
    for run in 0..<2000 {
      let low = UInt64(random.below(5))
      var frames = AcknowledgedFrames(low: low)
      var model = Set((0..<60).filter { $0 < low })
      for _ in 0..<random.below(12) {
        let start = UInt64(random.below(40))
        let range = start..<(start + UInt64(random.below(9)))
        frames.insert(range)
        if !range.isEmpty { model.formUnion(range) }
        #expect((0..<60).allSatisfy { frames.contains($0) == model.contains($0) }, "run \(run)")
        #expect(frames.low == (0..<60).first { !model.contains($0) })
        #expect(frames.end == (model.max().map { max($0 + 1, frames.low) } ?? frames.low))
        let asked = start..<(start + UInt64(random.below(12)))
        #expect(frames.covers(asked) == asked.allSatisfy(model.contains))
        #expect(frames.touches(asked) == asked.contains(where: model.contains))
        #expect(frames.countMissing(in: asked) == UInt64(asked.filter { !model.contains($0) }.count))
        let apart = zip(frames.ranges, frames.ranges.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound }
        #expect(apart && frames.ranges.allSatisfy { $0.lowerBound > frames.low && !$0.isEmpty })
      }
    }
  }
}
