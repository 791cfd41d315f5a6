import Testing

@testable import FrameQueues

@Suite struct SpareSegmentsTests {
  @Test(arguments: [16, 3 << 20]) func memoryGoesRound(bytes: Int) {
    let spares = SpareSegments(segmentBytes: bytes)
    let first = spares.take()
    spares.give(first)
    #expect(spares.keptBytes == bytes)
    let second = spares.take()
    #expect(second == first && spares.keptBytes == 0)
    spares.give(second)
  }

  @Test func keepsSoManyAndNoMore() {
    let spares = SpareSegments(segmentBytes: 16, most: 2)
    let taken = (0..<3).map { _ in spares.take() }
    for (index, base) in taken.enumerated() {
      spares.give(base)
      #expect(spares.keptBytes == min(index + 1, 2) * 16)
    }
  }

  @Test func whatNobodyAskedForSinceTheLastTrimIsGivenBack() {
    let spares = SpareSegments(segmentBytes: 2 << 20)
    let taken = (0..<3).map { _ in spares.take() }
    for base in taken { spares.give(base) }
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
