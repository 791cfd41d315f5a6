import FrameQueues
import HTTPTransport
import LogPipeline
import struct NIOHTTP1.HTTPHeaders
import Testing

@testable import OTLPReceiver

@Suite struct ExportHandlerTests {
  private let queue: MemoryQueue
  private let pipeline: IngestPipeline
  private let budget = ByteBudget(capacityBytes: 4 << 20)
  private let inbox = Inbox()
  private let tally = RequestTally()

  init() {
    queue = MemoryQueue(capacityBytes: 1 << 20)
    let lines = Destination(id: "lines", dialect: LineDialect(), queue: queue)
    pipeline = IngestPipeline(
      pipelines: [Pipeline(id: "logs", processors: [], destinations: [lines])], limits: DecodeLimits())
  }

  private func handler(_ change: (inout OTLPServiceOptions) -> Void = { _ in }) -> ExportHandler {
    var options = OTLPServiceOptions()
    change(&options)
    return ExportHandler(pipeline: pipeline, options: options, budget: budget)
  }

  private func request(_ body: [UInt8]) -> HTTPRequest {
    HTTPRequest(head: HTTPRequestHead(method: "POST", path: "/v1/logs", headers: HTTPHeaders()), body: body)
  }

  private func bounds(_ mostBytes: Int = .max, through responder: HTTPResponder? = nil) -> ExportBounds {
    ExportBounds(mostBytes: mostBytes, admission: Admission(pipeline), responder: responder ?? inbox.responder)
  }

  private func records(_ outcome: ExportOutcome) -> Int? {
    if case .done(let receipt) = outcome { receipt.records } else { nil }
  }

  @Test(arguments: ContentCoding.allCases) func aRequestIsTakenAndItsBodyWithIt(coding: ContentCoding) throws {
    let plain = exportRequest(["a", "b"])
    var request = request(Compress.coded(plain, coding))
    let received = request.body.count
    let outcome = try handler().export(&request, form: .protobuf, coding: coding, tally: tally, bounds())
    #expect(records(outcome) == 2 && request.body.isEmpty)
    #expect(queue.queued == FrameTotals(bytes: 4, records: 2))
    #expect(tally.snapshot.receivedBytes == received && tally.snapshot.decompressedBytes == plain.count)
    #expect(budget.usedBytes == 0)
  }

  @Test func aMessageIsTakenWithoutItsPrefix() throws {
    let call = try GRPCCall(["grpc-encoding": "gzip"])
    for body in [framed(exportRequest()), framed(Compress.gzip(exportRequest()), compressed: 1)] {
      var request = request(body)
      let outcome = try handler().export(&request, call: call, tally: tally, bounds())
      #expect(records(outcome) == 1)
    }
    var broken = request(framed(exportRequest()).dropLast())
    #expect(throws: Refusal.self) { _ = try handler().export(&broken, call: call, tally: tally, bounds()) }
  }

  /// It is handed on with its body as it came, so that another thread can take it.
  @Test func whatComesToTooMuchHereIsGivenBack() throws {
    let body = Compress.gzip(exportRequest([String(repeating: "a", count: 300_000)]))
    var request = request(body)
    let handler = handler()
    let outcome = try handler.export(&request, form: .protobuf, coding: .gzip, tally: tally, bounds(100_000))
    guard case .tooLargeHere = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(request.body == body && budget.usedBytes == 0 && tally.snapshot.receivedBytes == 0)
    #expect(records(try handler.export(&request, form: .protobuf, coding: .gzip, tally: tally, bounds())) == 1)
  }

  @Test func whatIsTooLargeEverywhereIsRefused() {
    let body = Compress.gzip(exportRequest([String(repeating: "a", count: 300_000)]))
    var request = request(body)
    let handler = handler { $0.maxRequestBodyBytes = 200_000 }
    #expect {
      _ = try handler.export(&request, form: .protobuf, coding: .gzip, tally: tally, bounds(400_000))
    } throws: { error in
      guard case .tooLarge(let excess) = error as? Refusal else { return false }
      return excess.limitBytes == 200_000 && excess.bytes > 200_000
    }
    #expect(budget.usedBytes == 0)
  }

  /// Requests share their memory: what a body itself holds of it cannot hold what the body comes to.
  @Test func aBodyThatComesToMoreThanAllRequestsShareIsRefused() {
    var request = request(Compress.gzip([UInt8](repeating: 0, count: 8 << 20)))
    #expect {
      _ = try handler().export(&request, form: .protobuf, coding: .gzip, tally: tally, bounds())
    } throws: { error in
      switch error as? Refusal {
      case .tooLarge, .overBudget: true
      default: false
      }
    }
    #expect(budget.usedBytes == 0)
  }

  @Test func nothingIsDecodedForAClientThatHasLeft() throws {
    let responder = inbox.responder
    responder.cancel()
    let text = String(repeating: "a", count: 600 << 10)
    var large = request(Compress.gzip(exportRequest([text])))
    let outcome = try handler().export(
      &large, form: .protobuf, coding: .gzip, tally: tally, bounds(through: responder))
    guard case .abandoned = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(queue.queued == .zero)
  }

  @Test func whatCannotBeDecodedIsRefusedAndCountsNoRecord() {
    for body in [[0xFF], Array("{".utf8)] as [[UInt8]] {
      var request = request(body)
      #expect(throws: Refusal.self) {
        _ = try handler().export(&request, form: .json, coding: .identity, tally: tally, bounds())
      }
    }
    #expect(queue.queued == .zero && budget.usedBytes == 0)
  }

  @Test func whatARequestComesToIsToldByWhatItSays() throws {
    let handler = handler()
    let plain = exportRequest([String(repeating: "a", count: 1000)])
    let gzip = Compress.gzip(plain)
    #expect(
      handler.expandedBytes(of: request(plain), .success(.httpExport(.logs, .protobuf, .identity))) == plain.count)
    #expect(
      handler.expandedBytes(of: request(gzip), .success(.httpExport(.logs, .protobuf, .gzip)))
        == min(plain.count, 32 * gzip.count))
    let call = try GRPCCall(["grpc-encoding": "gzip"])
    let compressed = framed(gzip, compressed: 1)
    #expect(
      handler.expandedBytes(of: request(compressed), .success(.grpcExport(.logs, call)))
        == min(plain.count, 32 * gzip.count))
    #expect(handler.expandedBytes(of: request(framed(plain)), .success(.grpcExport(.logs, call))) == plain.count + 5)
    // Nothing is read that is not there.
    for body in [[], [1], [1, 0, 0, 0, 0]] as [[UInt8]] {
      #expect(handler.expandedBytes(of: request(body), .success(.grpcExport(.logs, call))) == body.count)
    }
    #expect(handler.expandedBytes(of: request([1, 2]), .failure(.permissionDenied(.signal))) == 2)
  }
}
