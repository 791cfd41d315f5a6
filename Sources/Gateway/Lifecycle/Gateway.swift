import FrameQueues
import HTTPTransport
import LogExport
import LogPipeline
import Logging
import NIOCore
import Options
import Synchronization

/// The running gateway: what a configuration describes, from the first port opened to the last record drained.
package final class Gateway: Sendable {
  private let configuration: Configuration
  private let loops: EventLoops
  private let assembly: Assembly
  private let logger: Logger
  private let state = Mutex(GatewayState.starting)
  private let open = Mutex<[OpenPort]>([])
  private let turnedAway: TurnedAwayLog
  private let started = ContinuousClock.now
  private let remaining = Atomic<Int>(0)
  private let unclosed = Atomic<Int>(0)
  private let stop: StopRequest

  /// A gateway whose parts are made but neither listen nor send. It runs until `stop` is raised.
  init(
    _ configuration: Configuration, loops: EventLoops, logger: Logger, until stop: StopRequest = StopRequest()
  ) async throws(GatewayError) {
    self.configuration = configuration
    self.loops = loops
    self.logger = logger
    self.stop = stop
    turnedAway = TurnedAwayLog(logger: logger)
    assembly = try await Assembly(
      configuration, group: loops.exports, workers: loops.workers, logger: logger)
  }

  /// Accepted records that were still in memory when the deadline passed; they are lost.
  var lostRecords: Int { remaining.load(ordering: .relaxed) }

  /// Runs until SIGTERM or SIGINT and everything that follows from it. False if accepted records that were only in
  /// memory are lost, or something did not end in time.
  package static func run(_ configuration: Configuration, _ lifetime: Lifetime) async throws -> Bool {
    MemoryCare.prepare()
    let logger = OwnLog.logger(configuration.service.telemetry)
    lifetime.tell(logger)
    logger.info("gateway starts", metadata: StartLine.fields(configuration))
    let openFiles = OpenFiles.raiseLimit()
    logger.info("open files", metadata: ["limit": "\(openFiles.now)", "limit_before": "\(openFiles.before)"])
    let loops = EventLoops.start()
    let isClean: Result<Bool, any Error>
    do {
      let gateway = try await Gateway(configuration, loops: loops, logger: logger, until: lifetime.stop)
      lifetime.arm(configuration.service.shutdownTimeout) { gateway.tellWhatIsLeft() }
      try await gateway.run()
      isClean = .success(gateway.lostRecords == 0 && gateway.unclosed.load(ordering: .relaxed) == 0)
    } catch {
      isClean = .failure(error)
    }
    await loops.shutDown(within: .milliseconds(500))
    return try isClean.get()
  }

  /// The life of the gateway, from start to end.
  package func run() async throws {
    let telling = Task { await assembly.summaries.run() }
    do {
      let files = OpenFiles(
        limit: OpenFiles.limits().soft, open: OpenFiles.open(), wanted: OpenFiles.wanted(by: configuration))
      try await startAdmins(files)
      try await withThrowingDiscardingTaskGroup { tasks in
        for exporter in assembly.exporters { tasks.addTask { await exporter.loop.run() } }
        if !stop.isRaised { try await serve(files) }
        await shutDown(after: telling)
      }
    } catch {
      telling.cancel()
      await drain(open.withLock { $0 }, within: .zero)
      await assembly.close()
      throw error
    }
    await drain(open.withLock { $0.filter { $0.purpose == .admin } }, within: .milliseconds(500))
  }

  /// Takes requests until the end is asked for.
  private func serve(_ files: OpenFiles) async throws {
    try await startReceivers(files)
    assembly.health.set(.serving)
    become(.ready)
    let care = Task { await MemoryCare { [assembly] in assembly.trim() }.run() }
    await stop.reached(.inOrder)
    care.cancel()
  }

  private func become(_ new: GatewayState) {
    state.withLock { $0 = new }
    logger.info("gateway is \(new.rawValue)")
  }

  private func startAdmins(_ files: OpenFiles) async throws {
    let service = AdminService(
      metrics: { [weak self] in self?.metrics() ?? "" },
      readiness: { [weak self] in self?.readiness() ?? Readiness(state: .draining, queues: []) })
    for endpoint in configuration.service.telemetry.metricsEndpoints {
      var options = HTTPServerOptions()
      options.host = endpoint.host
      options.maxDescriptor = files.endForAdmins
      options.port = Int(endpoint.port)
      options.maxConnectionAge = nil
      try await start(options, service, .admin)
    }
  }

  private func startReceivers(_ files: OpenFiles) async throws {
    for receiver in assembly.receivers {
      for var options in receiver.listeners {
        options.maxDescriptor = files.endForSenders
        try await start(options, receiver.service, .receiver(receiver.id))
      }
    }
  }

  private func start(_ options: HTTPServerOptions, _ service: any HTTPService, _ purpose: OpenPort.Purpose) async throws
  {
    do {
      var options = options
      options.turnedAway = { [turnedAway] in turnedAway.count($0, port: "\(purpose)") }
      let server = try await HTTPServer.start(options, service: service, group: loops.requests)
      open.withLock { $0.append(OpenPort(purpose: purpose, server: server)) }
      let address = server.boundAddresses.joined(separator: ", ")
      logger.info("listening", metadata: ["for": "\(purpose)", "address": "\(address)"])
    } catch {
      let cause = networkReason(of: error) ?? "\(error)"
      throw GatewayError.cannotListen(host: options.host, port: options.port, purpose: "\(purpose)", cause: cause)
    }
  }

  private func drain(_ ports: [OpenPort], within limit: Duration) async {
    await withDiscardingTaskGroup { tasks in
      for port in ports { tasks.addTask { await port.server.drain(within: limit) } }
    }
  }

  /// Refuses new work, finishes what is under way, then empties the queues until the deadline.
  private func shutDown(after telling: Task<Void, Never>) async {
    let deadline = ContinuousClock.now + configuration.service.shutdownTimeout
    become(.draining)
    let haste = Task { await hasten() }
    assembly.health.close()
    for receiver in assembly.receivers { receiver.service.drain() }
    await drainReceivers(until: deadline)
    telling.cancel()
    await telling.value
    await withDiscardingTaskGroup { tasks in
      for exporter in assembly.exporters { tasks.addTask { await self.drain(exporter, until: deadline) } }
    }
    haste.cancel()
    logger.info("gateway has stopped")
  }

  /// Once the end is wanted at once: waits for nothing that is under way.
  private func hasten() async {
    await stop.reached(.atOnce)
    if Task.isCancelled { return }
    await drain(open.withLock { $0.filter { $0.purpose != .admin } }, within: .zero)
    for exporter in assembly.exporters { Task { await exporter.loop.stop(within: .zero, leavingFailed: true) } }
  }

  private func timeLeft(until deadline: ContinuousClock.Instant) -> Duration {
    stop.stage == .atOnce ? .zero : max(deadline - .now, .zero)
  }

  /// Finishes requests. Senders that wait for delivery get half of the time, so that all are answered before the end.
  private func drainReceivers(until deadline: ContinuousClock.Instant) async {
    let time = timeLeft(until: deadline)
    let refusal = Task { try await refuseWaitingSenders(after: time / 2) }
    await drain(open.withLock { $0.filter { $0.purpose != .admin } }, within: time)
    refusal.cancel()
  }

  /// Asks senders that wait for deliveries to retry elsewhere.
  private func refuseWaitingSenders(after time: Duration) async throws {
    try await Task.sleep(for: time)
    for exporter in assembly.exporters { exporter.destination.queue.refuseWaiters() }
  }

  /// Empties a queue. One that survives the process is left as it is as soon as the destination does not take more.
  private func drain(_ exporter: Exporter, until deadline: ContinuousClock.Instant) async {
    let left = await exporter.loop.drain(
      within: timeLeft(until: deadline), leavingFailed: exporter.destination.queue.isDurable)
    if await !exporter.close(by: max(deadline, .now) + .seconds(1)) {
      unclosed.add(1, ordering: .relaxed)
      logger.error(
        "the queue could not be closed in time: its disk does not answer", metadata: ["exporter": "\(exporter.id)"])
    }
    if !exporter.destination.queue.isDurable { remaining.add(left.records, ordering: .relaxed) }
    remaining.add(exporter.loop.counters.refusalDesk.lostAtEnd, ordering: .relaxed)
    if let fault = (exporter.destination.queue as? DiskQueue)?.endFault {
      unclosed.add(1, ordering: .relaxed)
      tell(left, of: exporter, fault)
    } else {
      tell(left, of: exporter)
    }
  }

  /// Says that the next start will not find what is left on the disk, or not all of it.
  private func tell(_ left: FrameTotals, of exporter: Exporter, _ fault: FileError) {
    let fields: Logger.Metadata = [
      "exporter": "\(exporter.id)", "records": "\(left.records)", "bytes": "\(left.bytes)", "error": "\(fault)",
    ]
    logger.error("records are not where the next start looks for them, and may be lost", metadata: fields)
  }

  private func tell(_ left: FrameTotals, of exporter: Exporter) {
    guard left.records > 0 else { return }
    let fields: Logger.Metadata = [
      "exporter": "\(exporter.id)", "records": "\(left.records)", "bytes": "\(left.bytes)",
    ]
    if exporter.destination.queue.isDurable {
      logger.info("records stay on disk for the next start", metadata: fields)
    } else {
      logger.error("records were not delivered before the deadline and are lost", metadata: fields)
    }
  }

  /// Says what is given up by a forced end.
  private func tellWhatIsLeft() {
    for exporter in assembly.exporters {
      var left = exporter.destination.queue.queued
      left -= exporter.loop.counters.settledInQueue
      tell(left, of: exporter)
    }
  }

  private func readiness() -> Readiness {
    Readiness(state: state.withLock { $0 }, queues: assembly.exporters.map(\.readiness))
  }

  private func metrics() -> String {
    let uptime = ContinuousClock.now - started
    return GatewayMetrics.text(
      assembly, ports: open.withLock { $0 }, resource: configuration.service.telemetry.resource, uptime: uptime)
  }
}
