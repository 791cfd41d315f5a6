import NIOCore
import Testing

@testable import HTTPTransport

@Suite struct HTTP2ServerStreamTests {
  private let start = NIODeadline.uptimeNanoseconds(0)

  private func stream(_ method: String) -> HTTP2ServerStream {
    let stream = HTTP2ServerStream(id: 1, now: start)
    stream.head = HTTPRequestHead(method: method, path: "/")
    return stream
  }

  @Test func bodyIsTakenBetweenHeadAndService() {
    let stream = stream("POST")
    #expect(stream.isBeforePlan && !stream.isTakingBody)
    stream.stage = .awaitingPlan
    #expect(stream.isBeforePlan && stream.isTakingBody)
    stream.stage = .gatheringBody
    #expect(!stream.isBeforePlan && stream.isTakingBody)
    stream.stage = .ready
    #expect(!stream.isBeforePlan && !stream.isTakingBody)
  }

  /// RFC 9110 section 9.3.2: no content in the answer to HEAD.
  @Test(arguments: [("GET", true), ("HEAD", false)])
  func theAnswerToHeadHasNoBody(_ method: String, _ hasBody: Bool) {
    let stream = stream(method)
    let response = HTTPResponse(status: 200, headers: [:], body: ByteBuffer(string: "text"))
    guard case .submit(let head) = stream.answered(.whole(response), now: start) else {
      Issue.record("no answer")
      return
    }
    #expect(head.hasBody == hasBody && (stream.outbound.pending.readableBytes > 0) == hasBody)
  }

  @Test func anAnswerThatIsNotTakenStallsTheStream() {
    let stream = stream("GET")
    let later = start + .seconds(30)
    #expect(!stream.isStalled(now: later, timeout: .seconds(30)))
    let response = HTTPResponse(status: 200, headers: [:], body: ByteBuffer(string: "text"))
    _ = stream.answered(.whole(response), now: start)
    #expect(!stream.isStalled(now: start + .seconds(29), timeout: .seconds(30)))
    #expect(stream.isStalled(now: later, timeout: .seconds(30)))
  }
}
