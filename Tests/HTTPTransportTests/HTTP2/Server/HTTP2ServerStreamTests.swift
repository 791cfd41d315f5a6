import NIOCore
import NIOEmbedded
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

  private func awaiting(_ budget: ByteBudget) -> HTTP2ServerStream {
    let stream = HTTP2ServerStream(id: 1, now: .uptimeNanoseconds(0))
    #expect(stream.isBeforePlan && !stream.isTakingBody)
    stream.awaitPlan(
      HTTPPlanWait(now: .uptimeNanoseconds(0), within: .seconds(5), budget: nil),
      holding: HTTPBodyCollector(declaredBytes: nil, limitBytes: 10, budget: budget))
    #expect(stream.isBeforePlan && stream.isTakingBody)
    return stream
  }

  @Test func whatIsHeldIsHandedOverWithoutItsReservation() {
    let budget = ByteBudget(capacityBytes: 10)
    let stream = awaiting(budget)
    #expect(stream.collector?.append([1, 2, 3]) == nil)
    #expect(budget.usedBytes == 3)
    // A wait that goes on keeps what is held.
    stream.awaitPlan(
      HTTPPlanWait(now: .uptimeNanoseconds(1), within: .seconds(5), budget: nil),
      holding: HTTPBodyCollector(declaredBytes: nil, limitBytes: 1, budget: nil))
    #expect(stream.takeHeld() == [1, 2, 3])
    #expect(budget.usedBytes == 0 && stream.wait == nil)
    stream.stage = .gatheringBody
    #expect(stream.takeHeld() == [])
  }

  @Test func whoeverMakesThePlanHearsThatNobodyWaits() {
    let stream = awaiting(ByteBudget(capacityBytes: 10))
    let pending = HTTPPendingPlan(eventLoop: EmbeddedEventLoop()) { _, _ in Issue.record("it is decided") }
    stream.pending = pending
    #expect(pending.isAwaited)
    stream.cancel()
    #expect(!pending.isAwaited && stream.pending == nil)
    pending.decide { _ in .refuse(HTTPResponse(status: 401)) }
  }

  @Test func heldMemoryGoesWithTheStream() {
    let budget = ByteBudget(capacityBytes: 10)
    var stream: HTTP2ServerStream? = awaiting(budget)
    #expect(stream?.collector?.append([1, 2, 3]) == nil)
    stream = nil
    #expect(budget.usedBytes == 0)
  }
}
