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
  private func areTaken(
    _ requests: [HTTPRequest], times: Int = 1, cores: Int, loops: [EmbeddedEventLoop]? = nil
  ) async -> [Bool] {
    let workers = RequestWorkers(cores: cores)
    let isOpen = Atomic(false)
    let taken = requests.enumerated().map { index, request in
      let place = workers.place(
        of: request, expandedBytes: request.body.count * times, from: loops?[index] ?? loop, now: now)
      if place > .loop {
        workers.take(request, at: place) { _ in while !isOpen.load(ordering: .relaxed) { usleep(100) } }
      }
      return place > .loop
    }
    isOpen.store(true, ordering: .relaxed)
    await workers.shutDown()
    return taken
  }

  @Test func aLargeRequestIsTakenWhateverElseIsUnderWay() async {
    let (largest, large) = (request(512 << 10), request(512 << 10 + 1))
    #expect(await areTaken([largest, large, large, large, large], cores: 1) == [false, true, true, true, true])
  }

  @Test func whatACompressedRequestComesToCounts() async {
    #expect(await areTaken([request(31 << 10), request(32 << 10)], times: 2, cores: 1) == [false, true])
    #expect(await areTaken([request(16 << 10), request(16 << 10 + 1)], times: 32, cores: 1) == [false, true])
    #expect(await areTaken([request(1 << 10)], times: 513, cores: 1) == [true])
  }

  @Test func placesAreBySize() {
    let bytes = [0, 512 << 10, 512 << 10 + 1, 4 << 20, 4 << 20 + 1, .max]
    #expect(bytes.map { RequestPlace(bytes: $0) } == [.loop, .loop, .large, .large, .huge, .huge])
    #expect(RequestPlace.loop.next == .large && RequestPlace.large.next == .huge)
  }

  /// Counts what was done and in which order, and holds up what comes to its gate.
  private final class Work: Sendable {
    let done = Mutex<[String]>([])
    let gate = Gate()

    func note(_ name: String) { done.withLock { $0.append(name) } }
  }

  private func from(_ connection: String) -> HTTPRequest {
    HTTPRequest(head: HTTPRequestHead(method: "POST", path: "/", remoteAddress: connection))
  }

  @Test func hugeRequestsLeaveAThreadToTheOthers() async throws {
    let workers = RequestWorkers(cores: 1)
    let work = Work()
    for _ in 0..<3 {
      workers.take(from("a"), at: .huge) { _ in
        work.gate.pass()
        work.note("huge")
      }
    }
    while !work.gate.isReached.load(ordering: .relaxed) { try await Task.sleep(for: .milliseconds(1)) }
    for _ in 0..<5 { workers.take(from("b"), at: .large) { _ in work.note("large") } }
    while work.done.withLock({ $0.count }) < 5 { try await Task.sleep(for: .milliseconds(1)) }
    #expect(work.done.withLock { $0 } == Array(repeating: "large", count: 5))
    work.gate.isOpen.store(true, ordering: .relaxed)
    await workers.shutDown()
    #expect(work.done.withLock { $0.count } == 8)
  }

  @Test func connectionsTakeTurns() async throws {
    let workers = RequestWorkers(cores: 1)
    let (gates, work) = (Work(), Work())
    for place in [RequestPlace.huge, .large] { workers.take(from("x"), at: place) { _ in gates.gate.pass() } }
    for _ in 0..<4 { workers.take(from("a"), at: .huge) { _ in work.note("a") } }
    workers.take(from("b"), at: .huge) { _ in work.note("b") }
    gates.gate.isOpen.store(true, ordering: .relaxed)
    while work.done.withLock({ $0.count }) < 5 { try await Task.sleep(for: .milliseconds(1)) }
    await workers.shutDown()
    #expect(work.done.withLock { $0 } == ["a", "b", "a", "a", "a"])
  }

  /// A service with a loop and workers of its own, and where its requests were encoded.
  private func serving(_ body: (HTTP2ClientConnection, Threads) async throws -> Void) async throws {
    let threads = Threads()
    let watched = Destination(id: "watched", dialect: ThreadDialect(threads: threads), queue: MemoryQueue())
    let workers = RequestWorkers(cores: 1)
    let service = OTLPService(
      IngestPipeline(
        pipelines: [Pipeline(id: "logs", processors: [], destinations: [watched])], limits: DecodeLimits()),
      budget: ByteBudget(capacityBytes: 64 << 20), health: HealthState(.serving),
      counters: ReceiverCounters(id: "otlp"),
      workers: workers)
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    var options = HTTPServerOptions()
    options.host = "127.0.0.1"
    let server = try await HTTPServer.start(options, service: service, group: group)
    let connection = try await HTTP2ClientConnection.connect(
      host: "127.0.0.1", port: server.boundPort, group: MultiThreadedEventLoopGroup.singleton)
    try await body(connection, threads)
    await connection.close()
    await server.drain(within: .seconds(1))
    await workers.shutDown()
    try await group.shutdownGracefully()
  }

  /// A short body that comes to much, and one that says it comes to little.
  @Test func aBodyThatExpandsLeavesItsLoop() async throws {
    try await serving { connection, threads async throws in
      let large = Compress.coded(exportRequest([String(repeating: "a", count: 8 << 20)]), .gzip)
      #expect(large.count < 16 << 10)
      var understated = large
      understated.replaceSubrange((large.count - 4)..., with: [1, 0, 0, 0])
      let small = Compress.coded(exportRequest(), .gzip)
      #expect(try await post(small, over: connection, coding: "gzip") == 200)
      #expect(threads.areLoops.withLock { $0 } == [true])
      #expect(try await post(large, over: connection, coding: "gzip") == 200)
      #expect(threads.areLoops.withLock { $0 } == [true, false])
      // Its length is wrong, which its decoder finds on whatever thread.
      #expect(try await post(understated, over: connection, coding: "gzip") == 400)
    }
  }

  /// Whether a request whose body is no request ends before it is decoded.
  @Test func aRequestForAFullQueueIsNotDecoded() throws {
    let fixture = Fixture(queueBytes: 3200)
    try fixture.fill(3101)
    let inbox = Inbox()
    let head = HTTPRequestHead(
      method: "POST", path: "/v1/logs", headers: ["content-type": "application/x-protobuf"])
    fixture.service.respond(to: HTTPRequest(head: head, body: [255, 255, 255]), through: inbox.responder)
    #expect(inbox.answer.status == 429)
  }

  @Test func nothingIsDoneForAClientThatHasLeft() async throws {
    let lines = Destination(id: "lines", dialect: LineDialect(), queue: MemoryQueue())
    let pipeline = Pipeline(id: "logs", processors: [], destinations: [lines])
    let workers = RequestWorkers(cores: 1)
    let service = OTLPService(
      IngestPipeline(pipelines: [pipeline], limits: DecodeLimits()), budget: ByteBudget(capacityBytes: 64 << 20),
      health: HealthState(.serving), counters: ReceiverCounters(id: "otlp"), workers: workers)
    let gate = Gate()
    for place in [RequestPlace.huge, .large] { workers.take(from("x"), at: place) { _ in gate.pass() } }
    let large = exportRequest([String(repeating: "a", count: 1 << 20)])
    let head = HTTPRequestHead(
      method: "POST", path: "/v1/logs", headers: ["content-type": "application/x-protobuf"])
    let statuses = Statuses()
    let responders = (0..<2).map { index in
      HTTPResponder(eventLoop: MultiThreadedEventLoopGroup.singleton.next()) { event in
        if case .whole(let response) = event { statuses.all.withLock { $0[index] = response.status } }
      }
    }
    for responder in responders { service.respond(to: HTTPRequest(head: head, body: large), through: responder) }
    responders[0].cancel()
    gate.isOpen.store(true, ordering: .relaxed)
    await workers.shutDown()
    while statuses.all.withLock({ $0.isEmpty }) { try await Task.sleep(for: .milliseconds(1)) }
    #expect(lines.queue.queuedRecords == 1)
    #expect(statuses.all.withLock { $0 } == [1: 200])
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

  private func post(
    _ body: [UInt8], over connection: HTTP2ClientConnection, coding: String? = nil
  ) async throws -> Int {
    var headers = HTTPHeaders([("content-type", "application/x-protobuf")])
    if let coding { headers.add(name: "content-encoding", value: coding) }
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

/// The statuses of answers, by request.
private final class Statuses: Sendable {
  let all = Mutex<[Int: Int]>([:])
}

/// On which kind of thread each batch was encoded.
private final class Threads: Sendable {
  let areLoops = Mutex<[Bool]>([])
}

/// Writes lines, and notes whether an event loop has it do so.
private struct ThreadDialect: Dialect {
  let threads: Threads
  private let lines = LineDialect()

  init(threads: Threads) { self.threads = threads }

  func encode(_ batch: borrowing LogBatch, into frames: inout FrameWriter) throws(EncodeError) {
    threads.areLoops.withLock { $0.append(MultiThreadedEventLoopGroup.currentEventLoop != nil) }
    try lines.encode(batch, into: &frames)
  }

  var route: DialectRoute { lines.route }
  func judge(_ answer: LogPipeline.Answer, to body: UnsafeRawBufferPointer, records: Int) -> Verdict {
    lines.judge(answer, to: body, records: records)
  }
  func middle(of body: UnsafeRawBufferPointer) -> Split? { lines.middle(of: body) }
}
