import Testing

@testable import FrameQueues

@Suite struct SpareSegmentsTests {
  @Test(arguments: [16, 3 << 20]) func memoryGoesRound(bytes: Int) {
    let spares = SpareSegments(segmentBytes: bytes)
    let first = spares.take()
    spares.give(first)
    #expect(spares.keptBytes == bytes)
    let second = spares.take()
    #expect(second.base == first.base && spares.keptBytes == 0)
    spares.give(second)
  }

  @Test func memoryThatTheSystemDoesNotMapComesFromTheLibraryAndGoesBackThere() {
    let mapped = SegmentMemory(1 << 20)
    let allocated = SegmentMemory(1 << 20, mapping: { _ in nil })
    let small = SegmentMemory((1 << 20) - 1)
    #expect(mapped.isMapped && !allocated.isMapped && !small.isMapped)
    for memory in [mapped, allocated, small] { memory.giveBack() }
  }

  @Test func countsWhatIsInUse() {
    let spares = SpareSegments(segmentBytes: 16, most: 1)
    let taken = (0..<3).map { _ in spares.take() }
    #expect(spares.usedBytes == 48)
    for (index, memory) in taken.enumerated() {
      spares.give(memory)
      #expect(spares.usedBytes == 32 - 16 * index)
    }
  }

  @Test func keepsSoManyAndNoMore() {
    let spares = SpareSegments(segmentBytes: 16, most: 2)
    let taken = (0..<3).map { _ in spares.take() }
    for (index, memory) in taken.enumerated() {
      spares.give(memory)
      #expect(spares.keptBytes == min(index + 1, 2) * 16)
    }
  }

  @Test func whatNobodyAskedForSinceTheLastTrimIsGivenBack() {
    let spares = SpareSegments(segmentBytes: 2 << 20)
    let taken = (0..<3).map { _ in spares.take() }
    for memory in taken { spares.give(memory) }
    spares.trim()
    #expect(spares.keptBytes == 6 << 20)
    spares.give(spares.take())
    spares.trim()
    #expect(spares.keptBytes == 2 << 20)
    spares.trim()
    #expect(spares.keptBytes == 0)
  }

  @Test func aSegmentGivesItsMemoryToThoseThatFollow() throws {
    let spares = SpareSegments(segmentBytes: 8)
    do {
      let segment = FrameSegment(from: spares)
      #expect(segment.capacity == 8 && segment.free == 8)
      #expect([UInt8](repeating: 1, count: 8).withUnsafeBytes { segment.append($0) } == 0..<8)
    }
    #expect(spares.keptBytes == 8)
    #expect(FrameSegment(from: spares).free == 8)
  }
}
