import Testing

@testable import LogStore

@Suite struct StoreFormatTests {
  private let header = FileHeader(.segment, number: 7, firstOrdinal: 1 << 33, createdUnixNano: 9)

  @Test func aFileHeaderComesBack() {
    let bytes = header.bytes
    #expect(bytes.count == StoreFormat.fileHeaderBytes)
    #expect(bytes.withUnsafeBytes { FileHeader($0, .segment) } == header)
    #expect(bytes.withUnsafeBytes { FileHeader($0, .head) } == nil)
    #expect(bytes.dropLast().withUnsafeBytes { FileHeader($0, .segment) } == nil)
  }

  @Test func everyFlippedBitIsFound() {
    for bit in 0..<header.bytes.count * 8 {
      var broken = header.bytes
      broken[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(broken.withUnsafeBytes { FileHeader($0, .segment) } == nil)
    }
  }

  @Test func saltsDiffer() {
    #expect(
      Set((0..<20).map { _ in FileHeader(.head, number: 1, firstOrdinal: 0, createdUnixNano: 0).salt }).count > 15)
  }

  @Test func namesHaveTwentyDigits() {
    #expect(StoreFormat.segmentName(.max) == "18446744073709551615.seg")
    #expect(StoreFormat.headName(0) == "00000000000000000000.head")
    #expect(StoreFormat.number(of: "18446744073709551615.seg", suffix: ".seg") == .max)
    #expect(StoreFormat.number(of: "18446744073709551616.seg", suffix: ".seg") == nil)
  }

  @Test func linesAreWhole() {
    #expect([0, 1, 64, 65].map(StoreFormat.wholeLines) == [0, 64, 64, 128])
  }

  @Test func numbersOutsideAreZero() {
    [1, 2, 3, 4, 5, 6, 7, 8].withUnsafeBytes { (bytes: UnsafeRawBufferPointer) in
      #expect(bytes.uint32(-1) == 0 && bytes.uint32(bytes.count - 3) == 0 && bytes.uint64(bytes.count - 7) == 0)
      #expect(bytes.part(-5..<2).count == 2 && bytes.part(bytes.count..<900).isEmpty)
    }
  }
}
