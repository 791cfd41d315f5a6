import Testing

@testable import FrameQueues

@Suite struct SegmentFormatTests {
  private let header = SegmentHeader(salt: 9, sequence: 3, firstFrame: 41, fingerprint: 77, reusedBytes: 5000)

  @Test func aSegmentIsNamedByTwentyDigits() {
    #expect(SegmentFormat.fileName(1) == "00000000000000000001.frames")
    #expect(SegmentFormat.sequence(ofFile: "00000000000000000001.frames") == 1)
    #expect(SegmentFormat.sequence(ofFile: "18446744073709551615.frames") == .max)
    for name in [
      "1.frames", "00000000000000000001.frames.corrupt", "99999999999999999999.frames", "LOCK", "",
      "+0000000000000000001.frames",
    ] {
      #expect(SegmentFormat.sequence(ofFile: name) == nil, "\(name)")
    }
  }

  @Test func aHeaderSurvivesAnyDamageToOneOfItsCopies() {
    let page = header.page
    for copy in [0, SegmentFormat.headerCopyOffset] {
      for offset in copy..<(copy + SegmentFormat.fileHeaderBytes) {
        var damaged = page
        damaged[offset] ^= 0x10
        #expect(damaged.withUnsafeBytes { SegmentHeader(page: $0) } == header)
      }
    }
  }

  @Test func aHeaderWithBothCopiesDamagedOrCutShortIsNone() {
    var page = header.page
    page[10] ^= 1
    page[SegmentFormat.headerCopyOffset + 33] ^= 1
    #expect(page.withUnsafeBytes { SegmentHeader(page: $0) } == nil)
    for count in 0..<SegmentFormat.fileHeaderBytes {
      #expect(header.page.prefix(count).withUnsafeBytes { SegmentHeader(page: $0) } == nil)
    }
  }

  @Test func aFrameHeaderIsOneOnlyWithItsSaltAndWithoutAFlippedBit() throws {
    var bytes = [UInt8](repeating: 0, count: SegmentFormat.frameHeaderBytes)
    bytes.withUnsafeMutableBytes {
      FrameHeader(payloadBytes: 5, frame: 6, records: 7, payloadChecksum: 8).write(to: $0, salt: 9)
    }
    let read = try #require(bytes.withUnsafeBytes { FrameHeader($0, at: 0, salt: 9) })
    #expect(read.payloadBytes == 5 && read.frame == 6 && read.records == 7 && read.payloadChecksum == 8)
    #expect(bytes.withUnsafeBytes { FrameHeader($0, at: 0, salt: 10) } == nil)
    #expect(bytes.withUnsafeBytes { FrameHeader($0, at: 1, salt: 9) } == nil)
    for bit in 0..<(8 * bytes.count) {
      var damaged = bytes
      damaged[bit / 8] ^= UInt8(1 << (bit % 8))
      #expect(damaged.withUnsafeBytes { FrameHeader($0, at: 0, salt: 9) } == nil)
    }
  }

  @Test(arguments: [(1 << 30, true), (1 << 30 + 1, false)])
  func aPayloadMayHaveAGibibyteAndNotOneByteMore(payloadBytes: Int, isValid: Bool) {
    var bytes = [UInt8](repeating: 0, count: SegmentFormat.frameHeaderBytes)
    bytes.withUnsafeMutableBytes {
      FrameHeader(payloadBytes: payloadBytes, frame: 1, records: 1, payloadChecksum: 0).write(to: $0, salt: 0)
    }
    #expect((bytes.withUnsafeBytes { FrameHeader($0, at: 0, salt: 0) } != nil) == isValid)
  }

  @Test func aFooterIsOneOnlyWhereItLiesAndWithoutAFlippedBit() {
    let footer = SegmentFooter(endFrame: 50, offset: 5000, totals: FrameTotals(bytes: 600, records: 70), salt: 9)
    let bytes = footer.bytes
    #expect(bytes.withUnsafeBytes { SegmentFooter($0, of: header, fileBytes: 5064) } == footer)
    #expect(bytes.withUnsafeBytes { SegmentFooter($0, of: header, fileBytes: 5065) } == nil)
    for bit in 0..<(8 * bytes.count) {
      var damaged = bytes
      damaged[bit / 8] ^= UInt8(1 << (bit % 8))
      #expect(damaged.withUnsafeBytes { SegmentFooter($0, of: header, fileBytes: 5064) } == nil)
    }
  }
}
