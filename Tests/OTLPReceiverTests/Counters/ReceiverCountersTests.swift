import LogPipeline
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
