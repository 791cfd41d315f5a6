import Testing

@testable import HTTPTransport

@Suite struct HTTP2FrameScannerTests {
  private let stream =
    HTTP2Bytes.hello + HTTP2Bytes.headers(1) + HTTP2Bytes.data(1, [1, 2, 3]) + HTTP2Bytes.windowUpdate(7, stream: 1)
    + HTTP2Bytes.frame(HTTP2Frame.ping, [0, 0, 0, 0, 0, 0, 0, 0]) + HTTP2Bytes.data(1, [])
    + HTTP2Bytes.frame(HTTP2Frame.data, flags: HTTP2Frame.padded, stream: 1, [2, 9, 0, 0])
    + HTTP2Bytes.frame(HTTP2Frame.data, flags: HTTP2Frame.padded, stream: 1)

  private func scan(_ pieces: [[UInt8]]) -> [HTTP2Frame] {
    var scanner = HTTP2FrameScanner()
    var frames: [HTTP2Frame] = []
    for piece in pieces {
      piece.withUnsafeBufferPointer { bytes in
        let stop: Bool? = scanner.scan(bytes) { frame in
          frames.append(frame)
          return nil
        }
        #expect(stop == nil)
      }
    }
    return frames
  }

  @Test func findsEveryFrameWithItsPadding() {
    let frames = scan([stream])
    #expect(frames.map(\.type) == [4, 1, 0, 8, 6, 0, 0, 0])
    #expect(frames.map(\.streamID) == [0, 1, 1, 1, 0, 1, 1, 1])
    #expect(frames.map(\.dataBytes).suffix(6) == [3, 4, 8, 0, 1, 0])
    #expect(frames[6].paddingBytes == 3)
    #expect(frames[5].has(HTTP2Frame.endStream))
  }

  @Test func findsTheSameFramesWhereverTheBytesAreCut() {
    let whole = scan([stream])
    for cut in 0...stream.count {
      #expect(scan([Array(stream[..<cut]), Array(stream[cut...])]) == whole)
    }
    #expect(scan(stream.map { [$0] }) == whole)
  }

  @Test func stopsAtTheFirstFrameItIsToldTo() {
    var scanner = HTTP2FrameScanner()
    var seen = 0
    let stop: UInt8? = stream.withUnsafeBufferPointer { bytes in
      scanner.scan(bytes) { frame in
        seen += 1
        return frame.type == HTTP2Frame.data ? frame.type : nil
      }
    }
    #expect(stop == HTTP2Frame.data)
    #expect(seen == 3)
  }

  @Test func takesPaddingThatIsLongerThanItsFrame() {
    let odd = HTTP2Bytes.hello + HTTP2Bytes.frame(HTTP2Frame.data, flags: HTTP2Frame.padded, stream: 1, [255])
    let frames = scan([odd + HTTP2Bytes.settings])
    #expect(frames.map(\.type) == [4, 0, 4])
    #expect(frames[1].dataBytes == 0)
  }
}
