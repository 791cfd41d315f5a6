import Testing

@testable import LogPipeline

@Suite struct ByteWriterTests {
  @Test func whatWasWrittenSurvivesGrowing() {
    var writer = ByteWriter(capacityBytes: 0)
    var expected: [UInt8] = []
    for round in 0..<200 {
      writer.append(UInt8(round))
      writer.append("ab")
      writer.append([UInt8](repeating: UInt8(round), count: round * 7 % 300))
      writer.append(text: "é")
      expected += [UInt8(round)] + Array("ab".utf8) + Array(repeating: UInt8(round), count: round * 7 % 300)
      expected += Array("é".utf8)
    }
    #expect(writer.array == expected && writer.count == expected.count)
  }

  @Test func roomIsThereOnceItIsMade() {
    var writer = ByteWriter(capacityBytes: 64)
    for bytes in [0, 1, 63, 64, 65, 100_000] {
      writer.append(1)
      writer.makeRoom(bytes)
      #expect(writer.limit - writer.end >= bytes)
    }
    #expect(writer.array == [1, 1, 1, 1, 1, 1])
  }

  @Test func cuttingForgetsTheEndAndNothingElse() {
    var writer = ByteWriter()
    writer.append([1, 2, 3, 4])
    for (count, left) in [(9, 4), (4, 4), (-1, 4), (3, 3), (0, 0)] {
      writer.truncate(to: count)
      #expect(writer.count == left)
    }
    writer.append(5)
    #expect(writer.array == [5])
  }

  @Test func copiesComeOnlyFromWhatWasWritten() {
    var writer = ByteWriter(capacityBytes: 64)
    writer.append([1, 2, 3])
    writer.append(copyOf: 1..<3)
    #expect(writer.array == [1, 2, 3, 2, 3])
    writer.append(copyOf: 4..<100)
    writer.append(copyOf: 50..<60)
    #expect(writer.array == [1, 2, 3, 2, 3, 3])
    // The copy reads from memory that growing has moved.
    for _ in 0..<6 { writer.append(copyOf: 0..<writer.count) }
    #expect(writer.count == 6 << 6 && writer.array.suffix(6) == [1, 2, 3, 2, 3, 3])
  }

  @Test func rangesAreCutToWhatWasWritten() {
    var writer = ByteWriter()
    writer.append([1, 2, 3])
    #expect(writer.withUnsafeBytes(in: 1..<2) { Array($0) } == [2])
    #expect(writer.withUnsafeBytes(in: 2..<50) { Array($0) } == [3])
    #expect(writer.withUnsafeBytes(in: 7..<50) { Array($0) } == [])
    #expect(writer.pointer(to: 0..<4).isEmpty && Array(writer.pointer(to: 0..<3)) == [1, 2, 3])
  }

  @Test func emptyingKeepsNoMoreMemoryThanItMay() {
    var writer = ByteWriter(capacityBytes: 64)
    writer.append([UInt8](repeating: 1, count: 5000))
    writer.removeAll(keepingBytes: 100_000)
    #expect(writer.count == 0 && writer.limit - writer.end >= 5000)
    writer.removeAll(keepingBytes: 1024)
    #expect(writer.count == 0 && writer.limit - writer.end == 1024)
    writer.append([UInt8](repeating: 2, count: 2000))
    #expect(writer.array == [UInt8](repeating: 2, count: 2000))
  }
}
