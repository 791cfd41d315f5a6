import HTTPTransport
import LogPipeline
import NIOCore
import Testing

@testable import OTLPReceiver

@Suite struct ReceiverCountersTests {
  @Test func everyRequestIsCountedUnderItsProtocol() {
    let fixture = Fixture()
    let body = exportRequest(["a", "b"])
    _ = fixture.post(body)
    _ = fixture.post(Compress.gzip(body), headers: [("content-encoding", "gzip")])
    _ = fixture.call(framed(body))
    _ = fixture.post(Array("[".utf8), type: "application/json")
    _ = fixture.post(type: nil, method: "GET")
    var http = RequestCounts()
    http.acceptedRecords = 4
    http.acceptedRequests = 2
    http.receivedBytes = body.count + Compress.gzip(body).count
    http.decompressedBytes = 2 * body.count
    #expect(fixture.counters[.httpProtobuf] == http)
    var grpc = RequestCounts()
    grpc.acceptedRecords = 2
    grpc.acceptedRequests = 1
    grpc.receivedBytes = body.count + 5
    grpc.decompressedBytes = body.count
    #expect(fixture.counters[.grpc] == grpc)
    #expect(fixture.counters[.httpJSON].refusedRequests == [.undecodable: 1, .methodNotAllowed: 1])
  }

  /// From the end of their head, so that a slow body counts.
  @Test func everyAnswerIsTimed() {
    let fixture = Fixture()
    var head = HTTPRequestHead(
      method: "POST", path: "/v1/logs", headers: ["content-type": "application/x-protobuf"])
    head.arrivedAt = .now() - .seconds(31)
    for body in [exportRequest(["a"]), exportRequest(["b"]), [0xff]] { _ = fixture.send(head, body) }
    for (outcome, count) in [(RequestOutcome.accepted, 2), (.refused, 1)] {
      let durations = fixture.counters.durations(.httpProtobuf, outcome)
      #expect(durations.count == count)
      #expect(durations.buckets.first { $0.count > 0 }?.bound == 60)
      #expect(durations.sum >= 31 * Double(count) && durations.sum < 60 * Double(count))
      #expect(fixture.counters.durations(.grpc, outcome).count == 0)
    }
  }

  @Test func labelsAreTheCollectors() {
    #expect(RequestProtocol.allCases.map(\.transport) == ["grpc", "http", "http"])
    #expect(RequestProtocol.allCases.map(\.encoding) == ["protobuf", "protobuf", "json"])
  }

  @Test func ownErrorsCountAsFailed() {
    let counters = ReceiverCounters(id: "otlp")
    counters.tally(.grpc).count(.internalError, records: 3)
    counters.tally(.grpc).count(.draining, records: 4)
    #expect(counters[.grpc].failedRecords == 3)
    #expect(counters[.grpc].refusedRecords == 4)
  }
}
