import CNGHTTP2
import HTTPTransport
import NIOCore
import Synchronization
import Testing

@testable import HTTPTransport

@Suite struct HTTP2ServerHandlerTests {
  private typealias Bytes = HTTP2Bytes

  private func peer(
    _ service: TestService = TestService(), streams: Int = 8, _ change: (inout HTTPServerOptions) -> Void = { _ in }
  ) throws -> HTTP2Peer {
    var options = HTTPServerOptions()
    change(&options)
    let peer = try HTTP2Peer(service, options: options)
    peer.requestStreams(streams)
    peer.send(Bytes.hello)
    return peer
  }

  @Test func answersARequest() throws {
    let peer = try peer()
    peer.send(Bytes.headers(1, "POST", "/trailers?a=b", [("x-mine", "yes")]) + Bytes.data(1, [1, 2, 3]))
    let response = try #require(peer.responses[1])
    #expect(response.status == 200)
    #expect(response.headers.first(name: "x-head") == "1")
    #expect(response.body == [1, 2, 3])
    #expect(response.trailers?.first(name: "x-trailer") == "2")
    let request = try #require(peer.service.seen.first)
    #expect((request.head.method, request.head.path, request.head.query) == ("POST", "/trailers", "a=b"))
    #expect(request.head.headers.first(name: "host") == "test")
    #expect(request.head.headers.first(name: "x-mine") == "yes")
    #expect(request.head.version == .http2)
    #expect(request.body == [1, 2, 3])
    #expect(peer.metrics.snapshot.requestsHTTP2 == 1)
  }

  @Test func answersTheSameWhereverTheBytesAreCut() throws {
    let bytes =
      Bytes.hello + Bytes.headers(1) + Bytes.data(1, [1, 2], end: false) + Bytes.headers(3, "GET", "/stream", end: true)
      + Bytes.data(1, [3, 4])
    func outcome(_ pieces: [[UInt8]]) throws -> String {
      let peer = try HTTP2Peer()
      peer.requestStreams(2)
      for piece in pieces { peer.send(piece) }
      let responses = peer.responses.sorted { $0.key < $1.key }
      let requests = peer.service.seen.map { "\($0.head.path) \($0.body)" }.sorted()
      return "\(responses.map { "\($0.key) \($0.value)" }) \(requests)"
    }
    let whole = try outcome([bytes])
    #expect(whole.contains("/echo [1, 2, 3, 4]"))
    for cut in 1..<bytes.count {
      #expect(try outcome([Array(bytes[..<cut]), Array(bytes[cut...])]) == whole, "cut at \(cut)")
    }
    #expect(try outcome(bytes.map { [$0] }) == whole)
  }

  @Test func survivesMutatedConnections() throws {
    let seed =
      Bytes.hello + Bytes.headers(1) + Bytes.data(1, [1, 2, 3]) + Bytes.windowUpdate(300)
      + Bytes.headers(3, "GET", "/stream", end: true) + Bytes.frame(HTTP2Frame.ping, [1, 2, 3, 4, 5, 6, 7, 8])
      + Bytes.headers(5, "POST", "/hold", [("content-length", "3")]) + Bytes.data(5, [1, 2, 3]) + Bytes.reset(5)
    var random = SeededRandom(seed: 2)
    let budget = ByteBudget(capacityBytes: 1000)
    var answered = 0
    for round in 0..<10_000 {
      let peer = try HTTP2Peer(TestService(budget: budget))
      peer.requestStreams(3)
      let bytes = seed.mutated(&random)
      if round % 2 == 0 {
        peer.send(bytes)
      } else {
        let cut = Int.random(in: 0...bytes.count, using: &random)
        peer.send(Array(bytes[..<cut]))
        peer.send(Array(bytes[cut...]))
      }
      peer.pass(.seconds(400))
      answered += peer.responses.count
      _ = try? peer.channel.finish(acceptAlreadyClosed: true)
    }
    #expect(answered > 1000)
    #expect(budget.usedBytes == 0)
  }

  @Test func streamsAnAnswerWithTrailers() throws {
    let peer = try peer()
    peer.send(Bytes.headers(1, "GET", "/stream", end: true))
    #expect(peer.responses[1]?.body == Array("one two three".utf8))
    #expect(peer.responses[1]?.trailers?.first(name: "x-trailer") == "2")
  }

  @Test func sendsNoBodyForHEAD() throws {
    let peer = try peer()
    peer.send(Bytes.headers(1, "HEAD", "/", end: true) + Bytes.headers(3, "HEAD", "/stream", end: true))
    #expect(peer.responses[1]?.status == 200)
    #expect(peer.responses[1]?.body.isEmpty == true)
    #expect(peer.responses[3]?.body.isEmpty == true)
  }

  @Test func answers500ForADroppedResponderAndResetsAHalfAnswer() throws {
    let peer = try peer()
    peer.send(Bytes.headers(1, "GET", "/drop", end: true) + Bytes.headers(3, "GET", "/half", end: true))
    #expect(peer.responses[1]?.status == 500)
    #expect(peer.resets == [3: NGHTTP2_INTERNAL_ERROR.rawValue])
    #expect(peer.isOpen)
  }

  @Test func refusesWithAnAnswerAndThenStopsTheClient() throws {
    let peer = try peer()
    peer.send(Bytes.headers(1, "POST", "/refuse"))
    #expect(peer.responses[1]?.status == 401)
    #expect(peer.resets == [1: NGHTTP2_NO_ERROR.rawValue])
    peer.send(Bytes.headers(3, "GET", "/refuse", end: true))
    #expect(peer.responses[3]?.status == 401)
    #expect(peer.resets.count == 1)
  }

  @Test func givesConnectionCreditBackForDataItDrops() throws {
    let peer = try peer { $0.http2.connectionWindowBytes = 65_535 }
    peer.send(Bytes.headers(1, "POST", "/refuse"))
    for _ in 0..<10 { peer.send(Bytes.data(1, [UInt8](repeating: 0, count: 16_000), end: false)) }
    let credit = peer.frames.filter { $0.type == HTTP2Frame.windowUpdate && $0.streamID == 0 }
    #expect(credit.count >= 3)
    #expect(peer.goAways.isEmpty)
  }

  /// Begins bodies of these streams, each with 40,000 bytes of 80,000 that may come without credit.
  private func begin(_ streams: [UInt32], on peer: HTTP2Peer) {
    for stream in streams { peer.send(Bytes.headers(stream)) }
    for stream in streams {
      for _ in 0..<4 { peer.send(Bytes.data(stream, [UInt8](repeating: 0, count: 10_001), end: false)) }
    }
  }

  private func credited(_ peer: HTTP2Peer) -> [UInt32] {
    var streams: [UInt32] = []
    for frame in peer.frames where frame.type == HTTP2Frame.windowUpdate && frame.streamID != 0 {
      if streams.last != frame.streamID { streams.append(frame.streamID) }
    }
    return streams
  }

  @Test func largeBodiesGetCreditOneAfterTheOther() throws {
    let peer = try peer { $0.http2.streamWindowBytes = 80_000 }
    begin([1, 3, 5], on: peer)
    #expect(credited(peer) == [1])
    peer.send(Bytes.frame(HTTP2Frame.resetStream, stream: 3, [0, 0, 0, 8]))
    #expect(credited(peer) == [1])
    peer.send(Bytes.data(1, [1]))
    #expect(peer.responses[1]?.status == 200)
    #expect(credited(peer) == [1, 5])
    peer.send(Bytes.data(5, [1]))
    #expect(peer.responses[5]?.status == 200)
  }

  @Test func aRefusedBodyGivesItsTurnToTheNext() throws {
    let peer = try peer(TestService(limitBytes: 100_000)) { $0.http2.streamWindowBytes = 80_000 }
    begin([1, 3], on: peer)
    for _ in 0..<6 { peer.send(Bytes.data(1, [UInt8](repeating: 0, count: 10_000), end: false)) }
    #expect(peer.responses[1]?.status == 413)
    #expect(credited(peer).last == 3)
  }

  @Test func aBodyThatStallsKeepsNobodyFromGoingOn() throws {
    let peer = try peer { $0.http2.streamWindowBytes = 80_000 }
    begin([1, 3, 5], on: peer)
    peer.pass(.seconds(1))
    #expect(credited(peer) == [1])
    peer.pass(.seconds(1))
    #expect(Set(credited(peer)) == [1, 3, 5])
    peer.send(Bytes.data(5, [1]))
    #expect(peer.responses[5]?.status == 200)
    peer.pass(.seconds(14))
    #expect(peer.responses[1]?.status == 408)
    #expect(peer.responses[3] == nil)
    peer.pass(.seconds(1))
    #expect(peer.responses[3]?.status == 408)
  }

  @Test func aBodyThatWaitsForItsTurnIsNotTooSlow() throws {
    let peer = try peer { $0.http2.streamWindowBytes = 80_000 }
    begin([1, 3], on: peer)
    for _ in 0..<40 {
      for _ in 0..<10 { peer.send(Bytes.data(1, [UInt8](repeating: 0, count: 16_000), end: false)) }
      peer.pass(.milliseconds(500))
    }
    #expect(peer.responses.isEmpty)
    #expect(credited(peer) == [1])
    peer.send(Bytes.data(1, [1]) + Bytes.data(3, [1]))
    #expect(peer.responses[1]?.status == 200)
    #expect(peer.responses[3]?.status == 200)
  }

  @Test func judgesADeclaredLengthBeforeAnyData() throws {
    let service = TestService(limitBytes: 3)
    let peer = try peer(service)
    peer.send(Bytes.headers(1, "POST", "/echo", [("content-length", "4")]))
    #expect(peer.responses[1]?.status == 413)
    peer.send(Bytes.headers(3, "POST", "/echo", [("content-length", "3")]) + Bytes.data(3, [1, 2, 3]))
    #expect(peer.responses[3]?.status == 200)
    #expect(peer.metrics.snapshot.refusals == [.bodyTooLarge: 1])
  }

  @Test func refusesABodyPastTheLimitAsItArrives() throws {
    let budget = ByteBudget(capacityBytes: 1000)
    let peer = try peer(TestService(limitBytes: 3, budget: budget))
    peer.send(Bytes.headers(1) + Bytes.data(1, [1, 2, 3]))
    #expect(peer.responses[1]?.status == 200)
    peer.send(Bytes.headers(3) + Bytes.data(3, [1, 2, 3], end: false) + Bytes.data(3, [4]))
    #expect(peer.responses[3]?.status == 413)
    #expect(peer.responses[3].map { String(decoding: $0.body, as: UTF8.self) } == "tooLarge(bytes: 4, limitBytes: 3)")
    #expect(budget.usedBytes == 0)
  }

  @Test func givesTheBudgetBackWhenAnsweredResetOrClosed() throws {
    let budget = ByteBudget(capacityBytes: 10)
    let service = TestService(budget: budget)
    let peer = try peer(service)
    func hold(_ stream: UInt32) -> [UInt8] {
      Bytes.headers(stream, "POST", "/hold", [("content-length", "6")]) + Bytes.data(stream, [1, 2, 3, 4, 5, 6])
    }
    peer.send(hold(1))
    #expect(budget.usedBytes == 6)
    peer.send(Bytes.headers(3) + Bytes.data(3, [1, 2, 3, 4, 5]))
    #expect(peer.responses[3]?.status == 503)
    service.answerHeld()
    peer.takeAnswers()
    #expect(budget.usedBytes == 0)
    peer.send(hold(5))
    #expect(budget.usedBytes == 6)
    peer.send(Bytes.reset(5))
    #expect(budget.usedBytes == 0)
    #expect(service.cancelled.load(ordering: .relaxed) == 1)
    peer.send(hold(7))
    _ = try peer.channel.finish(acceptAlreadyClosed: true)
    #expect(budget.usedBytes == 0)
    #expect(service.cancelled.load(ordering: .relaxed) == 2)
  }

  @Test func takesHeaderFieldsAtTheLimitsAndNotOnePast() throws {
    // Method, scheme, authority and path count 42 + 43 + 46 + 38 bytes with their 32 each.
    let peer = try peer {
      $0.maxHeaderCount = 6
      $0.maxHeaderBytes = 300
    }
    let fill = String(repeating: "x", count: 300 - 42 - 43 - 46 - 38 - 33)
    peer.send(Bytes.headers(1, "GET", "/", [("a", String(fill.dropLast()))], end: true))
    #expect(peer.responses[1]?.status == 200)
    peer.send(Bytes.headers(3, "GET", "/", [("a", fill + "x")], end: true))
    #expect(peer.responses[3]?.status == 431)
    peer.send(Bytes.headers(5, "GET", "/", [("a", ""), ("b", "")], end: true))
    #expect(peer.responses[5]?.status == 200)
    peer.send(Bytes.headers(7, "GET", "/", [("a", ""), ("b", ""), ("c", "")], end: true))
    #expect(peer.responses[7]?.status == 431)
    #expect(peer.metrics.snapshot.refusals == [.headerTooLarge: 1, .tooManyHeaders: 1])
    #expect(peer.isOpen)
  }

  @Test func refusesStreamsPastTheLimit() throws {
    let peer = try peer { $0.http2.maxConcurrentStreams = 2 }
    for stream: UInt32 in [1, 3, 5] { peer.send(Bytes.headers(stream, "GET", "/hold", end: true)) }
    #expect(peer.resets == [5: NGHTTP2_REFUSED_STREAM.rawValue])
    peer.service.answerHeld()
    peer.takeAnswers()
    #expect(peer.responses.count == 2)
    #expect(peer.isOpen)
  }

  @Test func closesAConnectionThatKnowsTheLimitOfStreamsAndPassesIt() throws {
    let peer = try peer { $0.http2.maxConcurrentStreams = 2 }
    peer.send(Bytes.frame(HTTP2Frame.settings, flags: HTTP2Frame.ack))
    for stream: UInt32 in [1, 3] { peer.send(Bytes.headers(stream, "GET", "/hold", end: true)) }
    #expect(peer.isOpen)
    peer.send(Bytes.headers(5, "GET", "/hold", end: true))
    #expect(peer.goAwayCodes == [NGHTTP2_PROTOCOL_ERROR.rawValue])
    #expect(!peer.isOpen)
  }

  /// An input of abuse: the bytes sent once, those repeated, the option, and its name.
  struct Flood: Sendable, CustomStringConvertible {
    let abuse: HTTPAbuse
    let limit: @Sendable (inout HTTP2Limits) -> Void
    var before: [UInt8] = []
    let bytes: @Sendable (Int) -> [UInt8]
    var description: String { abuse.rawValue }
  }

  static let floods: [Flood] = [
    Flood(
      abuse: .rapidReset, limit: { $0.maxResets = 5 },
      bytes: { count in
        let stream = UInt32(count) * 2 + 1
        return HTTP2Bytes.headers(stream, "GET", "/hold", end: true) + HTTP2Bytes.reset(stream)
      }),
    Flood(
      abuse: .pingFlood, limit: { $0.maxPings = 5 },
      bytes: { _ in HTTP2Bytes.frame(HTTP2Frame.ping, [UInt8](repeating: 0, count: 8)) }),
    Flood(abuse: .settingsFlood, limit: { $0.maxSettings = 6 }, bytes: { _ in HTTP2Bytes.settings }),
    Flood(
      abuse: .emptyDataFlood, limit: { $0.maxEmptyData = 5 }, before: HTTP2Bytes.headers(1),
      bytes: { _ in HTTP2Bytes.data(1, [], end: false) }),
    Flood(
      abuse: .continuationFlood, limit: { $0.maxContinuations = 5 },
      before: HTTP2Bytes.frame(HTTP2Frame.headers, stream: 1, HTTP2Bytes.block("GET", "/")),
      bytes: { _ in HTTP2Bytes.frame(HTTP2Frame.continuation, stream: 1) }),
    Flood(
      abuse: .priorityFlood, limit: { $0.maxPriorities = 5 },
      bytes: { _ in HTTP2Bytes.frame(HTTP2Frame.priority, stream: 1, [0, 0, 0, 3, 1]) }),
    Flood(
      abuse: .windowUpdateFlood, limit: { $0.maxWindowUpdates = 5 },
      bytes: { _ in HTTP2Bytes.windowUpdate(257) }),
    Flood(
      abuse: .emptyDataFlood, limit: { $0.maxEmptyData = 5 }, before: HTTP2Bytes.headers(1),
      bytes: { _ in HTTP2Bytes.frame(HTTP2Frame.data, flags: HTTP2Frame.padded, stream: 1, [3, 0, 0, 0]) }),
    Flood(
      abuse: .tinyDataFlood, limit: { $0.maxTinyData = 5 }, before: HTTP2Bytes.headers(1),
      bytes: { _ in HTTP2Bytes.data(1, [1], end: false) }),
    Flood(
      abuse: .priorityFlood, limit: { $0.maxPriorities = 5 },
      bytes: { _ in HTTP2Bytes.frame(HTTP2Frame.priorityUpdate, [0, 0, 0, 1]) }),
    Flood(
      abuse: .goAwayFlood, limit: { $0.maxGoAways = 5 }, before: HTTP2Bytes.headers(1, "GET", "/hold", end: true),
      bytes: { _ in HTTP2Bytes.frame(HTTP2Frame.goAway, [UInt8](repeating: 0, count: 8)) }),
    Flood(
      abuse: .unknownFrameFlood, limit: { $0.maxUnknownFrames = 5 },
      bytes: { _ in HTTP2Bytes.frame(77, [1, 2, 3]) }),
    Flood(
      abuse: .headerFlood, limit: { $0.maxUnansweredHeaderBytes = 5 * HTTP2HeaderBomb.bytes(references: 1) },
      before: HTTP2HeaderBomb.entry,
      bytes: { HTTP2HeaderBomb.headers(UInt32($0) * 2 + 3, references: 1, path: "/hold") }),
  ]

  @Test(arguments: floods) func putsUpWithTheLimitAndNotWithOneMore(_ flood: Flood) throws {
    let peer = try peer { flood.limit(&$0.http2) }
    peer.send(flood.before)
    for count in 0..<5 { peer.send(flood.bytes(count)) }
    #expect(peer.isOpen)
    #expect(peer.goAwayCodes.isEmpty)
    peer.send(flood.bytes(5))
    #expect(peer.goAwayCodes == [NGHTTP2_ENHANCE_YOUR_CALM.rawValue])
    #expect(!peer.isOpen)
    #expect(peer.metrics.snapshot.refusals == [flood.abuse: 1])
  }

  @Test func resetsForTheClientsFaultsAreCountedAsItsOwn() throws {
    let peer = try peer { $0.http2.maxResets = 3 }
    func fault(_ stream: UInt32) -> [UInt8] { Bytes.windowUpdate(0x7FFF_FFFF, stream: stream) }
    for count: UInt32 in 0..<3 {
      peer.send(Bytes.headers(count * 2 + 1, "GET", "/hold", end: true) + fault(count * 2 + 1))
    }
    #expect(peer.isOpen)
    #expect(peer.resets.count == 3)
    peer.send(Bytes.headers(7, "GET", "/hold", end: true) + fault(7))
    #expect(!peer.isOpen)
    #expect(peer.metrics.snapshot.refusals == [.rapidReset: 1])
  }

  @Test func limitsAnswersToControlFramesThatWait() throws {
    var options = HTTPServerOptions()
    options.http2.maxQueuedControlFrames = 5
    options.http2.maxPings = .max
    func refusals(pings: Int) throws -> [HTTPAbuse: Int] {
      let peer = try HTTP2Peer(options: options)
      peer.send(Bytes.hello)
      peer.send((0..<pings).flatMap { _ in Bytes.frame(HTTP2Frame.ping, [UInt8](repeating: 0, count: 8)) })
      return peer.metrics.snapshot.refusals
    }
    #expect(try refusals(pings: 5).isEmpty)
    #expect(try refusals(pings: 6) == [.controlQueueFlood: 1])
  }

  @Test(arguments: [Int.min, -1, 0, 1, .max]) func servesWithOptionsThatTheProtocolDoesNotAllow(_ value: Int) throws {
    let peer = try peer {
      $0.http2.maxFrameBytes = value
      $0.http2.streamWindowBytes = value
      $0.http2.connectionWindowBytes = value
      $0.http2.headerTableBytes = value
      $0.http2.maxQueuedControlFrames = value == 1 ? 1 : 1000
    }
    peer.send(Bytes.headers(1, "GET", "/", end: true))
    #expect(peer.responses[1]?.status == 200)
  }

  @Test func closesWhatIsNotHTTP2() throws {
    let peer = try HTTP2Peer()
    peer.send(Array("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n".utf8))
    #expect(!peer.isOpen)
    let broken = try self.peer()
    broken.send(Bytes.frame(HTTP2Frame.data, stream: 1, [1]))
    #expect(broken.goAwayCodes == [NGHTTP2_PROTOCOL_ERROR.rawValue])
    #expect(!broken.isOpen)
    #expect(broken.metrics.snapshot.refusals == [.protocolError: 1])
  }

  @Test func closesAConnectionWhoseHeaderBlockIsSlow() throws {
    let peer = try peer()
    peer.send(Bytes.frame(HTTP2Frame.headers, stream: 1, Bytes.block("GET", "/")))
    peer.pass(.seconds(9))
    #expect(peer.isOpen)
    peer.pass(.seconds(1))
    #expect(!peer.isOpen)
    #expect(peer.metrics.snapshot.refusals == [.slowHeader: 1])
  }

  @Test func refusesABodyThatTrickles() throws {
    let peer = try peer()
    peer.send(Bytes.headers(1) + Bytes.data(1, [UInt8](repeating: 0, count: 1024), end: false))
    peer.pass(.seconds(15))
    #expect(peer.responses.isEmpty)
    peer.send(Bytes.data(1, [UInt8](repeating: 0, count: 1023), end: false))
    peer.pass(.seconds(15))
    #expect(peer.responses[1]?.status == 408)
    #expect(peer.isOpen)
  }

  @Test func resetsAStreamWhoseClientTakesNoBytes() throws {
    let peer = try HTTP2Peer()
    peer.requestStreams(1)
    peer.send(Bytes.preface + Bytes.frame(HTTP2Frame.settings, [0, 4, 0, 0, 0, 0]))
    peer.send(Bytes.headers(1, "GET", "/", end: true))
    peer.pass(.seconds(29))
    #expect(peer.resets.isEmpty)
    peer.pass(.seconds(1))
    #expect(peer.resets == [1: NGHTTP2_CANCEL.rawValue])
    #expect(peer.metrics.snapshot.refusals == [.slowReader: 1])
  }

  @Test func anOldConnectionTakesRequestsUntilTheClientKnows() throws {
    let peer = try peer()
    peer.send(Bytes.headers(1, "GET", "/hold", end: true))
    peer.channel.pipeline.fireUserInboundEventTriggered(HTTPConnectionEvent.tooOld)
    peer.takeAnswers()
    #expect(peer.goAways.count == 1)
    peer.send(Bytes.headers(3, "GET", "/hold", end: true))
    #expect(peer.service.seen.count == 2)
    peer.send(Bytes.frame(HTTP2Frame.ping, flags: HTTP2Frame.ack, [UInt8](repeating: 0, count: 8)))
    #expect(peer.goAways.count == 2)
    #expect(peer.goAwayCodes == [0, 0])
    peer.send(Bytes.headers(5, "GET", "/", end: true))
    #expect(peer.service.seen.count == 2)
    peer.service.answerHeld()
    peer.takeAnswers()
    #expect(peer.responses.keys.sorted() == [1, 3])
    #expect(!peer.isOpen)
  }

  @Test func saysGoAwayToAClientThatDoesNotAnswerThePing() throws {
    let peer = try peer()
    peer.channel.pipeline.fireUserInboundEventTriggered(HTTPConnectionEvent.drain)
    peer.takeAnswers()
    #expect(peer.isOpen)
    peer.pass(.seconds(1))
    #expect(peer.goAways.count == 2)
    #expect(!peer.isOpen)
  }

  @Test func aBodyOfWhichNothingComesIsNotWaitedForLongWhileTheServerShutsDown() throws {
    let peer = try peer()
    peer.send(Bytes.headers(1, "POST", "/echo", end: false))
    peer.pass(.seconds(8))
    peer.channel.pipeline.fireUserInboundEventTriggered(HTTPConnectionEvent.drain)
    peer.pass(.milliseconds(2999))
    peer.send(Bytes.data(1, [1], end: false))
    peer.pass(.milliseconds(2999))
    #expect(peer.isOpen)
    peer.pass(.milliseconds(1))
    peer.takeAnswers()
    #expect(peer.responses[1]?.status == 408)
    #expect(!peer.isOpen)
  }

  @Test func cutsOffRequestsThatOutstayTheGrace() throws {
    let peer = try peer()
    peer.send(Bytes.headers(1, "GET", "/hold", end: true))
    peer.channel.pipeline.fireUserInboundEventTriggered(HTTPConnectionEvent.tooOld)
    peer.pass(.seconds(1))
    peer.pass(.seconds(29))
    #expect(peer.isOpen)
    peer.pass(.seconds(1))
    #expect(!peer.isOpen)
    #expect(peer.service.cancelled.load(ordering: .relaxed) == 1)
  }

  @Test func leavesAnIdleConnectionGracefully() throws {
    let peer = try peer()
    peer.pass(.seconds(300))
    peer.pass(.seconds(1))
    #expect(peer.goAwayCodes == [0, 0])
    #expect(!peer.isOpen)
  }
}
