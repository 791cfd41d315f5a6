import Testing

@testable import HTTPTransport

@Suite struct HTTPProtocolDetectorTests {
  @Test func knowsHTTP2ByItsWholePreface() {
    #expect(HTTPProtocolDetector.version(of: HTTPProtocolDetector.preface) == .http2)
    #expect(HTTPProtocolDetector.version(of: HTTPProtocolDetector.preface + [0]) == .http2)
  }

  @Test func waitsWhileThePrefaceIsIncomplete() {
    for count in 0..<HTTPProtocolDetector.preface.count {
      #expect(HTTPProtocolDetector.version(of: HTTPProtocolDetector.preface.prefix(count)) == nil)
    }
  }

  @Test func knowsHTTP1ByTheFirstOtherByte() {
    #expect(HTTPProtocolDetector.version(of: "G".utf8) == .http1)
    #expect(HTTPProtocolDetector.version(of: "PO".utf8) == .http1)
    #expect(HTTPProtocolDetector.version(of: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r!".utf8) == .http1)
  }
}
