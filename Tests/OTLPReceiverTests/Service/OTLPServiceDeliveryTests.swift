import Foundation
import FrameQueues
import HTTPTransport
import LogPipeline
import NIOCore
import Testing

@testable import OTLPReceiver

/// Answers that wait until records are delivered (`ack: delivered`).
@Suite struct OTLPServiceDeliveryTests {
  private let queue = MemoryQueue(capacityBytes: 1 << 20)
  private let counters = ReceiverCounters(id: "otlp")
  private let service: OTLPService

  init() {
    let lines = Destination(id: "lines", dialect: LineDialect(), queue: queue)
    let pipeline = Pipeline(
      id: "logs", processors: [], destinations: [lines], acknowledgement: .delivered,
      acknowledgementTimeout: .seconds(2))
    service = OTLPService(
      IngestPipeline(pipelines: [pipeline], limits: DecodeLimits()), budget: ByteBudget(capacityBytes: 1 << 20),
      health: HealthState(.serving), counters: counters)
  }

  /// Sends a request of one record; the answer comes to the inbox.
  private func post(_ inbox: Inbox, through responder: HTTPResponder? = nil) {
    let head = HTTPRequestHead(
      method: "POST", path: "/v1/logs", headers: [("content-type", "application/x-protobuf")].fields)
    service.respond(to: HTTPRequest(head: head, body: exportRequest()), through: responder ?? inbox.responder)
  }

  private func call(_ inbox: Inbox) {
    let path = "/opentelemetry.proto.collector.logs.v1.LogsService/Export"
    let head = HTTPRequestHead(
      method: "POST", path: path, headers: [("content-type", "application/grpc"), ("te", "trailers")].fields,
      version: .http2)
    service.respond(to: HTTPRequest(head: head, body: framed(exportRequest())), through: inbox.responder)
  }

  private func deliver() throws { queue.acknowledge(try #require(queue.lease(maxBytes: 1 << 20))) }

  @Test func aSenderThatOutrunsADestinationIsAnsweredLater() throws {
    let queue = MemoryQueue(capacityBytes: 1 << 20, segmentBytes: 1 << 10, pacedBytes: 1)
    let pipeline = Pipeline(
      id: "logs", processors: [], destinations: [Destination(id: "lines", dialect: LineDialect(), queue: queue)],
      acknowledgement: .memory)
    let service = OTLPService(
      IngestPipeline(pipelines: [pipeline], limits: DecodeLimits()), budget: ByteBudget(capacityBytes: 1 << 20),
      health: HealthState(.serving), counters: counters)
    let head = HTTPRequestHead(
      method: "POST", path: "/v1/logs", headers: [("content-type", "application/x-protobuf")].fields)
    let (first, second) = (Inbox(), Inbox())
    service.respond(to: HTTPRequest(head: head, body: exportRequest()), through: first.responder)
    #expect(first.answer.status == 200)
    queue.acknowledge(try #require(queue.lease(maxBytes: 1 << 20)))
    service.respond(to: HTTPRequest(head: head, body: exportRequest()), through: second.responder)
    #expect(!second.answer.isFinished)
    second.loop.advanceTime(by: .milliseconds(250))
    #expect(second.answer.status == 200 && queue.waiting.records == 1)
  }

  @Test func aSenderThatWaitsForTheDiskAndOutrunsADestinationIsAnsweredLater() throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "paced-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: directory) }
    var options = DiskQueueOptions()
    options.pacedBytes = 1
    let queue = try DiskQueue(directory, options: options, files: SystemFileSystem())
    let pipeline = Pipeline(
      id: "logs", processors: [], destinations: [Destination(id: "lines", dialect: LineDialect(), queue: queue)])
    let service = OTLPService(
      IngestPipeline(pipelines: [pipeline], limits: DecodeLimits()), budget: ByteBudget(capacityBytes: 1 << 20),
      health: HealthState(.serving), counters: counters)
    let head = HTTPRequestHead(
      method: "POST", path: "/v1/logs", headers: [("content-type", "application/x-protobuf")].fields)
    func post() -> Inbox {
      let inbox = Inbox()
      service.respond(to: HTTPRequest(head: head, body: exportRequest()), through: inbox.responder)
      #expect(!inbox.answer.isFinished)
      queue.commit(at: .zero)
      inbox.loop.run()
      return inbox
    }
    #expect(post().answer.status == 200)
    queue.acknowledge(try #require(queue.lease(maxBytes: 1 << 20)))
    #expect(post().answer.status == 200 && queue.waiting.records == 1)
    let held = post()
    #expect(!held.answer.isFinished)
    held.loop.advanceTime(by: .milliseconds(250))
    #expect(held.answer.status == 200)
  }

  @Test func theAnswerComesWithTheDeliveryAndNotBefore() throws {
    let (http, grpc) = (Inbox(), Inbox())
    post(http)
    call(grpc)
    http.loop.advanceTime(by: .milliseconds(1999))
    #expect(!http.answer.isFinished && !grpc.answer.isFinished)
    #expect(counters[.httpProtobuf].acceptedRecords == 0)
    try deliver()
    http.loop.run()
    grpc.loop.run()
    #expect(http.answer.status == 200 && grpc.answer.grpcStatus == 0)
    #expect(counters[.httpProtobuf].acceptedRecords == 1 && counters[.grpc].acceptedRequests == 1)
    http.loop.advanceTime(by: .seconds(10))
    #expect(http.answer.status == 200)
  }

  @Test func aSenderThatWaitedLongEnoughIsAskedToRetry() throws {
    let (http, grpc) = (Inbox(), Inbox())
    post(http)
    call(grpc)
    for inbox in [http, grpc] { inbox.loop.advanceTime(by: .seconds(2)) }
    #expect(http.answer.status == 503 && http.answer.headers.first(name: "retry-after") == "5")
    #expect(http.answer.text.contains("not all are delivered after") && http.answer.text.contains("ack_timeout is 2"))
    #expect(grpc.answer.grpcStatus == 14)
    #expect(counters[.httpProtobuf].refusedRequests == [.notDelivered: 1])
    #expect(counters[.grpc].refusedRecords == 1)
    try deliver()
    #expect(http.answer.status == 503 && counters[.httpProtobuf].acceptedRecords == 0)
    #expect(queue.queuedRecords == 0)
  }

  @Test func aSenderThatLeavesIsForgotten() throws {
    let inbox = Inbox()
    weak var kept: HTTPResponder?
    do {
      let responder = inbox.responder
      kept = responder
      post(inbox, through: responder)
      responder.cancel()
    }
    #expect(kept == nil)
    #expect(counters[.httpProtobuf].refusedRequests == [.notDelivered: 1])
    inbox.loop.advanceTime(by: .seconds(10))
    try deliver()
    #expect(!inbox.answer.isFinished && counters[.httpProtobuf].refusedRequests == [.notDelivered: 1])
  }

  @Test func nothingKeepsASenderThatWasAnswered() throws {
    let inbox = Inbox()
    weak var kept: HTTPResponder?
    do {
      let responder = inbox.responder
      kept = responder
      post(inbox, through: responder)
    }
    #expect(kept != nil)
    try deliver()
    inbox.loop.run()
    #expect(kept == nil && inbox.answer.status == 200)
  }

  @Test func aGatewayThatStopsAsksToRetry() {
    let inbox = Inbox()
    post(inbox)
    service.drain()
    queue.refuseWaiters()
    inbox.loop.run()
    #expect(inbox.answer.status == 503 && inbox.answer.text.contains("shutting down"))
  }

  @Test func whoWaitsWhileAQueueChangesHandsHearsThatItsRecordsAreQueued() {
    let inbox = Inbox()
    post(inbox)
    queue.close()
    inbox.loop.run()
    #expect(inbox.answer.status == 503 && inbox.answer.text.contains("not all are delivered"))
    #expect(counters[.httpProtobuf].refusedRequests == [.notDelivered: 1])
  }
}

extension [(String, String)] {
  fileprivate var fields: HTTPHeaders { HTTPHeaders(self) }
}
