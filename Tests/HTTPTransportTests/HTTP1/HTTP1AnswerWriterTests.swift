import NIOCore
import Testing

@testable import HTTPTransport

@Suite struct HTTP1AnswerWriterTests {
  private func text(
    _ response: HTTPResponse, isHEAD: Bool = false, isHTTP10: Bool = false, isLast: Bool = false
  ) -> String {
    var writer = HTTP1AnswerWriter(isHEAD: isHEAD, isHTTP10: isHTTP10)
    var buffer = ByteBuffer()
    let body = writer.writeWhole(response, isLast: isLast, to: &buffer)
    return String(buffer: buffer) + (body.map { "|\($0.readableBytes) bytes" } ?? "")
  }

  @Test func leavesOutWhatWouldBreakTheMessage() {
    let response = HTTPResponse(
      status: 200,
      headers: [
        "content-length": "7", "Transfer-Encoding": "chunked", "connection": "upgrade", "x-split": "a\r\nb: c",
        "bad name": "x", "": "y", "x-good": "z",
      ])
    #expect(text(response) == "HTTP/1.1 200 OK\r\nx-good: z\r\ncontent-length: 0\r\n\r\n")
  }

  @Test(arguments: [204, 304]) func sendsNoBodyWhereNoneMayBe(_ status: Int) {
    let sent = text(HTTPResponse(status: status, body: ByteBuffer(string: "body"), trailers: ["a": "b"]))
    #expect(sent.hasSuffix("\r\n\r\n"))
    #expect(!sent.contains("body"))
    #expect(!sent.contains("content-length"))
  }

  @Test func copiesSmallBodiesAndHandsLargeOnesOn() {
    let small = HTTPResponse(status: 200, body: ByteBuffer(repeating: 0x61, count: 16 * 1024))
    #expect(text(small).hasSuffix("\r\n\r\n" + String(repeating: "a", count: 16 * 1024)))
    let large = HTTPResponse(status: 200, body: ByteBuffer(repeating: 0x61, count: 16 * 1024 + 1))
    #expect(text(large).hasSuffix("\r\n\r\n|16385 bytes"))
  }

  @Test func leavesTrailersOutOverHTTP10() {
    let response = HTTPResponse(status: 200, body: ByteBuffer(string: "x"), trailers: ["a": "b"])
    #expect(
      text(response, isHTTP10: true) == "HTTP/1.1 200 OK\r\ncontent-length: 1\r\nconnection: keep-alive\r\n\r\nx")
  }

  @Test func tellsAnUnknownStatusWithoutFailing() {
    #expect(text(HTTPResponse(status: 799), isLast: true).contains("connection: close\r\n"))
  }
}
