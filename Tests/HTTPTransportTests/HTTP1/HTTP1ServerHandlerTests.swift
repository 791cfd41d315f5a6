import HTTPTransport
import NIOCore
import Synchronization
import Testing

@testable import HTTPTransport

@Suite struct HTTP1ServerHandlerTests {
  private static let post = "POST /echo?a=b HTTP/1.1\r\nhost: test\r\ncontent-length: 5\r\n\r\nhello"

  @Test func answersARequestAndKeepsTheConnection() throws {
    let peer = try HTTP1Peer()
    peer.send(Self.post)
    #expect(peer.text == "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello")
    peer.send(Self.post)
    #expect(peer.statuses == ["200", "200"])
    #expect(peer.isOpen)
    let head = try #require(peer.service.seen.first).head
    #expect((head.method, head.path, head.query, head.version) == ("POST", "/echo", "a=b", .http1))
    #expect(head.remoteAddress == "192.0.2.1:1")
    #expect(peer.metrics.snapshot.requestsHTTP1 == 2)
  }

  @Test func answersTheSameWhereverTheBytesAreCut() throws {
    let bytes = Array(
      (Self.post + "POST /echo HTTP/1.1\r\nhost: test\r\ntransfer-encoding: chunked\r\n\r\n"
        + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n").utf8)
    let whole = try HTTP1Peer()
    whole.send(bytes)
    #expect(whole.statuses == ["200", "200"])
    #expect(whole.text.hasSuffix("abcde"))
    for cut in 1..<bytes.count {
      let peer = try HTTP1Peer()
      peer.send(Array(bytes[..<cut]))
      peer.send(Array(bytes[cut...]))
      #expect(peer.text == whole.text, "cut at \(cut)")
    }
  }

  @Test func servesRequestsSentAheadInOrder() throws {
    let peer = try HTTP1Peer()
    peer.send(
      "GET /hold HTTP/1.1\r\nhost: t\r\n\r\nGET /a HTTP/1.1\r\nhost: t\r\n\r\nGET /hold HTTP/1.1\r\nhost: t\r\n\r\n")
    peer.send("GET /b HTTP/1.1\r\nhost: t\r\n\r\n")
    #expect(peer.service.seen.map(\.head.path) == ["/hold"])
    #expect(peer.text.isEmpty)
    peer.service.answerHeld()
    peer.takeAnswers()
    #expect(peer.service.seen.map(\.head.path) == ["/hold", "/a", "/hold"])
    peer.service.answerHeld()
    peer.takeAnswers()
    #expect(peer.service.seen.map(\.head.path) == ["/hold", "/a", "/hold", "/b"])
    #expect(peer.statuses == ["200", "200", "200", "200"])
  }

  @Test func doesNotReadFromAClientThatSendsAheadOrDoesNotTakeItsAnswers() throws {
    let peer = try HTTP1Peer()
    peer.send("GET / HTTP/1.1\r\nhost: t\r\n\r\n")
    let reads = peer.reads
    peer.channel.read()
    #expect(peer.reads == reads + 1)
    peer.channel.isWritable = false
    peer.channel.pipeline.fireChannelWritabilityChanged()
    peer.channel.read()
    #expect(peer.reads == reads + 1)
    peer.channel.isWritable = true
    peer.channel.pipeline.fireChannelWritabilityChanged()
    #expect(peer.reads == reads + 2)
    peer.send("GET /hold HTTP/1.1\r\nhost: t\r\n\r\nGET / HTTP/1.1\r\nhost: t\r\n\r\n")
    peer.channel.read()
    #expect(peer.reads == reads + 2)
    peer.service.answerHeld()
    peer.takeAnswers()
    #expect(peer.reads == reads + 3)
    #expect(peer.statuses == ["200", "200", "200"])
  }

  @Test func servesNothingSentAheadUntilTheAnswersBeforeItAreTaken() throws {
    let peer = try HTTP1Peer()
    peer.channel.isWritable = false
    peer.channel.pipeline.fireChannelWritabilityChanged()
    peer.send("GET /a HTTP/1.1\r\nhost: t\r\n\r\nGET /b HTTP/1.1\r\nhost: t\r\n\r\nGARBAGE\r\n\r\n")
    let reads = peer.reads
    peer.channel.read()
    #expect(peer.service.seen.isEmpty && peer.text.isEmpty && peer.reads == reads)
    peer.channel.isWritable = true
    peer.channel.pipeline.fireChannelWritabilityChanged()
    peer.takeAnswers()
    #expect(peer.service.seen.map(\.head.path) == ["/a", "/b"])
    #expect(peer.statuses == ["200", "200", "400"])
  }

  @Test func answersRequestsBeforeTheBrokenOneThatFollows() throws {
    let peer = try HTTP1Peer()
    peer.send("GET /hold HTTP/1.1\r\nhost: t\r\n\r\nGARBAGE\r\n\r\n")
    #expect(peer.text.isEmpty)
    peer.service.answerHeld()
    peer.takeAnswers()
    #expect(peer.statuses == ["200", "400"])
  }

  /// RFC 9110 section 5.5: white space behind a value is no part of it.
  @Test func whiteSpaceBehindValuesIsTakenAway() throws {
    let peer = try HTTP1Peer()
    peer.send("POST / HTTP/1.1\r\nHost: t \r\nContent-Length: 3 \r\nA:  b c\t \r\nB:  \r\nC: d\r\n\r\nabc")
    #expect(peer.statuses == ["200"])
    let head = try #require(peer.service.seen.first?.head)
    let values = ["host", "content-length", "a", "b", "c"].map { head.headers.first(name: $0) }
    #expect(values == ["t", "3", "b c", "", "d"])
  }

  @Test(arguments: ["", "a", "a.b-c_d~e:80", "[::1]:80", "[fe80::1%25eth0]", "a%20b", "!$&'()*+,;="])
  func takesWhateverMayBeAHost(_ host: String) throws {
    let peer = try HTTP1Peer()
    peer.send("GET / HTTP/1.1\r\nhost: \(host)\r\n\r\n")
    #expect(peer.statuses == ["200"])
  }

  @Test func tinyChunksHaveABudget() throws {
    let head = "POST /echo HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\n\r\n"
    func statuses(chunks: Int, of bytes: Int) throws -> [String] {
      var options = HTTPServerOptions()
      options.http2.maxTinyData = 5
      let peer = try HTTP1Peer(options: options)
      let chunk = String(bytes, radix: 16) + "\r\n" + String(repeating: "x", count: bytes) + "\r\n"
      for _ in 0..<2 { peer.send(head + String(repeating: chunk, count: chunks) + "0\r\n\r\n") }
      if chunks > 5, bytes < 64 { #expect(peer.metrics.snapshot.refusals == [.tinyDataFlood: 1]) }
      return peer.statuses
    }
    #expect(try statuses(chunks: 4, of: 63) == ["200", "200"])
    #expect(try statuses(chunks: 5, of: 63).first == "200")
    #expect(try statuses(chunks: 6, of: 1) == ["400"])
    #expect(try statuses(chunks: 100, of: 64) == ["200", "200"])
  }

  @Test(arguments: [
    ("POST / HTTP/1.1\r\nhost: t\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", "400"),
    ("POST / HTTP/1.1\r\nhost: t\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabcd", "400"),
    ("POST / HTTP/1.1\r\nhost: t\r\ncontent-length: -3\r\n\r\nabc", "400"),
    ("POST / HTTP/1.1\r\nhost: t\r\ncontent-length: 99999999999999999999999\r\n\r\nabc", "400"),
    ("POST / HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n", "400"),
    ("POST / HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffffffff\r\n", "400"),
    ("POST / HTTP/1.1\r\nhost: t\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "501"),
    ("POST / HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", "400"),
    ("GET / HTTP/1.1\r\n\r\n", "400"),
    ("GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n", "400"),
    ("GET / HTTP/1.1\r\nhost: a b\r\n\r\n", "400"),
    ("GET / HTTP/1.1\r\nhost: a@b\r\n\r\n", "400"),
    ("GET / HTTP/1.1\r\nhost: a/b\r\n\r\n", "400"),
    ("GET / HTTP/1.1\r\nhost: \u{e9}\r\n\r\n", "400"),
    ("GET / HTTP/1.1\r\nhost: t\r\nbad name: x\r\n\r\n", "400"),
    ("\u{0}\u{1}\u{2}\r\n\r\n", "400"),
    ("GET / HTTP/9.9\r\nhost: t\r\n\r\n", "400"),
  ])
  func refusesWhatIsNotARequest(_ text: String, _ status: String) throws {
    let peer = try HTTP1Peer()
    peer.send(text)
    #expect(peer.statuses == [status])
    #expect(peer.text.contains("connection: close"))
    #expect(peer.service.seen.isEmpty)
    #expect(peer.isHalfClosed)
    peer.pass(.seconds(5))
    #expect(!peer.isOpen)
  }

  @Test func takesAHeadAtTheLimitsAndNotOnePast() throws {
    var options = HTTPServerOptions()
    options.maxHeaderCount = 3
    options.maxHeaderBytes = 100
    func statuses(_ fields: String) throws -> [String] {
      let peer = try HTTP1Peer(options: options)
      peer.send("GET / HTTP/1.1\r\nhost: t\r\n\(fields)\r\n")
      return peer.statuses
    }
    #expect(try statuses("a: 1\r\nb: 2\r\n") == ["200"])
    #expect(try statuses("a: 1\r\nb: 2\r\nc: 3\r\n") == ["431"])
    // The target takes 1 byte, `host: t` 5 and the name 1: 93 are left.
    #expect(try statuses("a: \(String(repeating: "x", count: 93))\r\n") == ["200"])
    #expect(try statuses("a: \(String(repeating: "x", count: 94))\r\n") == ["431"])
  }

  @Test func answersContinueOnlyWhenTheBodyIsWanted() throws {
    let wanted = try HTTP1Peer()
    wanted.send("POST /echo HTTP/1.1\r\nhost: t\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n")
    #expect(wanted.text == "HTTP/1.1 100 Continue\r\n\r\n")
    wanted.send("ok")
    #expect(wanted.statuses == ["100", "200"])
    let refused = try HTTP1Peer()
    refused.send("POST /refuse HTTP/1.1\r\nhost: t\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n")
    #expect(refused.statuses == ["401"])
    #expect(refused.text.contains("connection: close"))
    let tooLarge = try HTTP1Peer(TestService(limitBytes: 1))
    tooLarge.send("POST /echo HTTP/1.1\r\nhost: t\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n")
    #expect(tooLarge.statuses == ["413"])
  }

  @Test func keepsAConnectionWhoseRefusedBodyIsShort() throws {
    let peer = try HTTP1Peer()
    peer.send("POST /refuse HTTP/1.1\r\nhost: t\r\ncontent-length: 4\r\n\r\n")
    #expect(peer.statuses == ["401"])
    peer.send("bodyGET / HTTP/1.1\r\nhost: t\r\n\r\n")
    #expect(peer.statuses == ["401", "200"])
    #expect(peer.isOpen)
  }

  @Test func closesAConnectionWhoseRefusedBodyIsLongAfterABoundedRead() throws {
    var options = HTTPServerOptions()
    options.maxDrainBytes = 100
    let peer = try HTTP1Peer(options: options)
    peer.send("POST /refuse HTTP/1.1\r\nhost: t\r\ncontent-length: 101\r\n\r\n")
    #expect(peer.text.contains("connection: close"))
    peer.send(String(repeating: "x", count: 100))
    #expect(peer.isOpen)
    peer.send("x")
    #expect(!peer.isOpen)
  }

  @Test func refusesABodyPastTheLimitAsItArrives() throws {
    let service = TestService(limitBytes: 4)
    let atLimit = try HTTP1Peer(service)
    atLimit.send("POST /echo HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n")
    #expect(atLimit.statuses == ["200"])
    let past = try HTTP1Peer(service)
    past.send("POST /echo HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n")
    #expect(past.statuses == ["413"])
    #expect(past.text.contains("tooLarge(bytes: 5, limitBytes: 4)"))
    #expect(past.metrics.snapshot.refusals == [.bodyTooLarge: 1])
  }

  @Test func givesTheBudgetBackWhenAnsweredOrAbandoned() throws {
    let budget = ByteBudget(capacityBytes: 10)
    let service = TestService(budget: budget)
    let peer = try HTTP1Peer(service)
    peer.send("POST /hold HTTP/1.1\r\nhost: t\r\ncontent-length: 6\r\n\r\nabcdef")
    #expect(budget.usedBytes == 6)
    let second = try HTTP1Peer(service)
    second.send("POST /echo HTTP/1.1\r\nhost: t\r\ncontent-length: 6\r\n\r\nabcdef")
    #expect(second.statuses == ["503"])
    #expect(second.text.contains("overBudget(neededBytes: 6, capacityBytes: 10)"))
    #expect(budget.usedBytes == 6)
    service.answerHeld()
    peer.takeAnswers()
    #expect(budget.usedBytes == 0)
    peer.send("POST /hold HTTP/1.1\r\nhost: t\r\ncontent-length: 6\r\n\r\nabc")
    #expect(budget.usedBytes == 6)
    _ = try peer.channel.finish(acceptAlreadyClosed: true)
    #expect(budget.usedBytes == 0)
  }

  @Test func sendsTrailersInChunks() throws {
    let peer = try HTTP1Peer()
    peer.send("POST /trailers HTTP/1.1\r\nhost: t\r\ncontent-length: 3\r\n\r\nabc")
    #expect(
      peer.text
        == "HTTP/1.1 200 OK\r\nx-head: 1\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nx-trailer: 2\r\n\r\n")
  }

  @Test func streamsAnAnswer() throws {
    let peer = try HTTP1Peer()
    peer.send("GET /stream HTTP/1.1\r\nhost: t\r\n\r\n")
    #expect(peer.text.hasSuffix("\r\n\r\n4\r\none \r\n4\r\ntwo \r\n5\r\nthree\r\n0\r\nx-trailer: 2\r\n\r\n"))
    let old = try HTTP1Peer()
    old.send("GET /stream HTTP/1.0\r\nconnection: keep-alive\r\n\r\n")
    #expect(old.text.hasSuffix("connection: close\r\n\r\none two three"))
    #expect(old.isHalfClosed)
  }

  @Test func sendsNoBodyForHEAD() throws {
    let peer = try HTTP1Peer()
    peer.send("HEAD / HTTP/1.1\r\nhost: t\r\n\r\nHEAD /stream HTTP/1.1\r\nhost: t\r\n\r\n")
    #expect(peer.text.hasPrefix("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nHTTP/1.1 200 OK\r\n"))
    #expect(peer.text.hasSuffix("\r\n\r\n"))
    #expect(!peer.text.contains("one"))
  }

  @Test func speaksHTTP10() throws {
    let plain = try HTTP1Peer()
    plain.send("GET / HTTP/1.0\r\n\r\n")
    #expect(plain.text == "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok")
    #expect(plain.isHalfClosed)
    let keeping = try HTTP1Peer()
    keeping.send("GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n")
    #expect(keeping.text.contains("connection: keep-alive"))
    #expect(keeping.isOpen)
  }

  @Test func closesWhenTheClientAsks() throws {
    let peer = try HTTP1Peer()
    peer.send("GET / HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n")
    #expect(peer.text.contains("connection: close"))
    #expect(peer.isHalfClosed)
  }

  @Test func answers500ForADroppedResponder() throws {
    let peer = try HTTP1Peer()
    peer.send("GET /drop HTTP/1.1\r\nhost: t\r\n\r\n")
    #expect(peer.statuses == ["500"])
    #expect(peer.isOpen)
  }

  @Test func tellsTheServiceThatTheClientHasGone() throws {
    let peer = try HTTP1Peer()
    peer.send("GET /hold HTTP/1.1\r\nhost: t\r\n\r\n")
    _ = try peer.channel.finish(acceptAlreadyClosed: true)
    #expect(peer.service.cancelled.load(ordering: .relaxed) == 1)
  }

  @Test func closesAConnectionWhoseHeadIsSlow() throws {
    let peer = try HTTP1Peer()
    peer.send("GET / HTTP/1.1\r\nhost:")
    peer.pass(.seconds(9))
    #expect(peer.isOpen)
    peer.send(" t\r\n")
    peer.pass(.seconds(1))
    #expect(!peer.isOpen)
    #expect(peer.metrics.snapshot.refusals == [.slowHeader: 1])
  }

  @Test func closesAConnectionWhoseSecondHeadIsSlow() throws {
    let peer = try HTTP1Peer()
    peer.send("GET / HTTP/1.1\r\nhost: t\r\n\r\n")
    peer.pass(.seconds(100))
    #expect(peer.isOpen)
    peer.send("GET")
    peer.pass(.seconds(10))
    #expect(!peer.isOpen)
    #expect(peer.metrics.snapshot.refusals == [.slowHeader: 1])
  }

  @Test func closesAConnectionThatSaysNothing() throws {
    let silent = try HTTP1Peer()
    silent.pass(.seconds(10))
    #expect(!silent.isOpen)
    let idle = try HTTP1Peer()
    idle.send("GET / HTTP/1.1\r\nhost: t\r\n\r\n")
    idle.pass(.seconds(299))
    #expect(idle.isOpen)
    idle.pass(.seconds(1))
    #expect(!idle.isOpen)
  }

  @Test func refusesABodyThatTrickles() throws {
    let peer = try HTTP1Peer()
    peer.send("POST /echo HTTP/1.1\r\nhost: t\r\ncontent-length: 100000\r\n\r\n")
    peer.send(String(repeating: "x", count: 1024))
    peer.pass(.seconds(15))
    #expect(peer.text.isEmpty)
    peer.send(String(repeating: "x", count: 1023))
    peer.pass(.seconds(15))
    #expect(peer.statuses == ["408"])
    #expect(peer.metrics.snapshot.refusals == [.slowBody: 1])
  }

  @Test func anOldConnectionEndsWithItsNextAnswer() throws {
    let peer = try HTTP1Peer()
    peer.send("GET / HTTP/1.1\r\nhost: t\r\n\r\n")
    peer.tell(.tooOld)
    #expect(peer.isOpen)
    peer.send("GET / HTTP/1.1\r\nhost: t\r\n\r\n")
    #expect(peer.statuses == ["200", "200"])
    #expect(peer.text.contains("connection: close"))
    #expect(peer.isHalfClosed)
  }

  @Test(arguments: [0, 1])
  func drainingClosesConnectionsThatStayIdle(_ requests: Int) throws {
    let silent = try HTTP1Peer()
    let asking = try HTTP1Peer()
    for peer in [silent, asking] {
      for _ in 0..<requests { peer.send("GET / HTTP/1.1\r\nhost: t\r\n\r\n") }
      peer.tell(.drain)
      peer.pass(.milliseconds(999))
      #expect(peer.isOpen)
    }
    asking.send("GET / HTTP/1.1\r\nhost: t\r\n\r\n")
    #expect(asking.text.contains("connection: close"))
    #expect(asking.statuses.count == requests + 1)
    silent.pass(.milliseconds(1))
    #expect(!silent.isOpen)
  }

  @Test func drainingLetsRequestsFinish() throws {
    let busy = try HTTP1Peer()
    busy.send("GET /hold HTTP/1.1\r\nhost: t\r\n\r\n")
    busy.tell(.drain)
    #expect(busy.isOpen)
    busy.service.answerHeld()
    busy.takeAnswers()
    #expect(busy.text.contains("connection: close"))
    #expect(busy.statuses == ["200"])
    #expect(busy.isHalfClosed)
  }

  @Test func survivesMutatedRequests() throws {
    let seed = Array(
      ("POST /echo HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n" + Self.post).utf8)
    var random = SeededRandom(seed: 1)
    for _ in 0..<3000 {
      let peer = try HTTP1Peer()
      peer.send(seed.mutated(&random))
      peer.pass(.seconds(400))
    }
  }
}
