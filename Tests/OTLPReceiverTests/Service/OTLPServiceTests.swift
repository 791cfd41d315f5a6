import COTLP
import HTTPTransport
import LogPipeline
import Testing

@testable import OTLPReceiver

@Suite struct OTLPServiceTests {
  // MARK: success

  @Test func fullSuccessIsAnEmptyResponse() {
    let fixture = Fixture()
    let http = fixture.post(exportRequest(["a", "b"]))
    #expect(http.status == 200)
    #expect(http.body.isEmpty)
    #expect(http.type == "application/x-protobuf")
    let grpc = fixture.call(framed(exportRequest(["c"])))
    #expect(grpc.status == 200)
    #expect(grpc.body == [0, 0, 0, 0, 0])
    #expect(grpc.trailers?.first(name: "grpc-status") == "0")
    #expect(grpc.type == "application/grpc")
    #expect(fixture.queue.queuedRecords == 3)
  }

  @Test func emptyRequestsSucceed() {
    let fixture = Fixture()
    #expect(fixture.post([]).status == 200)
    #expect(fixture.post(field(1, [])).status == 200)
    #expect(fixture.call(framed([])).grpcStatus == 0)
    #expect(fixture.queue.queuedRecords == 0)
  }

  @Test(arguments: [ContentCoding.identity, .gzip, .deflate, .zstd])
  func everyCodingIsTakenOnBothProtocols(coding: ContentCoding) throws {
    let fixture = Fixture()
    let plain = exportRequest(["compressed"])
    let body = Compress.coded(plain, coding)
    #expect(fixture.post(body, headers: [("content-encoding", coding.rawValue)]).status == 200)
    let flag: UInt8 = coding == .identity ? 0 : 1
    #expect(fixture.call(framed(body, compressed: flag), headers: [("grpc-encoding", coding.rawValue)]).grpcStatus == 0)
    #expect(fixture.call(framed(plain), headers: [("grpc-encoding", coding.rawValue)]).grpcStatus == 0)
    let lease = try #require(fixture.queue.lease(maxBytes: 1000))
    #expect(
      lease.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } == String(repeating: "compressed\n", count: 3))
    #expect(fixture.budget.usedBytes == 0)
  }

  // MARK: refusals

  @Test func anUnknownCodingNamesTheKnownOnes() {
    let fixture = Fixture()
    let http = fixture.post(exportRequest(), headers: [("content-encoding", "br")])
    #expect(http.status == 415)
    #expect(http.headers.first(name: "accept-encoding") == "identity, gzip, deflate, zstd")
    let grpc = fixture.call(framed(exportRequest()), headers: [("grpc-encoding", "snappy")])
    #expect(grpc.grpcStatus == 12)
    #expect(grpc.headers.first(name: "grpc-accept-encoding") == "identity, gzip, deflate, zstd")
  }

  @Test func onlyTheCompressionsOfTheConfigurationAreTaken() {
    var options = OTLPServiceOptions()
    options.acceptedCodings = [.identity, .zstd]
    let fixture = Fixture(options)
    let gzip = fixture.post(Compress.gzip(exportRequest()), headers: [("content-encoding", "gzip")])
    #expect(gzip.status == 415)
    #expect(gzip.headers.first(name: "accept-encoding") == "identity, zstd")
    #expect(fixture.post(Compress.zstd(exportRequest()), headers: [("content-encoding", "zstd")]).status == 200)
    let packed = framed(Compress.gzip(exportRequest()), compressed: 1)
    #expect(fixture.call(packed, headers: [("grpc-encoding", "gzip")]).grpcStatus == 0)
  }

  @Test func everyHTTPAnswerCarriesTheConfiguredFields() {
    var options = OTLPServiceOptions()
    options.responseHeaders = [(name: "x-gateway", value: "a")]
    let fixture = Fixture(options)
    #expect(fixture.post(exportRequest()).headers["x-gateway"] == ["a"])
    #expect(fixture.post([0xFF]).headers["x-gateway"] == ["a"])
    #expect(fixture.post(type: nil, method: "GET").headers["x-gateway"] == ["a"])
    #expect(!fixture.call(framed(exportRequest())).headers.contains(name: "x-gateway"))
  }

  @Test func damagedBodiesAreBadRequests() throws {
    let fixture = Fixture()
    let http = fixture.post([0xFF, 0xFF])
    #expect(http.status == 400)
    let status = try #require(google__rpc__status__unpack(nil, http.body.count, http.body))
    defer { google__rpc__status__free_unpacked(status, nil) }
    #expect(status.pointee.code == 3)
    try #require(status.pointee.n_details == 1)
    let detail = try #require(status.pointee.details[0]?.pointee.type_url)
    #expect(String(cString: detail) == "type.googleapis.com/google.rpc.BadRequest")
    let grpc = fixture.call(framed([0xFF, 0xFF]))
    #expect(grpc.grpcStatus == 3)
    #expect(grpc.headers.first(name: "grpc-status-details-bin") == GRPCAnswer.base64(http.body))
    #expect(fixture.post([1, 2, 3], headers: [("content-encoding", "gzip")]).status == 400)
    #expect(fixture.call(framed([1, 2], compressed: 1), headers: [("grpc-encoding", "gzip")]).grpcStatus == 3)
    #expect(fixture.queue.queuedRecords == 0)
  }

  @Test func damagedJSONIsAnsweredInJSON() {
    let answer = Fixture().post(Array(#"{"resourceLogs":"#.utf8), type: "application/json")
    #expect(answer.status == 400)
    #expect(answer.type == "application/json")
    #expect(answer.text.hasPrefix(#"{"code":3,"message":"cannot decode the request: byte "#))
    #expect(answer.text.contains(#""@type":"type.googleapis.com/google.rpc.BadRequest""#))
  }

  @Test func theBodyLimitHoldsBeforeAndAfterDecompression() {
    let body = exportRequest([String(repeating: "x", count: 1000)])
    var options = OTLPServiceOptions()
    options.maxRequestBodyBytes = body.count
    let gzip = [("content-encoding", "gzip")]
    #expect(Fixture(options).post(body).status == 200)
    #expect(Fixture(options).post(Compress.gzip(body), headers: gzip).status == 200)
    options.maxRequestBodyBytes = body.count - 1
    let plain = Fixture(options).post(body)
    #expect(plain.status == 413)
    #expect(plain.text.contains("request body of at least \(body.count) bytes exceeds the limit of \(body.count - 1)"))
    let packed = Fixture(options).post(Compress.gzip(body), headers: gzip)
    #expect(packed.status == 413)
    #expect(packed.text.contains("decompressed request body of at least \(body.count) bytes"))
    #expect(packed.headers.first(name: "retry-after") == nil)
  }

  @Test func theMessageLimitHoldsBeforeAndAfterDecompression() {
    let message = exportRequest([String(repeating: "x", count: 1000)])
    var options = OTLPServiceOptions()
    options.maxMessageBytes = message.count
    let packed = framed(Compress.gzip(message), compressed: 1)
    let gzip = [("grpc-encoding", "gzip")]
    #expect(Fixture(options).call(framed(message)).grpcStatus == 0)
    #expect(Fixture(options).call(packed, headers: gzip).grpcStatus == 0)
    options.maxMessageBytes = message.count - 1
    for answer in [Fixture(options).call(framed(message)), Fixture(options).call(packed, headers: gzip)] {
      #expect(answer.grpcStatus == 8)
      #expect(answer.headers.first(name: "grpc-status-details-bin") == nil)
      #expect(answer.grpcField("grpc-message")?.contains("of at least \(message.count) bytes") == true)
      #expect(answer.grpcField("grpc-message")?.contains("the limit of \(message.count - 1) bytes") == true)
    }
  }

  @Test func aRequestThatNeverFitsTheQueueIsTooLarge() {
    let fixture = Fixture(queueBytes: 100)
    let answer = fixture.post(exportRequest([String(repeating: "x", count: 101)]))
    #expect(answer.status == 413)
    #expect(fixture.counters[.httpProtobuf].refusedRecords == 1)
  }

  @Test func aQueueWithoutRoomRefusesRetryablyAndCountsTheRecords() throws {
    let fixture = Fixture(queueBytes: 1000)
    try fixture.fill(700)
    let answer = fixture.call(framed(exportRequest(Array(repeating: String(repeating: "x", count: 99), count: 4))))
    #expect(answer.grpcStatus == 14)
    #expect(answer.headers.first(name: "grpc-status-details-bin") != nil)
    #expect(fixture.counters[.grpc].refusedRecords == 4)
    #expect(fixture.counters[.grpc].refusedRequests == [.queueFull: 1])
    #expect(fixture.queue.queuedBytes == 700)
    #expect(fixture.queue.reservedBytes == 0)
  }

  @Test func tooManyRecordsAreTooLarge() {
    var limits = DecodeLimits()
    limits.maxRecords = 2
    #expect(Fixture(limits: limits).post(exportRequest(["a", "b"])).status == 200)
    #expect(Fixture(limits: limits).post(exportRequest(["a", "b", "c"])).status == 413)
  }

  @Test func expiredTimeoutsAreNotWorkedOn() {
    let fixture = Fixture()
    #expect(fixture.call(framed(exportRequest()), headers: [("grpc-timeout", "0n")]).grpcStatus == 4)
    #expect(fixture.call(framed(exportRequest()), headers: [("grpc-timeout", "soon")]).grpcStatus == 3)
    #expect(fixture.queue.queuedRecords == 0)
    #expect(fixture.call(framed(exportRequest()), headers: [("grpc-timeout", "10S")]).grpcStatus == 0)
  }

  @Test func whatTheTransportRefusesIsAnsweredInTheRequestsForm() {
    let fixture = Fixture()
    let json = HTTPRequestHead(method: "POST", path: "/v1/logs", headers: ["content-type": "application/json"])
    let slow = Answer(fixture.service.refusal(of: json, because: .timedOut(after: .seconds(15))))
    #expect(slow.status == 503)
    #expect(slow.headers.first(name: "retry-after") == "5")
    let busy = HTTPBodyRefusal.overBudget(neededBytes: 10, capacityBytes: 9)
    #expect(Answer(fixture.service.refusal(of: json, because: busy)).status == 429)
    let path = "/opentelemetry.proto.collector.logs.v1.LogsService/Export"
    let grpc = HTTPRequestHead(method: "POST", path: path, headers: ["content-type": "application/grpc"])
    #expect(Answer(fixture.service.refusal(of: grpc, because: busy)).grpcStatus == 14)
    let large = HTTPBodyRefusal.tooLarge(bytes: 105, limitBytes: 55)
    let answer = Answer(fixture.service.refusal(of: grpc, because: large))
    #expect(answer.grpcStatus == 8)
    #expect(
      answer.grpcField("grpc-message")?.hasPrefix("gRPC message of at least 100 bytes exceeds the limit of 50") == true)
  }

  @Test func expandedBodiesShareTheBudget() {
    let body = Compress.gzip(exportRequest([String(repeating: "x", count: 300_000)]))
    let gzip = [("content-encoding", "gzip")]
    let fixture = Fixture(budgetBytes: 1 << 20)
    #expect(fixture.budget.reserve(900_000))
    #expect(fixture.post(body, headers: gzip).status == 429)
    fixture.budget.release(900_000)
    #expect(fixture.post(body, headers: gzip).status == 200)
    #expect(fixture.budget.usedBytes == 0)
    #expect(Fixture(budgetBytes: 200_000).post(body, headers: gzip).status == 413)
  }

  @Test func answersStayShort() {
    let fixture = Fixture(queueBytes: 10, destination: String(repeating: "d", count: 5000))
    let body = exportRequest([String(repeating: "x", count: 11)])
    #expect(fixture.post(body).body.count < 1100)
    #expect((fixture.call(framed(body)).grpcField("grpc-message") ?? "").utf8.count == 1024)
  }

  // MARK: warnings

  private let oddRequest = field(1, field(2, field(2, field(9, [1, 2, 3]))))

  @Test func sendersAreWarnedOnlyIfAskedFor() throws {
    #expect(Fixture().post(oddRequest).body.isEmpty)
    var options = OTLPServiceOptions()
    options.warnSenders = true
    let fixture = Fixture(options)
    let answer = fixture.post(oddRequest)
    #expect(answer.status == 200)
    #expect(answer.text.contains("1 trace ids of a wrong length dropped"))
    let json = #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"traceId":"abcd"}]}]}]}"#
    #expect(
      fixture.post(Array(json.utf8), type: "application/json").text
        == #"{"partialSuccess":{"errorMessage":"all records accepted, with changes: 1 trace ids of a wrong length dropped"}}"#
    )
    let grpc = fixture.call(framed(oddRequest))
    #expect(grpc.grpcStatus == 0)
    #expect(Array(grpc.body.dropFirst(5)) == answer.body)
    #expect(fixture.post(exportRequest()).body.isEmpty)
    #expect(fixture.counters[.httpProtobuf].oddities.droppedTraceIDs == 1)
  }

  // MARK: hostile input

  @Test func mutatedRequestsAlwaysGetOneAnswerAndHoldNothing() {
    let fixture = Fixture(queueBytes: 64 << 20)
    var random = SeededRandom(state: 3)
    let plain = exportRequest((0..<20).map { "record \($0)" })
    for round in 0..<10_000 {
      let coding = ContentCoding.allCases[round % 4]
      var body = framed(Compress.coded(plain, coding), compressed: coding == .identity ? 0 : 1)
      for _ in 0...2 { body[Int.random(in: body.indices, using: &random)] ^= UInt8.random(in: 1...255, using: &random) }
      if round % 3 == 0 { body.removeLast(Int.random(in: 0..<body.count, using: &random)) }
      let grpc = fixture.call(body, headers: [("grpc-encoding", coding.rawValue)])
      #expect([0, 3, 8, 12, 13].contains(grpc.grpcStatus))
      let http = fixture.post(Array(body.dropFirst(5)), headers: [("content-encoding", coding.rawValue)])
      #expect([200, 400, 413].contains(http.status))
    }
    #expect(fixture.budget.usedBytes == 0)
    let counts = fixture.counters[.grpc]
    #expect(counts.acceptedRequests + counts.refusedRequests.values.reduce(0, +) == 10_000)
    let accepted = counts.acceptedRecords + fixture.counters[.httpProtobuf].acceptedRecords
    #expect(fixture.queue.queuedRecords == accepted)
  }
}
