import FrameQueues
import Glibc
import HTTPTransport
import LogExport
import LogPipeline
import LogStore
import Logging
import NIOCore
import Options
import Synchronization

/// The running gateway: what a configuration describes, from the first port opened to the last record drained.
package final class Gateway: Sendable {
  /// What a reload replaces.
  struct Running: Sendable {
    var configuration: Configuration
    var assembly: Assembly
    var former = FormerExporters()
    /// The ports that the last reload closed, and what ends once nothing comes over them any more.
    var closing: (ports: [OpenPort], end: Task<Void, Never>)?
    /// The ends of exporters that have left with nothing queued, until their folders are closed.
    var ending: [ObjectIdentifier: Task<Void, Never>] = [:]
    /// Whether a reload is about to replace all this, so that nothing of it ends by itself.
    var isBeingReplaced = false
    /// Asks processors for what they have to tell.
    var telling: Task<Void, Never>?
    /// Ask the Kubernetes API for what processors have to know.
    var watchers: [KubernetesWatcher] = []
    /// The loops of exporters that have not ended.
    var loops: [ObjectIdentifier: Task<Void, Never>] = [:]
  }

  let running: Mutex<Running>
  /// What has the log sent; nil if the log is not the gateway's own.
  let ownLog: LogSettings?
  /// What sends metrics and logs of the gateway.
  let pushes = Mutex<[OwnPush]>([])
  /// When counts began.
  let startedUnixNano = OwnLog.unixNano()
  let loops: EventLoops
  let logger: Logger
  let state = Mutex(GatewayState.starting)
  /// Unix time at which requests were taken first.
  let readySince = Mutex(0)
  let open = Mutex<[OpenPort]>([])
  let reloads = Mutex(Reloads())
  /// Who started the process and waits for word of it, if anybody does.
  let supervisor = Mutex<Supervisor?>(nil)
  let stop: StopRequest
  /// Descriptors up to which senders' connections may go; set when ports are opened.
  let endForSenders = Atomic<Int>(.max)
  /// The same for connections to the port for metrics and health.
  let endForAdmins = Atomic<Int>(.max)
  let turnedAway: TurnedAwayLog
  /// What the page shows of dead letters, and does with them.
  let deadLetters: DeadLetterDesk
  /// Counts who looks at records as they pass.
  let openTaps = SearchGate()
  /// Whether files are not looked at any more.
  let watchIsOver = Monitor(false)
  let started = ContinuousClock.now
  /// When the end was asked for.
  private let stopped = Mutex<ContinuousClock.Instant?>(nil)
  private let remaining = Atomic<Int>(0)
  private let unclosed = Atomic<Int>(0)

  /// A gateway whose parts are made but neither listen nor send. It runs until `stop` is raised.
  init(
    _ configuration: Configuration, loops: EventLoops, logger: Logger, ownLog: LogSettings? = nil,
    until stop: StopRequest = StopRequest()
  ) async throws(GatewayError) {
    self.ownLog = ownLog
    self.loops = loops
    self.logger = logger
    self.stop = stop
    turnedAway = TurnedAwayLog(logger: logger)
    let assembly = try await Assembly(
      configuration, group: loops.exports, workers: loops.workers, logger: logger)
    running = Mutex(Running(configuration: configuration, assembly: assembly))
    deadLetters = DeadLetterDesk(logger: logger)
    deadLetters.use { [weak self] in self?.exporters ?? [] }
  }

  private var configuration: Configuration { running.withLock { $0.configuration } }
  private var assembly: Assembly { running.withLock { $0.assembly } }
  /// The exporters of the configuration in force, and those of earlier ones that still have records.
  private var exporters: [Exporter] { running.withLock { $0.assembly.exporters + $0.former.leaving } }

  /// Accepted records that were still in memory when the deadline passed; they are lost.
  var lostRecords: Int { remaining.load(ordering: .relaxed) }

  /// Runs until SIGTERM or SIGINT and everything that follows from it. False if accepted records that were only in
  /// memory are lost, or something did not end in time. `source` reads the configuration again.
  package static func run(
    _ configuration: Configuration, _ lifetime: Lifetime, readingAgain source: ReloadSource? = nil
  ) async throws -> Bool {
    MemoryCare.prepare()
    let log = LogSettings(configuration.service.telemetry)
    let logger = OwnLog.logger(log)
    lifetime.tell(logger)
    logger.info("gateway starts", metadata: StartLine.fields(configuration))
    let openFiles = OpenFiles.raiseLimit()
    logger.info("open files", metadata: ["limit": "\(openFiles.now)", "limit_before": "\(openFiles.before)"])
    let loops = EventLoops.start()
    let isClean: Result<Bool, any Error>
    var word: Task<Void, Never>?
    do {
      let gateway = try await Gateway(
        configuration, loops: loops, logger: logger, ownLog: log, until: lifetime.stop)
      gateway.reloads.withLock { reloads in
        reloads.source = source
        reloads.files = configuration.files
        reloads.inForce = { configuration in
          log.use(configuration.service.telemetry)
          gateway.arm(lifetime, by: configuration)
        }
      }
      gateway.arm(lifetime, by: configuration)
      lifetime.onHangUp { gateway.reload(because: "SIGHUP") { _ in } }
      word = gateway.tellSupervisor()
      try await gateway.run()
      isClean = .success(gateway.lostRecords == 0 && gateway.unclosed.load(ordering: .relaxed) == 0)
    } catch {
      isClean = .failure(error)
    }
    word?.cancel()
    await loops.shutDown(within: .milliseconds(500), after: word)
    return try isClean.get()
  }

  /// Says how long the end may take.
  private func arm(_ lifetime: Lifetime, by configuration: Configuration) {
    let service = configuration.service
    lifetime.arm(service.shutdownTimeout, after: service.shutdownDelay) { self.tellWhatIsLeft() }
  }

  /// The life of the gateway, from start to end.
  package func run() async throws {
    startTelling()
    startPushing()
    startWatchingFiles()
    defer { endWatchingFiles() }
    do {
      let files = OpenFiles(
        limit: OpenFiles.limits().soft, open: OpenFiles.open(), wanted: OpenFiles.wanted(by: configuration))
      endForSenders.store(files.endForSenders, ordering: .relaxed)
      endForAdmins.store(files.endForAdmins, ordering: .relaxed)
      tell(try await openPorts(ports(of: assembly, configuration).filter { !$0.purpose.isOfSenders }))
      for exporter in assembly.exporters { start(exporter) }
      try await startWatchers()
      if stop.stage == .none { try await serve() }
      stop.raise(to: .inOrder)
      await shutDown()
    } catch {
      let (telling, loops, watchers) = running.withLock { ($0.telling, $0.loops, $0.watchers) }
      telling?.cancel()
      await stop(watchers)
      await drain(open.withLock { $0 }, within: .zero)
      for loop in loops.values { loop.cancel() }
      for loop in loops.values { await loop.value }
      await endPushing()
      await assembly.close()
      throw error
    }
    for loop in running.withLock({ $0.loops }).values { await loop.value }
    await endPushing()
    assembly.endTaps(because: "the gateway ends")
    await drain(open.withLock { $0.filter { !$0.purpose.isOfSenders } }, within: .milliseconds(500))
  }

  /// Starts to ask processors for what they have to tell, and statements whether they fail.
  func startTelling() {
    running.withLock { running in
      let (summaries, statements) = (running.assembly.summaries, running.assembly.statementLog)
      running.telling = Task {
        async let told: Void = statements.run()
        await summaries.run()
        await told
      }
    }
  }

  /// Starts to send what an exporter's queue has.
  func start(_ exporter: Exporter) {
    let id = ObjectIdentifier(exporter.loop)
    exporter.loop.announceRun()
    running.withLock { running in
      running.loops[id] = Task {
        await exporter.loop.run()
        self.running.withLock { $0.loops[id] = nil }
      }
    }
  }

  /// Takes requests until the end is asked for.
  private func serve() async throws {
    tell(try await openPorts(ports(of: assembly, configuration)))
    assembly.health.set(.serving)
    readySince.withLock { $0 = time(nil) }
    become(.ready)
    let care = Task { await MemoryCare { [weak self] in self?.assembly.trim() }.run() }
    let watch = Task { await watchSources() }
    await stop.reached(.announced)
    await leave()
    stopped.withLock { $0 = .now }
    beginDraining()
    watch.cancel()
    await endReloads()
    care.cancel()
  }

  /// Goes on for `shutdown_delay`, if the end is announced only, so that whoever sends requests here finds out and
  /// sends them elsewhere before ports close.
  private func leave() async {
    guard stop.stage == .announced else { return }
    become(.leaving)
    assembly.health.set(.notServing)
    let delay = configuration.service.shutdownDelay
    let wait = Task {
      guard (try? await Task.sleep(for: delay)) != nil else { return }
      stop.raise(to: .inOrder)
    }
    await stop.reached(.inOrder)
    wait.cancel()
  }

  /// Has nobody send new requests here any more.
  private func beginDraining() {
    if state.withLock({ $0 }) == .draining { return }
    become(.draining)
    assembly.health.close()
  }

  private func become(_ new: GatewayState) {
    state.withLock { state in
      state = new
      leaveWord(of: new)
    }
    logger.info("gateway is \(new.rawValue)")
  }

  /// Closes the ports, finishes what is under way and on its way there, then empties the queues until the deadline.
  private func shutDown() async {
    let deadline = (stopped.withLock { $0 } ?? .now) + configuration.service.shutdownTimeout
    beginDraining()
    let haste = Task { await hasten() }
    async let replayed: Void = deadLetters.end()
    await drainReceivers(until: deadline)
    await replayed
    for receiver in assembly.receivers { receiver.service.drain() }
    let telling = running.withLock { $0.telling }
    telling?.cancel()
    await telling?.value
    await stop(running.withLock { $0.watchers })
    let exporters = exporters
    let leaving = exporters.filter { !assembly.has($0) && $0.destination.queue.isDurable }
    await withDiscardingTaskGroup { tasks in
      for exporter in exporters { tasks.addTask { await self.drain(exporter, until: deadline) } }
    }
    for exporter in leaving where exporter.destination.queue.queuedRecords > 0 {
      unclosed.add(1, ordering: .relaxed)
      logger.error(
        "records stay in a folder that the configuration in force does not name: sluice queue drain sends them",
        metadata: ["exporter": "\(exporter.id)", "directory": "\(exporter.plan.directory ?? "")"])
    }
    haste.cancel()
    logger.info("gateway has stopped")
  }

  /// Once the end is wanted at once: waits for nothing that is under way.
  private func hasten() async {
    await stop.reached(.atOnce)
    if Task.isCancelled { return }
    await drain(portsOfSenders, within: .zero)
    for exporter in exporters { Task { await exporter.loop.stop(within: .zero, leavingFailed: true) } }
  }

  private func timeLeft(until deadline: ContinuousClock.Instant) -> Duration {
    stop.stage == .atOnce ? .zero : max(deadline - .now, .zero)
  }

  /// Finishes requests. Senders that wait for delivery get half of the time, so that all are answered before the end.
  private func drainReceivers(until deadline: ContinuousClock.Instant) async {
    let time = timeLeft(until: deadline)
    let refusal = Task { try await refuseWaitingSenders(after: time / 2) }
    await drain(portsOfSenders, within: time)
    refusal.cancel()
  }

  /// The ports over which requests come, also those that the last reload closed.
  private var portsOfSenders: [OpenPort] {
    let closing = running.withLock { $0.closing?.ports ?? [] }
    return (open.withLock { $0 } + closing).filter { $0.purpose.isOfSenders }
  }

  /// Asks senders that wait for deliveries to retry elsewhere.
  private func refuseWaitingSenders(after time: Duration) async throws {
    try await Task.sleep(for: time)
    for exporter in exporters { exporter.destination.queue.refuseWaiters() }
  }

  /// Empties a queue. One that survives the process is left as it is as soon as the destination does not take more.
  func drain(_ exporter: Exporter, until deadline: ContinuousClock.Instant) async {
    let left = await exporter.loop.drain(
      within: timeLeft(until: deadline), leavingFailed: exporter.destination.queue.isDurable)
    if await !exporter.close(by: max(deadline, .now) + .seconds(1)) {
      unclosed.add(1, ordering: .relaxed)
      logger.error(
        "the queue could not be closed in time: its disk does not answer", metadata: ["exporter": "\(exporter.id)"])
    }
    if !exporter.destination.queue.isDurable { remaining.add(left.records, ordering: .relaxed) }
    remaining.add(exporter.loop.counters.rejectionDesk.lostAtEnd, ordering: .relaxed)
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
    for exporter in exporters {
      var left = exporter.destination.queue.queued
      left -= exporter.loop.counters.settledInQueue
      tell(left, of: exporter)
    }
  }

  func readiness() -> Readiness {
    let running = running.withLock { $0 }
    var readiness = Readiness(state: state.withLock { $0 }, queues: running.assembly.exporters.map(\.readiness))
    readiness.queues += running.former.leaving.map { exporter in
      var queue = exporter.readiness
      queue.isLeaving = true
      return queue
    }
    readiness.refusedConfiguration = reloads.withLock { $0.counts.refused }
    readiness.certificates = certificates(of: running.assembly)
    readiness.kubernetes = running.watchers.map(\.readiness)
    readiness.failingFiles = running.watchedFiles.compactMap(\.failing)
    readiness.failingIssuers = running.assembly.openIDAuthenticators.flatMap { id, authenticator in
      authenticator.fetches.compactMap { Readiness.FailingIssuer(of: "extension \(id)", $0) }
    }
    return readiness
  }

  private func certificates(of assembly: Assembly) -> [Readiness.Certificate] {
    let now = time(nil)
    let ports = assembly.receivers.flatMap { receiver in
      receiver.certificateExpiries.map { port in
        Readiness.Certificate(owner: "receiver \(receiver.id) \(port.protocol)", expiry: port.seconds, now: now)
      }
    }
    let clients = assembly.exporters.compactMap { exporter in
      exporter.sender.certificateExpiry.map { seconds in
        Readiness.Certificate(owner: "exporter \(exporter.id)", expiry: seconds, now: now)
      }
    }
    let admin = assembly.adminTLS?.files.value.certificateExpiry.map { seconds in
      Readiness.Certificate(owner: "the admin port", expiry: seconds, now: now)
    }
    return ports + clients + [admin].compactMap(\.self)
  }
}
