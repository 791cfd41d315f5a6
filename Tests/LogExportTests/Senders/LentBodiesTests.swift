import FrameQueues
import NIOCore
import Testing

@testable import LogExport

@Suite(.serialized) struct LentBodiesTests {
  @Test func aBufferReadsTheBodyWhereItLies() throws {
    let lender = body("one\ntwo\n")
    let buffer = try #require(lender.lent())
    #expect(String(buffer: buffer) == "one\ntwo\n")
    let addresses = (
      lender.withUnsafeBytes { $0.baseAddress }, buffer.withUnsafeReadableBytes { $0.baseAddress }
    )
    #expect(addresses.0 == addresses.1)
  }

  @Test func theMemoryLivesAsLongAsTheLastBuffer() throws {
    weak var segment: FrameSegment?
    do {
      var buffers: [ByteBuffer] = []
      do {
        let lender = body("kept")
        segment = lender.segment
        buffers = [try #require(lender.lent()), try #require(lender.lent())]
      }
      #expect(segment != nil)
      buffers.removeFirst()
      #expect(segment != nil && String(buffer: buffers[0]) == "kept")
    }
    #expect(segment == nil)
  }

  @Test func aPartOfABodyIsLentByItself() throws {
    let buffer = try #require(body("one\ntwo\n").part(4..<8, records: 1).lent())
    #expect(String(buffer: buffer) == "two\n")
  }

  @Test func anEmptyBodyIsAnEmptyBuffer() throws {
    #expect(try #require(body("").lent()).readableBytes == 0)
  }

  @Test func aBufferThatGrowsLeavesTheBodyAlone() throws {
    let lender = body("abc")
    weak let segment = lender.segment
    var buffer = try #require(lender.lent())
    buffer.writeString(String(repeating: "d", count: 5000))
    #expect(buffer.readableBytes == 5003 && buffer.readString(length: 4) == "abcd")
    #expect(lender.withUnsafeBytes { Array($0) } == Array("abc".utf8))
    #expect(segment != nil)
  }
}
