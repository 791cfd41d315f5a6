import CNGHTTP2
import HTTPTransport
import NIOCore
import Testing

@testable import HTTPTransport

/// Plans that are made later, as the connections of both versions of HTTP wait for them.
@Suite struct HTTPPendingPlanTests {
  private typealias Bytes = HTTP2Bytes

  private func http2(_ service: TestService) throws -> HTTP2Peer {
    let peer = try HTTP2Peer(service)
    peer.requestStreams(4)
    peer.send(Bytes.hello)
    return peer
  }

  // MARK: HTTP/1.1

  @Test func aConnectionIsNotReadBeforeThePlanIsMade() throws {
    let peer = try HTTP1Peer()
    peer.send("POST /ask HTTP/1.1\r\nhost: t\r\ncontent-length: 5\r\nexpect: 100-continue\r\n\r\n")
    let reads = peer.reads
    peer.channel.read()
    #expect(peer.reads == reads)
    #expect(peer.text.isEmpty)
    peer.service.allow()
    peer.takeAnswers()
    #expect(peer.text == "HTTP/1.1 100 Continue\r\n\r\n")
    #expect(peer.reads > reads)
    peer.send("hello")
    #expect(peer.service.seen.map(\.body) == [Array("hello".utf8)])
    #expect(peer.statuses == ["100", "200"])
  }

  @Test func whatWasReadWithTheHeadIsServedAfterThePlanAndTheNextInTurn() throws {
    let peer = try HTTP1Peer()
    let ask = "POST /ask HTTP/1.1\r\nhost: t\r\ncontent-length: 2\r\n\r\n"
    peer.send(ask + "ab" + ask + "cd" + "GET / HTTP/1.1\r\nhost: t\r\n\r\n")
    #expect(peer.service.seen.isEmpty)
    peer.service.allow()
    peer.takeAnswers()
    #expect(peer.service.seen.map(\.body) == [Array("ab".utf8)])
    peer.service.decide { _ in .refuse(HTTPResponse(status: 401)) }
    peer.takeAnswers()
    #expect(peer.statuses == ["200", "401", "200"])
    #expect(peer.service.seen.map(\.head.path) == ["/ask", "/"])
    #expect(peer.isOpen)
  }

  @Test func aDecisionMayNoteSomethingOnTheHead() throws {
    final class Note: Sendable {}
    let note = Note()
    let one = try HTTP1Peer()
    one.send("GET /ask HTTP/1.1\r\nhost: t\r\n\r\n")
    let two = try http2(TestService())
    two.send(Bytes.headers(1, "GET", "/ask", end: true))
    for service in [one.service, two.service] {
      service.decide { head in
        head.note = note
        return .collect(limitBytes: 1, budget: nil)
      }
    }
    one.takeAnswers()
    two.takeAnswers()
    for service in [one.service, two.service] { #expect(service.seen.map { $0.head.note === note } == [true]) }
  }

  @Test func aPlanThatComesTooLateIsNoMore() throws {
    let peer = try HTTP1Peer()
    peer.send("POST /ask HTTP/1.1\r\nhost: t\r\ncontent-length: 2\r\n\r\na")
    let pending = try #require(peer.service.undecided.withLock { $0.first })
    #expect(pending.isAwaited)
    peer.pass(.seconds(5))
    #expect(peer.statuses == ["504"])
    #expect(!pending.isAwaited)
    peer.service.allow()
    peer.takeAnswers()
    peer.send("b" + "GET / HTTP/1.1\r\nhost: t\r\n\r\n")
    #expect(peer.statuses == ["504", "200"])
    #expect(peer.service.seen.map(\.head.path) == ["/"])
  }

  @Test func aClientThatLeavesIsNotWaitedFor() throws {
    let budget = ByteBudget(capacityBytes: 100)
    let one = try HTTP1Peer(TestService(budget: budget))
    one.send("POST /ask HTTP/1.1\r\nhost: t\r\ncontent-length: 2\r\n\r\na")
    let two = try http2(TestService(budget: budget))
    two.send(Bytes.headers(1, "POST", "/ask") + Bytes.data(1, [1, 2], end: false))
    two.send(Bytes.headers(3, "POST", "/ask") + Bytes.data(3, [1, 2], end: false))
    let pending = [one.service, two.service].flatMap { $0.undecided.withLock { $0 } }
    #expect(pending.map(\.isAwaited) == [true, true, true])
    #expect(budget.usedBytes == 5)
    _ = try one.channel.finish(acceptAlreadyClosed: true)
    two.send(Bytes.reset(1))
    #expect(pending.map(\.isAwaited) == [false, false, true])
    _ = try two.channel.finish(acceptAlreadyClosed: true)
    #expect(pending.map(\.isAwaited) == [false, false, false])
    #expect(budget.usedBytes == 0)
    for service in [one.service, two.service] { service.allow() }
    two.takeAnswers()
    #expect(one.service.seen.isEmpty && two.service.seen.isEmpty)
  }

  // MARK: HTTP/2

  @Test func noWindowIsGivenBeforeThePlanIsMade() throws {
    let peer = try http2(TestService())
    func updates() -> Int {
      peer.rawFrames.count { $0.frame.type == HTTP2Frame.windowUpdate && $0.frame.streamID == 1 }
    }
    // The window that is announced holds from its acknowledgement on.
    peer.send(Bytes.frame(HTTP2Frame.settings, flags: HTTP2Frame.ack))
    peer.send(Bytes.headers(1, "POST", "/ask"))
    for _ in 0..<10 { peer.send(Bytes.data(1, [UInt8](repeating: 1, count: 16_000), end: false)) }
    #expect(updates() == 0)
    // Another stream of the connection is served meanwhile.
    peer.send(Bytes.headers(3, "GET", "/", end: true))
    #expect(peer.responses[3]?.status == 200)
    peer.service.allow()
    peer.takeAnswers()
    #expect(updates() > 0)
    peer.send(Bytes.data(1, [2]))
    #expect(peer.responses[1]?.status == 200)
    #expect(peer.service.seen.last?.body.count == 160_001)
  }

  @Test func requestsAreServedOrRefusedOnceTheirPlanIsMade() throws {
    let peer = try http2(TestService())
    peer.send(Bytes.headers(1, "POST", "/ask") + Bytes.data(1, [1, 2]))
    peer.service.allow()
    peer.send(Bytes.headers(3, "POST", "/ask") + Bytes.data(3, [1, 2]))
    #expect(peer.responses.mapValues(\.status) == [1: 200])
    peer.service.decide { _ in .refuse(HTTPResponse(status: 401)) }
    peer.takeAnswers()
    #expect(peer.responses.mapValues(\.status) == [1: 200, 3: 401])
    peer.send(Bytes.headers(5, "POST", "/ask"))
    peer.pass(.seconds(5))
    #expect(peer.responses[5]?.status == 504)
    peer.service.allow()
    peer.takeAnswers()
    #expect(peer.service.seen.count == 1)
  }
}
