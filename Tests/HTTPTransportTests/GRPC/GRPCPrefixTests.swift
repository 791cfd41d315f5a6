import HTTPTransport
import NIOCore
import Testing

@Suite struct GRPCPrefixTests {
  @Test func readsWhatABodyBeginsWith() throws {
    let prefix = try #require(GRPCPrefix(of: [7, 1, 2, 3, 4, 9]))
    #expect((prefix.flag, prefix.messageBytes) == (7, 0x0102_0304))
    #expect(GRPCPrefix(of: [0, 255, 255, 255, 255])?.messageBytes == 0xFFFF_FFFF)
    for count in 0..<5 { #expect(GRPCPrefix(of: [UInt8](repeating: 0, count: count)) == nil) }
  }

  @Test func readsWhatItFrames() {
    let framed = GRPCPrefix.framed([1, 2, 3])
    #expect(framed == [0, 0, 0, 0, 3, 1, 2, 3])
    #expect(GRPCPrefix(of: framed)?.messageBytes == 3)
  }

  @Test func fillsInTheBytesLeftForIt() {
    var buffer = ByteBuffer(bytes: [9, 9, 9, 9, 9, 9, 1, 2])
    buffer.moveReaderIndex(forwardBy: 1)
    #expect(GRPCPrefix.fill(in: &buffer, isCompressed: true))
    #expect(Array(buffer.readableBytesView) == [1, 0, 0, 0, 2, 1, 2])
    #expect(GRPCPrefix.fill(in: &buffer, isCompressed: false))
    #expect(buffer.getInteger(at: buffer.readerIndex, as: UInt8.self) == 0)
    var short = ByteBuffer(bytes: [0, 0, 0, 0])
    #expect(!GRPCPrefix.fill(in: &short, isCompressed: false))
  }
}
