import FrameQueues
import Glibc
import HTTPTransport
import LogPipeline
import NIOCore
import NIOEmbedded
import struct NIOHTTP1.HTTPHeaders
import NIOPosix
import Synchronization
import Testing

@testable import OTLPReceiver

@Suite(.timeLimit(.minutes(1))) struct RequestWorkersTests {
  private let loop = EmbeddedEventLoop()
  private let now = ContinuousClock.now

  /// A request with a body of so many bytes.
  private func request(
    _ bytes: Int, _ headers: [(String, String)] = [], isOneOfSeveral: Bool = false, firstByte: UInt8 = 0
  ) -> HTTPRequest {
    var body = [UInt8](repeating: 0, count: bytes)
    if bytes > 0 { body[0] = firstByte }
    let head = HTTPRequestHead(method: "POST", path: "/", headers: HTTPHeaders(headers))
    return HTTPRequest(head: head, body: body, isOneOfSeveral: isOneOfSeveral)
  }

  /// Whether workers of so many cores take a request, after which they are ended.
  private func areTaken(_ requests: [HTTPRequest], cores: Int, loops: [EmbeddedEventLoop]? = nil) async -> [Bool] {
    let workers = RequestWorkers(cores: cores)
    let isOpen = Atomic(false)
    let taken = requests.enumerated().map { index, request in
      let isTaken = workers.takes(request, from: loops?[index] ?? loop, now: now)
      if isTaken {
        workers.take(request) { _ in while !isOpen.load(ordering: .relaxed) { usleep(100) } }
      }
      return isTaken
    }
    isOpen.store(true, ordering: .relaxed)
    await workers.shutDown()
    return taken
  }

  @Test func aLargeRequestIsTakenWhateverElseIsUnderWay() async {
    let (largest, large) = (request((1 << 20) - 1), request(1 << 20))
    #expect(await areTaken([largest, large, large, large, large], cores: 1) == [false, true, true, true, true])
  }

  @Test func aCompressedRequestIsLargeSooner() async {
    let http = [("content-encoding", "gzip")]
    #expect(await areTaken([request((128 << 10) - 1, http), request(128 << 10, http)], cores: 1) == [false, true])
    #expect(await areTaken([request(128 << 10)], cores: 1) == [false])
    let grpc = [("grpc-encoding", "gzip")]
    let calls = [request(128 << 10, grpc, firstByte: 0), request(128 << 10, grpc, firstByte: 1)]
    #expect(await areTaken(calls, cores: 1) == [false, true])
  }

  @Test func oneOfSeveralIsTakenWhileACoreIsFree() async {
    let alone = request(16 << 10)
    let small = request((16 << 10) - 1, isOneOfSeveral: true)
    let several = request(16 << 10, isOneOfSeveral: true)
    #expect(await areTaken([several], cores: 1) == [false])
    #expect(await areTaken([alone, small, several, several, several], cores: 2) == [false, false, true, true, false])
  }

  @Test func aLoopThatIsBusyHasACoreToItself() async {
    let several = request(16 << 10, isOneOfSeveral: true)
    let loops = [EmbeddedEventLoop(), EmbeddedEventLoop()]
    #expect(await areTaken([request(16 << 10), several], cores: 2, loops: loops) == [false, false])
    #expect(await areTaken([request(16 << 10), several], cores: 3, loops: loops) == [false, true])
  }

  @Test func aLoopGoesOnWhileALargeRequestIsWorkedOn() async throws {
    let gate = Gate()
    let lines = Destination(id: "lines", dialect: GateDialect(gate: gate), queue: MemoryQueue())
    let pipeline = Pipeline(id: "logs", processors: [], destinations: [lines])
    let workers = RequestWorkers(cores: 1)
    let service = OTLPService(
      IngestPipeline(pipelines: [pipeline], limits: DecodeLimits()), budget: ByteBudget(capacityBytes: 64 << 20),
      health: HealthState(.serving), counters: ReceiverCounters(id: "otlp"), workers: workers)
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    var options = HTTPServerOptions()
    options.host = "127.0.0.1"
    let server = try await HTTPServer.start(options, service: service, group: group)
    let connection = try await HTTP2ClientConnection.connect(
      host: "127.0.0.1", port: server.boundPort, group: MultiThreadedEventLoopGroup.singleton)
    let large = Task { try await post(exportRequest([String(repeating: "a", count: 2 << 20)]), over: connection) }
    while !gate.isReached.load(ordering: .relaxed) { try await Task.sleep(for: .milliseconds(1)) }
    #expect(try await post(exportRequest(), over: connection) == 200)
    #expect(lines.queue.queuedRecords == 1)
    gate.isOpen.store(true, ordering: .relaxed)
    #expect(try await large.value == 200)
    #expect(lines.queue.queuedRecords == 2)
    await connection.close()
    await server.drain(within: .seconds(1))
    await workers.shutDown()
    try await group.shutdownGracefully()
  }

  private func post(_ body: [UInt8], over connection: HTTP2ClientConnection) async throws -> Int {
    let headers = HTTPHeaders([("content-type", "application/x-protobuf")])
    let request = HTTPTransport.HTTPClientRequest(path: "/v1/logs", headers: headers, body: ByteBuffer(bytes: body))
    return try await connection.send(request, timeout: .seconds(30)).status
  }
}

/// Where large batches stop until it is open.
private final class Gate: Sendable {
  let isReached = Atomic(false)
  let isOpen = Atomic(false)

  func pass() {
    isReached.store(true, ordering: .relaxed)
    while !isOpen.load(ordering: .relaxed) { usleep(100) }
  }
}

/// Writes lines, but stops at a gate before it writes those of a large batch.
private struct GateDialect: Dialect {
  let gate: Gate
  private let lines = LineDialect()

  init(gate: Gate) { self.gate = gate }

  func encode(_ batch: borrowing LogBatch, into frames: inout FrameWriter) throws(EncodeError) {
    if batch.store.count > 1 << 20 { gate.pass() }
    try lines.encode(batch, into: &frames)
  }

  var route: DialectRoute { lines.route }
  func judge(_ answer: LogPipeline.Answer, to body: UnsafeRawBufferPointer, records: Int) -> Verdict {
    lines.judge(answer, to: body, records: records)
  }
  func middle(of body: UnsafeRawBufferPointer) -> Split? { lines.middle(of: body) }
}
