import HTTPTransport
import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@Suite struct HTTPResponderTests {
  /// What a responder delivered, in words.
  final class Record: Sendable {
    let words = Mutex<[String]>([])

    func responder(_ loop: EmbeddedEventLoop = EmbeddedEventLoop()) -> HTTPResponder {
      HTTPResponder(eventLoop: loop) { event in
        let word =
          switch event {
          case .whole(let response): "whole \(response.status)"
          case .start(let status, _): "start \(status)"
          case .body(let bytes): "body \(bytes.readableBytes)"
          case .end(let trailers): trailers == nil ? "end" : "end with trailers"
          case .abandoned: "abandoned"
          }
        self.words.withLock { $0.append(word) }
      }
    }

    var all: [String] { words.withLock { $0 } }
  }

  @Test func sendsTheFirstAnswerOnly() {
    let record = Record()
    let responder = record.responder()
    responder.respond(HTTPResponse(status: 200))
    responder.respond(HTTPResponse(status: 500))
    responder.start(status: 404, headers: [:])
    #expect(record.all == ["whole 200"])
  }

  @Test func partsCountAsUnsentUntilTheyAreTaken() {
    let responder = Record().responder()
    responder.send(ByteBuffer(string: "early"))
    responder.start(status: 200, headers: [:])
    #expect(responder.unsentBytes == 0)
    responder.send(ByteBuffer(string: "12345"))
    responder.send(ByteBuffer(string: "678"))
    #expect(responder.unsentBytes == 8)
  }

  @Test func sendsPartsInOrder() {
    let record = Record()
    let responder = record.responder()
    responder.send(ByteBuffer(string: "too early"))
    responder.start(status: 200, headers: [:])
    responder.send(ByteBuffer(string: "abc"))
    responder.finish(trailers: ["a": "b"])
    responder.send(ByteBuffer(string: "too late"))
    #expect(record.all == ["start 200", "body 3", "end with trailers"])
  }

  @Test func answers500WhenDropped() {
    let record = Record()
    _ = record.responder()
    #expect(record.all == ["whole 500"])
  }

  @Test func saysThatAStartedAnswerWasAbandoned() {
    let record = Record()
    do { record.responder().start(status: 200, headers: [:]) }
    #expect(record.all == ["start 200", "abandoned"])
  }

  @Test func tellsOfCancellationOnceAndIgnoresWhatFollows() {
    let record = Record()
    let cancelled = Atomic<Int>(0)
    do {
      let responder = record.responder()
      responder.onCancel { cancelled.add(1, ordering: .relaxed) }
      responder.cancel()
      responder.cancel()
      responder.respond(HTTPResponse(status: 200))
      responder.onCancel { cancelled.add(10, ordering: .relaxed) }
    }
    #expect(cancelled.load(ordering: .relaxed) == 11)
    #expect(record.all.isEmpty)
  }

  @Test func forgetsCancellationOnceAnswered() {
    let cancelled = Atomic<Int>(0)
    let responder = Record().responder()
    responder.onCancel { cancelled.add(1, ordering: .relaxed) }
    responder.respond(HTTPResponse(status: 200))
    responder.cancel()
    #expect(cancelled.load(ordering: .relaxed) == 0)
  }
}
