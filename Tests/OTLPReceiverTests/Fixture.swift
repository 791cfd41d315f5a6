import Access
import CDeflate
import CZstd
import FrameQueues
import HTTPTransport
import LogPipeline
import NIOCore
import NIOEmbedded
import struct NIOHTTP1.HTTPHeaders
import Synchronization
import Testing

@testable import OTLPReceiver

/// A service with one destination in memory, called in the order the transport calls it, without a socket.
struct Fixture {
  let service: OTLPService
  let queue: MemoryQueue
  let budget: ByteBudget
  let health: HealthState
  let counters = ReceiverCounters(id: "otlp")
  let reports = Reports()

  /// The refusals that were reported.
  final class Reports: Sendable {
    let refusals = Mutex<[Refusal]>([])
  }

  init(
    _ options: OTLPServiceOptions = OTLPServiceOptions(), queueBytes: Int = 1 << 20, budgetBytes: Int = 256 << 20,
    destination: String = "lines", maxEncodedBytes: Int? = nil, limits: DecodeLimits = DecodeLimits(),
    authentication: OTLPAuthentication = OTLPAuthentication(), onFull: OnFull = .refuse,
    tenants: Tenants? = nil, others: [IngestPipeline] = []
  ) {
    queue = MemoryQueue(capacityBytes: queueBytes)
    budget = ByteBudget(capacityBytes: budgetBytes)
    health = HealthState(.serving)
    let lines = Destination(id: destination, dialect: LineDialect(), queue: queue, onFull: onFull)
    let pipeline = Pipeline(id: "logs", processors: [], destinations: [lines])
    let reports = reports
    service = OTLPService(
      IngestPipeline(pipelines: [pipeline], limits: limits, tenants: tenants), and: others, options: options,
      budget: budget, health: health, counters: counters, authentication: authentication
    ) { refusal, _ in
      reports.refusals.withLock { $0.append(refusal) }
    }
  }

  /// Sends a request the way the transport does: plan, gather within the plan's limit, respond.
  func send(_ asked: HTTPRequestHead, _ body: [UInt8] = []) -> Answer {
    var head = asked
    let plan = decided(service.plan(for: &head), for: &head)
    switch plan {
    case .later:
      Issue.record("the plan is not made")
      return Answer()
    case .refuse(let response): return Answer(response)
    case .collect(let limitBytes, let budget, _):
      if body.count > limitBytes {
        return Answer(service.refusal(of: head, because: .tooLarge(bytes: body.count, limitBytes: limitBytes)))
      }
      if let budget, !budget.reserve(body.count) {
        let reason = HTTPBodyRefusal.overBudget(neededBytes: body.count, capacityBytes: budget.capacityBytes)
        return Answer(service.refusal(of: head, because: reason))
      }
      defer { budget?.release(body.count) }
      let inbox = Inbox()
      service.respond(to: HTTPRequest(head: head, body: body), through: inbox.responder)
      return inbox.answer
    }
  }

  /// The plan that a service makes at once or later.
  func decided(_ plan: HTTPBodyPlan, for head: inout HTTPRequestHead) -> HTTPBodyPlan {
    guard case .later(_, _, let begin) = plan else { return plan }
    let loop = EmbeddedEventLoop()
    let decision = Mutex<HTTPPendingPlan.Decision?>(nil)
    begin(HTTPPendingPlan(eventLoop: loop) { _, made in decision.withLock { $0 = made } })
    loop.run()
    return decision.withLock { $0 }?(&head) ?? plan
  }

  /// Sends an OTLP/HTTP request.
  func post(
    _ body: [UInt8] = [], path: String = "/v1/logs", type: String? = "application/x-protobuf",
    headers: [(String, String)] = [], method: String = "POST", listener: OTLPListener = .grpc
  ) -> Answer {
    var fields = HTTPHeaders(headers)
    if let type { fields.add(name: "content-type", value: type) }
    fields.add(name: "content-length", value: String(body.count))
    return send(HTTPRequestHead(method: method, path: path, headers: fields, listener: listener.rawValue), body)
  }

  /// Sends a gRPC call whose body is `body` as it is.
  func call(
    _ body: [UInt8], method: String = "opentelemetry.proto.collector.logs.v1.LogsService/Export",
    headers: [(String, String)] = [], type: String = "application/grpc"
  ) -> Answer {
    let fields = HTTPHeaders(headers + [("content-type", type), ("te", "trailers")])
    return send(HTTPRequestHead(method: "POST", path: "/" + method, headers: fields, version: .http2), body)
  }
}

/// What a client sees of an answer.
struct Answer: Equatable {
  var status = 0
  var headers = HTTPHeaders()
  var body: [UInt8] = []
  var trailers: HTTPHeaders?
  var isFinished = false

  init() {}

  init(_ response: HTTPResponse) {
    status = response.status
    headers = response.headers
    body = Array(response.body.readableBytesView)
    trailers = response.trailers
    isFinished = true
  }

  var text: String { String(decoding: body, as: UTF8.self) }
  var type: String? { headers.first(name: "content-type") }
  /// The `grpc-status`, from the trailers or a trailers-only answer.
  var grpcStatus: Int? { grpcField("grpc-status").flatMap { Int($0) } }
  func grpcField(_ name: String) -> String? { trailers?.first(name: name) ?? headers.first(name: name) }
}

/// The client's end of a responder; single-threaded.
final class Inbox: @unchecked Sendable {
  let loop = EmbeddedEventLoop()
  private(set) var answer = Answer()
  private(set) var wasAbandoned = false

  /// Hands out a responder; each call makes a new one.
  var responder: HTTPResponder {
    HTTPResponder(eventLoop: loop) { [weak self] event in self?.take(event) }
  }

  private func take(_ event: HTTPResponseEvent) {
    switch event {
    case .whole(let response): answer = Answer(response)
    case .start(let status, let headers): (answer.status, answer.headers) = (status, headers)
    case .body(let bytes): answer.body += Array(bytes.readableBytesView)
    case .end(let trailers): (answer.trailers, answer.isFinished) = (trailers, true)
    case .abandoned: wasAbandoned = true
    }
  }
}

/// A dialect that writes each record's body and a line feed.
struct LineDialect: Dialect {
  func encode(_ batch: borrowing LogBatch, into frames: inout FrameWriter) throws(EncodeError) {
    for record in batch.records {
      if record.body.kind == .string { frames.bytes.append(Array(batch.store[record.body.slice.range])) }
      frames.bytes.append(UInt8(ascii: "\n"))
      try frames.endRecord()
    }
    try frames.finish()
  }

  var route: DialectRoute { .discard }
  func judge(_ answer: LogPipeline.Answer, to body: UnsafeRawBufferPointer, records: Int) -> Verdict {
    .delivered(duplicates: 0)
  }
  func middle(of body: UnsafeRawBufferPointer) -> Split? { nil }
}

/// One protobuf field of wire type LEN.
func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
  var count = bytes.count
  var prefix = [number << 3 | 2]
  while count >= 128 {
    prefix.append(UInt8(truncatingIfNeeded: count) | 128)
    count >>= 7
  }
  return prefix + [UInt8(count)] + bytes
}

/// An `ExportLogsServiceRequest` of records with these bodies.
func exportRequest(_ bodies: [String] = ["hello"]) -> [UInt8] {
  let records = bodies.flatMap { field(2, field(5, field(1, Array($0.utf8)))) }
  return field(1, field(2, records))
}

/// A message behind its gRPC prefix.
func framed(_ message: [UInt8], compressed: UInt8 = 0) -> [UInt8] {
  [compressed] + GRPCPrefix.framed(message).dropFirst()
}

enum Compress {
  private typealias Function = (
    OpaquePointer?, UnsafeRawPointer?, Int, UnsafeMutableRawPointer?, Int
  ) -> Int

  static func gzip(_ bytes: [UInt8]) -> [UInt8] { deflated(bytes, libdeflate_gzip_compress) }
  static func zlib(_ bytes: [UInt8]) -> [UInt8] { deflated(bytes, libdeflate_zlib_compress) }
  static func raw(_ bytes: [UInt8]) -> [UInt8] { deflated(bytes, libdeflate_deflate_compress) }

  private static func deflated(_ bytes: [UInt8], _ compress: Function) -> [UInt8] {
    let compressor = libdeflate_alloc_compressor(6)
    defer { libdeflate_free_compressor(compressor) }
    return [UInt8](unsafeUninitializedCapacity: bytes.count + 1024) { buffer, count in
      count = compress(compressor, bytes, bytes.count, buffer.baseAddress, buffer.count)
    }
  }

  static func zstd(_ bytes: [UInt8]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: ZSTD_compressBound(bytes.count)) { buffer, count in
      count = ZSTD_compress(buffer.baseAddress, buffer.count, bytes, bytes.count, 3)
    }
  }

  /// A zstd frame of zeros that does not say its size, made in small pieces.
  static func zstdZeros(bytes: Int) -> [UInt8] {
    let stream = ZSTD_createCCtx()
    defer { ZSTD_freeCCtx(stream) }
    let piece = [UInt8](repeating: 0, count: 1 << 20)
    var compressed: [UInt8] = []
    var left = bytes
    repeat {
      let count = min(left, piece.count)
      left -= count
      compressed += zstdPiece(stream, piece, count, left == 0 ? ZSTD_e_end : ZSTD_e_continue)
    } while left > 0
    return compressed
  }

  private static func zstdPiece(
    _ stream: OpaquePointer?, _ piece: [UInt8], _ count: Int, _ mode: ZSTD_EndDirective
  ) -> [UInt8] {
    var result: [UInt8] = []
    piece.withUnsafeBytes { bytes in
      var input = ZSTD_inBuffer(src: bytes.baseAddress, size: count, pos: 0)
      var isDone = false
      while !isDone {
        let chunk = [UInt8](unsafeUninitializedCapacity: 64 << 10) { buffer, written in
          var output = ZSTD_outBuffer(dst: buffer.baseAddress, size: buffer.count, pos: 0)
          let left = ZSTD_compressStream2(stream, &output, &input, mode)
          isDone = ZSTD_isError(left) != 0 || (mode == ZSTD_e_end ? left == 0 : input.pos == input.size)
          written = output.pos
        }
        result += chunk
      }
    }
    return result
  }

  static func coded(_ bytes: [UInt8], _ coding: ContentCoding) -> [UInt8] {
    switch coding {
    case .identity: bytes
    case .gzip: gzip(bytes)
    case .deflate: zlib(bytes)
    case .zstd: zstd(bytes)
    }
  }
}

/// A small generator of numbers that repeats itself from run to run.
struct SeededRandom: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed &>> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed &>> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed &>> 31
  }
}
