import NIOCore
import NIOHTTP1
import Testing

@testable import HTTPTransport

/// The state of a connection, without one: what each event is answered with.
@Suite struct HTTP1ConnectionStateTests {
  /// A state that is told what happens, and the words for what it answers.
  private final class Told {
    var state: HTTP1ConnectionState
    private let plan: HTTPBodyPlan
    private var exchange: HTTP1Exchange?

    init(_ plan: HTTPBodyPlan = .collect(limitBytes: 100, budget: nil), _ options: HTTPServerOptions = .init()) {
      self.plan = plan
      state = HTTP1ConnectionState(
        options: options, peer: HTTPPeer(address: "192.0.2.1:1", isTLS: true, listener: 7), now: .uptimeNanoseconds(0))
    }

    func pass(_ time: TimeAmount) -> String {
      state.now = state.now + time
      return words(state.tick())
    }

    func head(_ method: HTTPMethod = .POST, _ fields: HTTPHeaders = [:], _ version: HTTPVersion = .http1_1) -> String {
      var fields = fields
      fields.add(name: "host", value: "t")
      return words(state.received(.head(.init(version: version, method: method, uri: "/a?b", headers: fields))))
    }

    func body(_ text: String) -> String { words(state.received(.body(ByteBuffer(string: text)))) }
    func end() -> String { words(state.received(.end(nil))) }
    func next() -> String? { state.nextAhead().map { words($0) } }

    // A value that cannot be copied cannot be looked into by what an expectation is made of.
    var isServing: Bool { state.isServing }
    var isDropping: Bool { state.isDropping }
    var isLastAnswer: Bool { state.isLastAnswer }
    var holdsAhead: Bool { state.holdsAhead }
    func takeRequest() -> HTTPRequest? { state.takeRequest() }
    func answerEnded() -> String { words(state.answerEnded()) }
    func failed(_ fault: HTTP1Fault) -> String { words(state.failed(fault)) }
    func endAhead() -> String { words(state.endAhead()) }

    /// The plan that was awaited is made.
    func decided(_ plan: HTTPBodyPlan) -> String {
      guard let exchange = state.undecided else { return "nothing is awaited" }
      return words(state.planned(plan, for: exchange))
    }

    func words(_ action: consuming HTTP1ConnectionState.Action) -> String {
      switch action {
      case .nothing: "nothing"
      case .plan(let exchange): words(state.planned(plan, for: exchange))
      case .begin: "begin"
      case .sendContinue: "continue"
      case .serve: "serve"
      case .refuse(.planned(let response), let isLast): "refuse \(response.status)" + (isLast ? ", last" : "")
      case .refuse(.body(let reason, _), let isLast): "refuse \(reason)" + (isLast ? ", last" : "")
      case .refuse(.fault(let fault), let isLast): "fault \(fault.status)" + (isLast ? ", last" : "")
      case .serveAhead: "serve ahead"
      case .endOutput: "end output"
      case .close(let abuse): "close" + (abuse.map { " \($0)" } ?? "")
      case .closeWhenWritten(let abuse): "close when written" + (abuse.map { " \($0)" } ?? "")
      }
    }
  }

  @Test func aRequestIsGatheredServedAndAnswered() throws {
    let told = Told()
    #expect(told.head(.POST, ["content-length": "5"]) == "nothing")
    #expect(told.body("he") == "nothing")
    #expect(told.body("llo") == "nothing")
    #expect(told.end() == "serve")
    #expect(told.isServing)
    let request = try #require(told.takeRequest())
    #expect(request.body == Array("hello".utf8))
    #expect((request.head.path, request.head.query, request.head.isTLS) == ("/a", "b", true))
    #expect(request.head.listener == 7)
    #expect(told.takeRequest()?.body == [])
    #expect(!told.isLastAnswer)
    #expect(told.answerEnded() == "serve ahead")
    #expect(!told.isServing)
    #expect(told.takeRequest() == nil)
  }

  @Test func theBodyIsAskedForIfTheClientWaitsForThat() {
    #expect(Told().head(.POST, ["expect": "100-Continue", "content-length": "1"]) == "continue")
    #expect(Told().head(.POST, ["expect": "100-continue", "transfer-encoding": "chunked"]) == "continue")
    #expect(Told().head(.POST, ["expect": "100-continue"]) == "nothing")
    #expect(Told().head(.POST, ["expect": "100-continue", "content-length": "1"], .http1_0) == "nothing")
    #expect(Told().head(.POST, ["content-length": "1"]) == "nothing")
  }

  @Test func whatIsSentAheadWaitsForTheAnswer() {
    let told = Told()
    #expect(told.head(.GET) == "nothing")
    #expect(told.end() == "serve")
    #expect(told.head(.GET) == "nothing")
    #expect(told.holdsAhead)
    #expect(told.end() == "nothing")
    #expect(told.failed(HTTP1Fault(status: 400, reason: "")) == "nothing")
    #expect(told.next() == nil)
    #expect(told.endAhead() == "nothing")
    #expect(told.answerEnded() == "serve ahead")
    #expect(told.next() == "nothing")
    #expect(told.next() == "serve")
    #expect(told.next() == nil)
    #expect(told.answerEnded() == "serve ahead")
    #expect(told.next() == nil)
    #expect(told.endAhead() == "fault 400, last")
    #expect(told.endAhead() == "nothing")
  }

  @Test func noRequestIsBegunForAClientThatTakesNoAnswers() {
    let told = Told()
    #expect(told.head(.POST, ["content-length": "2"]) == "nothing")
    told.state.takesAnswers = false
    #expect(told.body("hi") == "nothing")
    #expect(told.end() == "serve")
    #expect(told.head(.GET) == "nothing")
    #expect(told.answerEnded() == "serve ahead")
    #expect(told.next() == nil)
    #expect(told.end() == "nothing")
    #expect(told.failed(HTTP1Fault(status: 400, reason: "")) == "nothing")
    #expect(told.endAhead() == "nothing")
    #expect(told.holdsAhead)
    told.state.takesAnswers = true
    #expect(told.next() == "nothing")
    #expect(told.next() == "serve")
    #expect(told.answerEnded() == "serve ahead")
    #expect(told.endAhead() == "fault 400, last")
  }

  @Test func aRefusedBodyIsDroppedAndTheConnectionKeptIfItsRestIsSmall() {
    let refusal = HTTPBodyPlan.refuse(HTTPResponse(status: 401))
    var options = HTTPServerOptions()
    options.maxDrainBytes = 3
    let told = Told(refusal, options)
    #expect(told.head(.POST, ["content-length": "3"]) == "refuse 401")
    #expect(told.isDropping)
    #expect(told.body("abc") == "nothing")
    #expect(told.end() == "nothing")
    #expect(!told.isDropping)
    #expect(told.head(.POST, ["content-length": "4"]) == "refuse 401, last")
    #expect(told.body("abc") == "nothing")
    #expect(told.body("d") == "close")
    #expect(Told(refusal, options).head(.POST, ["transfer-encoding": "chunked"]) == "refuse 401, last")
    let waiting = Told(refusal, options)
    #expect(waiting.head(.POST, ["content-length": "1", "expect": "100-continue"]) == "refuse 401, last")
    #expect(waiting.end() == "close when written")
  }

  private func undecided(_ budget: ByteBudget? = nil, _ options: HTTPServerOptions = .init()) -> Told {
    Told(.later(within: .seconds(5), budget: budget) { _ in }, options)
  }

  @Test func aBodyIsNotTakenBeforeThePlanIsMade() throws {
    let told = undecided()
    #expect(told.head(.POST, ["content-length": "5", "expect": "100-continue"]) == "begin")
    #expect(told.body("hel") == "nothing")
    #expect(told.holdsAhead)
    #expect(told.next() == nil)
    #expect(!told.isServing)
    #expect(told.pass(.milliseconds(4999)) == "nothing")
    #expect(told.decided(.collect(limitBytes: 100, budget: nil)) == "continue")
    #expect(told.decided(.collect(limitBytes: 100, budget: nil)) == "nothing is awaited")
    #expect(told.next() == "nothing")
    #expect(told.next() == nil)
    #expect(told.body("lo") == "nothing")
    #expect(told.end() == "serve")
    #expect(try #require(told.takeRequest()).body == Array("hello".utf8))
  }

  @Test func aWholeRequestAndTheNextWaitForThePlan() throws {
    let told = undecided()
    #expect(told.head() == "begin")
    #expect(told.body("a") == "nothing")
    #expect(told.end() == "nothing")
    #expect(told.head(.GET) == "nothing")
    #expect(told.decided(.collect(limitBytes: 1, budget: nil)) == "nothing")
    #expect(told.next() == "nothing")
    #expect(told.next() == "serve")
    #expect(told.next() == nil)
    #expect(told.answerEnded() == "serve ahead")
    #expect(told.next() == "begin")
    #expect(told.next() == nil)
  }

  @Test func whatComesBeforeThePlanIsHeldWithinTheBudgetAndTheTime() {
    let budget = ByteBudget(capacityBytes: 5)
    let told = undecided(budget)
    #expect(told.head(.POST, ["content-length": "6"]) == "begin")
    #expect(told.body("hello") == "nothing")
    #expect(budget.usedBytes == 5)
    #expect(told.body("!") == "refuse overBudget(neededBytes: 1, capacityBytes: 5)")
    #expect(budget.usedBytes == 0)
    #expect(told.decided(.refuse(HTTPResponse(status: 401))) == "nothing is awaited")
    for _ in 0..<2 { #expect(told.next() == "nothing") }
    #expect(told.end() == "nothing")
    #expect(!told.isDropping)
    let late = undecided(budget)
    #expect(late.head(.POST, ["transfer-encoding": "chunked"]) == "begin")
    #expect(late.body("hello") == "nothing")
    #expect(late.pass(.seconds(5)) == "refuse undecided(after: 5.0 seconds), last")
    #expect(!late.holdsAhead)
    #expect(budget.usedBytes == 0)
    let gone = undecided(budget)
    #expect(gone.head() == "begin")
    #expect(gone.body("hello") == "nothing")
    gone.state.closed()
    #expect(budget.usedBytes == 0)
    #expect(gone.decided(.collect(limitBytes: 1, budget: nil)) == "nothing is awaited")
    let dropped = undecided(budget)
    #expect(dropped.head() == "begin")
    #expect(dropped.body("hello") == "nothing")
    _ = consume dropped
    #expect(budget.usedBytes == 0)
  }

  @Test func aFaultBeforeThePlanIsAnsweredAfterIt() {
    let told = undecided()
    #expect(told.head(.POST, ["transfer-encoding": "chunked"]) == "begin")
    #expect(told.failed(HTTP1Fault(status: 400, reason: "")) == "nothing")
    #expect(told.endAhead() == "nothing")
    #expect(told.decided(.collect(limitBytes: 1, budget: nil)) == "nothing")
    #expect(told.endAhead() == "fault 400, last")
    let refused = undecided()
    #expect(refused.head(.POST, ["transfer-encoding": "chunked"]) == "begin")
    #expect(refused.failed(HTTP1Fault(status: 400, reason: "")) == "nothing")
    #expect(refused.decided(.refuse(HTTPResponse(status: 401))) == "refuse 401, last")
    #expect(refused.endAhead() == "nothing")
  }

  @Test func aBodyPastItsLimitIsRefusedByItsLengthOrAsItComes() {
    let plan = HTTPBodyPlan.collect(limitBytes: 3, budget: nil)
    #expect(Told(plan).head(.POST, ["content-length": "4"]) == "refuse tooLarge(bytes: 4, limitBytes: 3)")
    let told = Told(plan)
    #expect(told.head(.POST, ["transfer-encoding": "chunked"]) == "nothing")
    #expect(told.body("abc") == "nothing")
    #expect(told.body("d") == "refuse tooLarge(bytes: 4, limitBytes: 3), last")
  }

  @Test func theBudgetIsHeldUntilTheAnswerIsGivenOrTheConnectionGone() {
    let budget = ByteBudget(capacityBytes: 100)
    func serving() -> Told {
      let told = Told(.collect(limitBytes: 100, budget: budget))
      #expect(told.head(.POST, ["content-length": "5"]) == "nothing")
      #expect(told.body("hello") == "nothing")
      #expect(told.end() == "serve")
      _ = told.takeRequest()
      #expect(budget.usedBytes == 5)
      return told
    }
    _ = serving().answerEnded()
    #expect(budget.usedBytes == 0)
    serving().state.closed()
    #expect(budget.usedBytes == 0)
    _ = serving()
    #expect(budget.usedBytes == 0)
  }

  @Test func aFaultIsAnsweredOnceAndEndsTheConnection() {
    let told = Told()
    #expect(told.head(.POST, ["content-length": "1", "transfer-encoding": "chunked"]) == "fault 400, last")
    #expect(told.failed(HTTP1Fault(status: 431, reason: "")) == "close headerTooLarge")
    #expect(told.failed(HTTP1Fault(status: 431, reason: "")) == "nothing")
    #expect(told.head() == "nothing")
  }

  @Test func tooManySmallPiecesAreAFault() {
    var options = HTTPServerOptions()
    options.http2.maxTinyData = 2
    let told = Told(.collect(limitBytes: 100, budget: nil), options)
    #expect(told.head(.POST, ["transfer-encoding": "chunked"]) == "nothing")
    #expect(told.body("a") == "nothing")
    #expect(told.body("b") == "nothing")
    #expect(told.body("c") == "fault 400, last")
  }

  @Test func anAnswerGivesSmallPiecesBack() {
    var options = HTTPServerOptions()
    options.http2.maxTinyData = 4
    let told = Told(.collect(limitBytes: 100, budget: nil), options)
    for _ in 0..<3 {
      #expect(told.head(.POST, ["transfer-encoding": "chunked"]) == "nothing")
      for _ in 0..<4 { #expect(told.body("a") == "nothing") }
      #expect(told.end() == "serve")
      #expect(told.answerEnded() == "serve ahead")
    }
  }

  @Test func theLastAnswerSaysSoAndNothingIsServedAfterIt() {
    func serving(_ fields: HTTPHeaders = [:]) -> Told {
      let told = Told()
      #expect(told.head(.GET, fields) == "nothing")
      #expect(told.end() == "serve")
      return told
    }
    let asked = serving(["connection": "close"])
    #expect(asked.head() == "nothing")
    #expect(asked.isLastAnswer)
    #expect(asked.answerEnded() == "end output")
    #expect(!asked.holdsAhead)
    let old = serving()
    old.state.leave()
    #expect(old.isLastAnswer)
    let open = serving()
    open.state.answerNeedsClose()
    #expect(open.answerEnded() == "end output")
    let draining = serving()
    draining.state.drain()
    #expect(draining.answerEnded() == "end output")
  }

  @Test func anIdleConnectionThatIsDrainedHasTimeForOneMoreRequest() {
    func idle() -> Told {
      let told = Told()
      #expect(told.head(.GET) == "nothing")
      #expect(told.end() == "serve")
      _ = told.answerEnded()
      #expect(told.pass(.seconds(10)) == "nothing")
      told.state.drain()
      return told
    }
    let silent = idle()
    #expect(silent.pass(.milliseconds(999)) == "nothing")
    silent.state.drain()
    #expect(silent.pass(.milliseconds(1)) == "close")
    let asking = idle()
    #expect(asking.head(.GET) == "nothing")
    #expect(asking.end() == "serve")
    #expect(asking.pass(.seconds(2)) == "nothing")
    #expect(asking.isLastAnswer)
    #expect(asking.answerEnded() == "end output")
    let begun = idle()
    begun.state.headBegan(now: begun.state.now)
    #expect(begun.pass(.milliseconds(2999)) == "nothing")
    #expect(begun.pass(.milliseconds(1)) == "close when written slowHeader")
  }

  @Test func aBodyOfWhichNothingComesIsNotWaitedForLongWhileTheServerShutsDown() {
    let told = Told()
    #expect(told.head(.POST, ["content-length": "9"]) == "nothing")
    #expect(told.pass(.seconds(8)) == "nothing")
    told.state.drain()
    #expect(told.pass(.milliseconds(2999)) == "nothing")
    #expect(told.body("a") == "nothing")
    #expect(told.pass(.milliseconds(2999)) == "nothing")
    #expect(told.pass(.milliseconds(1)) == "refuse timedOut(after: 3.0 seconds), last")
    #expect(told.pass(.milliseconds(999)) == "nothing")
    #expect(told.pass(.milliseconds(1)) == "close")
    let old = Told()
    #expect(old.head(.POST, ["content-length": "9"]) == "nothing")
    old.state.leave()
    #expect(old.pass(.seconds(14)) == "nothing")
  }

  @Test func everyStageHasItsDeadline() {
    let head = Told()
    #expect(head.pass(.seconds(9)) == "nothing")
    #expect(head.pass(.seconds(1)) == "close when written slowHeader")
    #expect(head.pass(.seconds(1000)) == "nothing")
    let told = Told()
    #expect(told.head(.POST, ["content-length": "9"]) == "nothing")
    #expect(told.pass(.seconds(14)) == "nothing")
    #expect(told.pass(.seconds(1)) == "refuse timedOut(after: 15.0 seconds)")
    #expect(told.pass(.seconds(4)) == "nothing")
    #expect(told.pass(.seconds(1)) == "close")
    let idle = Told()
    #expect(idle.head(.GET) == "nothing")
    #expect(idle.end() == "serve")
    #expect(idle.pass(.seconds(100_000)) == "nothing")
    _ = idle.answerEnded()
    #expect(idle.pass(.seconds(299)) == "nothing")
    idle.state.leave()
    #expect(idle.pass(.seconds(0)) == "close")
  }
}
