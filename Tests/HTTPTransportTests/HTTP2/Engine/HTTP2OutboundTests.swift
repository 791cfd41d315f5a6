import NIOCore
import Testing

@testable import HTTPTransport

@Suite struct HTTP2OutboundTests {
  private func read(_ outbound: inout HTTP2Outbound, _ count: Int) -> (HTTP2Outbound.Step, [UInt8]) {
    var bytes = [UInt8](repeating: 0, count: count)
    let step = bytes.withUnsafeMutableBytes { outbound.read(into: $0) }
    return (step, bytes)
  }

  @Test func waitsForMoreUntilItIsEnded() {
    var outbound = HTTP2Outbound()
    #expect(read(&outbound, 4).0 == .wait)
    outbound.append(ByteBuffer(bytes: [1, 2]))
    #expect(read(&outbound, 4) == (.bytes(2, isLast: false), [1, 2, 0, 0]))
    #expect(read(&outbound, 4).0 == .wait)
    outbound.end(trailers: nil)
    #expect(read(&outbound, 4).0 == .bytes(0, isLast: true))
  }

  @Test func givesWhatFitsAndSaysWhichIsLast() {
    var outbound = HTTP2Outbound()
    outbound.append(ByteBuffer(bytes: [1, 2]))
    outbound.append(ByteBuffer(bytes: [3]))
    outbound.end(trailers: ["a": "b"])
    #expect(read(&outbound, 2) == (.bytes(2, isLast: false), [1, 2]))
    #expect(read(&outbound, 2) == (.bytes(1, isLast: true), [3, 0]))
    #expect(outbound.trailers?.first(name: "a") == "b")
  }

  @Test func takesNothingAfterItsEnd() {
    var outbound = HTTP2Outbound()
    outbound.end(trailers: nil)
    outbound.append(ByteBuffer(bytes: [1]))
    outbound.end(trailers: ["a": "b"])
    #expect(read(&outbound, 2).0 == .bytes(0, isLast: true))
    #expect(outbound.trailers == nil)
  }
}
