import CNGHTTP2
import NIOCore
import NIOHTTP1
import Testing

@testable import HTTPTransport

/// The state of a connection, without one and without an engine: what each event is answered with.
@Suite struct HTTP2ConnectionStateTests {
  /// A state that is told what happens, and the words for what it answers.
  private final class Told {
    var state: HTTP2ConnectionState
    private let plan: HTTPBodyPlan

    init(_ plan: HTTPBodyPlan = .collect(limitBytes: 1 << 20, budget: nil), _ options: HTTPServerOptions = .init()) {
      self.plan = plan
      state = HTTP2ConnectionState(
        options: options, peer: HTTPPeer(address: "192.0.2.1:1", isTLS: true, listener: 7), now: .uptimeNanoseconds(0))
    }

    func pass(_ time: TimeAmount) -> [String] {
      state.now = state.now + time
      return state.tick().map { words($0) }
    }

    func scan(_ bytes: [UInt8]) -> HTTP2ConnectionState.Fault? { bytes.withUnsafeBufferPointer { state.scan($0) } }

    func field(_ name: String, _ value: String) -> Bool {
      Array(name.utf8).withUnsafeBufferPointer { name in
        Array(value.utf8).withUnsafeBufferPointer { state.headerReceived(name: name, value: $0) }
      }
    }

    func head(_ stream: Int32, _ fields: [(String, String)] = [], end: Bool = false) -> String {
      state.headersBegan(stream: stream, isTrailer: false)
      for (name, value) in [(":method", "POST"), (":path", "/a?b")] + fields where !field(name, value) { return "stop" }
      return frame(HTTP2Frame.headers, stream, end: end)
    }

    func frame(_ type: UInt8, _ stream: Int32, end: Bool) -> String {
      let flags = end ? HTTP2Frame.endStream : 0
      return words(
        state.frameReceived(HTTP2Frame(length: 0, type: type, flags: flags, streamID: UInt32(stream))) { _ in nil })
    }

    func data(_ stream: Int32, _ count: Int) -> String {
      [UInt8](repeating: 7, count: count).withUnsafeBufferPointer {
        words(state.dataReceived(stream: stream, bytes: $0))
      }
    }

    func end(_ stream: Int32) -> String { frame(HTTP2Frame.data, stream, end: true) }
    func close(_ stream: Int32) -> String { words(state.streamClosed(stream)) }

    func sent(_ type: UInt8, _ stream: UInt32, end: Bool = false, code: nghttp2_error_code = NGHTTP2_NO_ERROR) -> String
    {
      let frame = HTTP2Frame(length: 0, type: type, flags: end ? HTTP2Frame.endStream : 0, streamID: stream)
      return words(state.frameSent(frame, errorCode: code.rawValue))
    }

    // A value that cannot be copied cannot be looked into by what an expectation is made of.
    var isClosing: Bool { state.isClosing }
    func nextReady() -> HTTP2ServerStream? { state.nextReady() }
    func serving(_ stream: Int32) -> HTTP2ServerStream? { state.serving(stream) }
    func takeRequest(of stream: HTTP2ServerStream) -> HTTPRequest? { state.takeRequest(of: stream) }
    func takeExcess() -> HTTPExcess? { state.takeExcess() }
    func excess(ofQueuedFrames count: Int) -> HTTPExcess? { state.excess(ofQueuedFrames: count) }
    func closed() -> [Int32] { state.closed().map(\.id) }
    func depart() -> String { words(state.depart()) }
    func pingAnswered() -> String {
      let pong = HTTP2Frame(length: 8, type: HTTP2Frame.ping, flags: HTTP2Frame.ack, streamID: 0)
      return words(state.frameReceived(pong) { _ in nil })
    }
    func bodyWanted(_ stream: Int32, _ target: UnsafeMutableRawBufferPointer) -> HTTP2Outbound.Step {
      state.bodyWanted(stream: stream, into: target)
    }

    /// The plan that was awaited is made.
    func decided(_ id: Int32, _ plan: HTTPBodyPlan) -> String {
      guard let stream = state.undecided(id), let head = stream.head else { return "nothing is awaited" }
      return words(state.planned(plan, for: stream, head))
    }

    func words(_ action: HTTP2ConnectionState.Action) -> String {
      switch action {
      case .nothing: "nothing"
      case .plan(let stream, let head): words(state.planned(plan, for: stream, head))
      case .begin(let stream, _): "begin \(stream.id)"
      case .credit(let credit): words(credit)
      case .refuse(let stream, .planned(let response), let next):
        "refuse \(stream.id): \(response.status)" + words(then: next)
      case .refuse(let stream, .body(let reason, _), let next): "refuse \(stream.id): \(reason)" + words(then: next)
      case .refuse(let stream, .fields(let excess), let next): "refuse \(stream.id): \(excess)" + words(then: next)
      case .reset(let stream, let code): "reset \(stream): \(code.rawValue)"
      case .cancel(let stream, let next): "cancel \(stream.id)" + words(then: next)
      case .count(let abuse): "count \(abuse)"
      case .announceGoAway: "announce"
      case .sayGoAway: "go away"
      case .close(let abuse): "close" + (abuse.map { " \($0)" } ?? "")
      }
    }

    private func words(_ credit: HTTP2Credit) -> String {
      "credit \(credit.stream): \(credit.bytes)" + (credit.windowBytes.map { ", window \($0)" } ?? "")
    }

    private func words(then credit: HTTP2Credit?) -> String { credit.map { ", " + words($0) } ?? "" }
  }

  private let window = 16 << 20

  @Test func aRequestIsGatheredAndServed() throws {
    let told = Told()
    #expect(told.head(1, [("x-mine", "yes")]) == "nothing")
    #expect(told.data(1, 3) == "nothing")
    #expect(told.nextReady() == nil)
    #expect(told.end(1) == "nothing")
    let stream = try #require(told.nextReady())
    #expect(told.nextReady() == nil)
    #expect(told.serving(1) === stream)
    let request = try #require(told.takeRequest(of: stream))
    #expect(request.body == [7, 7, 7])
    #expect((request.head.path, request.head.query, request.head.isTLS) == ("/a", "b", true))
    #expect(request.head.listener == 7)
    #expect(request.head.headers.first(name: "x-mine") == "yes")
    #expect(!request.isOneOfSeveral)
    #expect(told.close(1) == "cancel 1")
    #expect(told.serving(1) == nil)
  }

  @Test func requestsAreServedInOrderAndNotOnceTheyAreGone() {
    let told = Told()
    for stream: Int32 in [1, 3, 5] { #expect(told.head(stream, end: true) == "nothing") }
    #expect(told.close(3) == "cancel 3")
    #expect(told.nextReady()?.id == 1)
    #expect(told.nextReady()?.id == 5)
    #expect(told.nextReady() == nil)
  }

  @Test func trailersEndARequest() {
    let told = Told()
    #expect(told.head(1) == "nothing")
    told.state.headersBegan(stream: 1, isTrailer: true)
    #expect(told.field("x-trailer", "1"))
    #expect(told.frame(HTTP2Frame.headers, 1, end: true) == "nothing")
    #expect(told.nextReady()?.head?.headers.isEmpty == true)
  }

  @Test func largeBodiesTakeTurns() {
    var options = HTTPServerOptions()
    options.http2.streamWindowBytes = 100
    let told = Told(.collect(limitBytes: 1000, budget: nil), options)
    for stream: Int32 in [1, 3, 5] { #expect(told.head(stream) == "nothing") }
    #expect(told.data(1, 51) == "credit 1: 51, window \(window)")
    #expect(told.data(3, 60) == "nothing")
    #expect(told.data(5, 60) == "nothing")
    #expect(told.data(1, 10) == "credit 1: 10")
    #expect(told.end(1) == "credit 3: 60, window \(window)")
    #expect(told.data(3, 941) == "refuse 3: tooLarge(bytes: 1001, limitBytes: 1000), credit 5: 60, window \(window)")
    #expect(told.close(5) == "cancel 5")
  }

  private func undecided(_ budget: ByteBudget? = nil) -> Told {
    Told(.later(within: .seconds(5), budget: budget) { _ in })
  }

  @Test func noCreditIsGivenBeforeThePlanIsMade() throws {
    let told = undecided()
    #expect(told.head(1) == "begin 1")
    #expect(told.data(1, 70_000) == "nothing")
    #expect(told.pass(.milliseconds(4999)) == [])
    #expect(told.decided(1, .collect(limitBytes: 100_000, budget: nil)) == "credit 1: 70000, window \(window)")
    #expect(told.decided(1, .collect(limitBytes: 100_000, budget: nil)) == "nothing is awaited")
    #expect(told.data(1, 10) == "credit 1: 10")
    #expect(told.end(1) == "nothing")
    let stream = try #require(told.nextReady())
    let request = try #require(told.takeRequest(of: stream))
    #expect(request.body.count == 70_010)
    let large = undecided()
    #expect(large.head(1) == "begin 1")
    #expect(large.data(1, 70_000) == "nothing")
    #expect(
      large.decided(1, .collect(limitBytes: 69_999, budget: nil))
        == "refuse 1: tooLarge(bytes: 70000, limitBytes: 69999)")
  }

  @Test func aRequestThatIsWholeBeforeThePlanIsReadyWithIt() throws {
    let told = undecided()
    #expect(told.head(1) == "begin 1")
    #expect(told.data(1, 3) == "nothing")
    #expect(told.end(1) == "nothing")
    #expect(told.nextReady() == nil)
    #expect(told.decided(1, .collect(limitBytes: 3, budget: nil)) == "nothing")
    let stream = try #require(told.nextReady())
    let request = try #require(told.takeRequest(of: stream))
    #expect(request.body == [7, 7, 7])
  }

  @Test func whatComesBeforeThePlanIsHeldWithinTheBudgetAndTheTime() {
    let budget = ByteBudget(capacityBytes: 5)
    let told = undecided(budget)
    for stream: Int32 in [1, 3, 5, 7] { #expect(told.head(stream) == "begin \(stream)") }
    #expect(told.data(1, 5) == "nothing")
    #expect(budget.usedBytes == 5)
    #expect(told.data(3, 1) == "refuse 3: overBudget(neededBytes: 1, capacityBytes: 5)")
    #expect(told.decided(3, .collect(limitBytes: 3, budget: nil)) == "nothing is awaited")
    #expect(told.close(1) == "cancel 1")
    #expect(budget.usedBytes == 0)
    #expect(told.data(5, 4) == "nothing")
    #expect(told.decided(5, .refuse(HTTPResponse(status: 401))) == "refuse 5: 401")
    #expect(budget.usedBytes == 0)
    #expect(told.data(7, 4) == "nothing")
    #expect(told.pass(.seconds(5)) == ["refuse 7: undecided(after: 5.0 seconds)"])
    #expect(budget.usedBytes == 0)
  }

  @Test func whatIsRefusedIsRefusedOnce() {
    let refused = Told(.refuse(HTTPResponse(status: 401)))
    #expect(refused.head(1) == "refuse 1: 401")
    #expect(refused.data(1, 10) == "nothing")
    #expect(refused.end(1) == "nothing")
    #expect(refused.nextReady() == nil)
    let declared = Told(.collect(limitBytes: 3, budget: nil))
    #expect(declared.head(1, [("content-length", "4")]) == "refuse 1: tooLarge(bytes: 4, limitBytes: 3)")
    var options = HTTPServerOptions()
    options.maxHeaderCount = 2
    let fields = Told(.refuse(HTTPResponse(status: 401)), options)
    #expect(fields.head(1) == "refuse 1: 401")
    #expect(fields.head(3, [("a", "")]) == "refuse 3: too_many_headers: 3 exceeds the limit of 2")
  }

  @Test func aBombOfHeaderFieldsIsStopped() {
    var options = HTTPServerOptions()
    options.maxHeaderBytes = 100
    let told = Told(.refuse(HTTPResponse(status: 401)), options)
    #expect(told.head(3, Array(repeating: ("a", "b"), count: 20)) == "stop")
    #expect(told.takeExcess()?.abuse == .headerFlood)
    #expect(told.takeExcess() == nil)
  }

  @Test func theBudgetIsHeldUntilTheStreamIsGone() throws {
    let budget = ByteBudget(capacityBytes: 100)
    let told = Told(.collect(limitBytes: 100, budget: budget))
    for stream: Int32 in [1, 3] {
      #expect(told.head(stream) == "nothing")
      #expect(told.data(stream, 10) == "nothing")
      #expect(told.end(stream) == "nothing")
      _ = told.takeRequest(of: try #require(told.nextReady()))
    }
    #expect(budget.usedBytes == 20)
    #expect(told.close(1) == "cancel 1")
    #expect(budget.usedBytes == 10)
    #expect(told.closed() == [3])
    #expect(budget.usedBytes == 0)
    #expect(told.isClosing)
  }

  @Test func faultsAreFoundBeforeTheEngineHasTheBytes() {
    var options = HTTPServerOptions()
    options.http2.maxPings = 2
    let told = Told(.collect(limitBytes: 1, budget: nil), options)
    let ping = HTTP2Bytes.frame(HTTP2Frame.ping, [UInt8](repeating: 0, count: 8))
    #expect(told.scan(HTTP2Bytes.hello + ping + ping) == nil)
    #expect(told.scan(ping) == .excess(HTTPExcess(abuse: .pingFlood, count: 3, limit: 2)))
    let other = Told()
    #expect(other.scan(HTTP2Bytes.hello + HTTP2Bytes.headers(3, "GET", "/", end: true)) == nil)
    let violation = HTTP2Violation(code: NGHTTP2_STREAM_CLOSED, reason: "a frame on stream 3, which was ended")
    #expect(other.scan(HTTP2Bytes.data(3, [1])) == .violation(violation))
  }

  @Test func queuedFramesHaveALimit() {
    var options = HTTPServerOptions()
    options.http2.maxQueuedControlFrames = 5
    options.http2.maxConcurrentStreams = 10
    let told = Told(.collect(limitBytes: 1, budget: nil), options)
    #expect(told.excess(ofQueuedFrames: 25) == nil)
    #expect(
      told.excess(ofQueuedFrames: 26) == HTTPExcess(abuse: .controlQueueFlood, count: 26, limit: 25))
  }

  @Test func anAnswerToAnUnfinishedRequestStopsTheClient() {
    let told = Told(.refuse(HTTPResponse(status: 401)))
    #expect(told.head(1) == "refuse 1: 401")
    #expect(told.sent(HTTP2Frame.headers, 1) == "nothing")
    #expect(told.sent(HTTP2Frame.data, 1, end: true) == "reset 1: 0")
    #expect(told.head(3, end: true) == "refuse 3: 401")
    #expect(told.sent(HTTP2Frame.headers, 3, end: true) == "nothing")
  }

  /// The limit is what the client may send of a body without more credit.
  @Test func theRestOfAShortBodyIsLetComeForATime() {
    var options = HTTPServerOptions()
    options.http2.streamWindowBytes = 100
    options.http2.maxResets = 0
    let told = Told(.refuse(HTTPResponse(status: 401)), options)
    #expect(told.head(1, [("content-length", "100")]) == "refuse 1: 401")
    #expect(told.sent(HTTP2Frame.headers, 1, end: true) == "nothing")
    #expect(told.data(1, 100) == "nothing")
    #expect(told.pass(.milliseconds(4999)) == [])
    #expect(told.pass(.milliseconds(1)) == ["reset 1: 0"])
    #expect(told.head(3, [("content-length", "101")]) == "refuse 3: 401")
    #expect(told.sent(HTTP2Frame.headers, 3, end: true) == "reset 3: 0")
    #expect(told.head(5, [("content-length", "1")]) == "refuse 5: 401")
    #expect(told.scan(HTTP2Bytes.hello + HTTP2Bytes.headers(5)) == nil)
    #expect(told.scan(HTTP2Bytes.reset(5)) == .excess(HTTPExcess(abuse: .rapidReset, count: 1, limit: 0)))
    let answered = Told(.refuse(HTTPResponse(status: 401)), options)
    #expect(answered.head(1, [("content-length", "1")]) == "refuse 1: 401")
    #expect(answered.sent(HTTP2Frame.headers, 1, end: true) == "nothing")
    #expect(answered.scan(HTTP2Bytes.hello + HTTP2Bytes.headers(1)) == nil)
    #expect(answered.scan(HTTP2Bytes.reset(1)) == nil)
  }

  @Test func resetsForFaultsOfTheClientAreCounted() {
    var options = HTTPServerOptions()
    options.http2.maxResets = 1
    let told = Told(.collect(limitBytes: 1, budget: nil), options)
    #expect(told.sent(HTTP2Frame.resetStream, 1, code: NGHTTP2_CANCEL) == "nothing")
    #expect(told.sent(HTTP2Frame.resetStream, 1, code: NGHTTP2_PROTOCOL_ERROR) == "nothing")
    #expect(told.takeExcess() == nil)
    #expect(told.sent(HTTP2Frame.resetStream, 1, code: NGHTTP2_REFUSED_STREAM) == "nothing")
    #expect(told.takeExcess() == HTTPExcess(abuse: .rapidReset, count: 2, limit: 1))
    #expect(told.sent(HTTP2Frame.goAway, 0, code: NGHTTP2_PROTOCOL_ERROR) == "count protocolError")
    #expect(told.sent(HTTP2Frame.goAway, 0) == "nothing")
  }

  @Test func theConnectionLeavesInSteps() {
    let told = Told()
    #expect(told.head(1) == "nothing")
    #expect(told.depart() == "announce")
    #expect(told.depart() == "nothing")
    #expect(told.pingAnswered() == "go away")
    #expect(told.pingAnswered() == "nothing")
    #expect(told.data(1, 2000) == "nothing")
    #expect(told.pass(.seconds(14)) == [])
    #expect(told.data(1, 2000) == "nothing")
    #expect(told.pass(.seconds(14)) == [])
    #expect(told.data(1, 2000) == "nothing")
    #expect(told.pass(.seconds(2)) == ["close"])
    let silent = Told()
    _ = silent.depart()
    #expect(silent.pass(.milliseconds(999)) == [])
    #expect(silent.pass(.milliseconds(1)) == ["go away"])
  }

  @Test func everyStageHasItsDeadline() throws {
    let block = Told()
    #expect(block.scan(HTTP2Bytes.hello + HTTP2Bytes.frame(HTTP2Frame.headers, stream: 1, [])) == nil)
    #expect(block.pass(.seconds(9)) == [])
    #expect(block.pass(.seconds(1)) == ["close slowHeader"])
    let body = Told()
    #expect(body.head(1) == "nothing")
    #expect(body.pass(.seconds(14)) == [])
    #expect(body.pass(.seconds(1)) == ["refuse 1: timedOut(after: 15.0 seconds)"])
    #expect(body.pass(.seconds(15)) == [])
    let reader = Told()
    #expect(reader.head(1, end: true) == "nothing")
    let stream = try #require(reader.nextReady())
    _ = stream.answered(.whole(HTTPResponse(status: 200, body: ByteBuffer(string: "hello"))), now: reader.state.now)
    #expect(reader.pass(.seconds(29)) == [])
    #expect(reader.pass(.seconds(1)) == ["count slowReader", "reset 1: \(NGHTTP2_CANCEL.rawValue)"])
    #expect(reader.pass(.seconds(30)) == [])
    let idle = Told()
    #expect(idle.pass(.seconds(299)) == [])
    #expect(idle.pass(.seconds(1)) == ["announce"])
  }

  @Test func bytesOfAnAnswerAreRead() throws {
    let told = Told()
    #expect(told.head(1, end: true) == "nothing")
    let stream = try #require(told.nextReady())
    _ = stream.answered(.start(status: 200, headers: [:]), now: told.state.now)
    _ = stream.answered(.body(ByteBuffer(string: "hello")), now: told.state.now)
    withUnsafeTemporaryAllocation(byteCount: 3, alignment: 1) { target in
      #expect(told.bodyWanted(1, target) == .bytes(3, isLast: false))
      #expect(Array(target) == Array("hel".utf8))
      #expect(told.bodyWanted(1, target) == .bytes(2, isLast: false))
      #expect(told.bodyWanted(1, target) == .wait)
      _ = stream.answered(.end(trailers: nil), now: told.state.now)
      #expect(told.bodyWanted(1, target) == .bytes(0, isLast: true))
      #expect(told.bodyWanted(9, target) == .bytes(0, isLast: true))
    }
  }
}
