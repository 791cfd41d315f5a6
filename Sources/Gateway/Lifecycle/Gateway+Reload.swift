import FrameQueues
import Glibc
import HTTPTransport
import OTLPReceiver
import Options

/// Where a configuration is read again from.
package struct ReloadSource: Sendable {
  let read: @Sendable () throws(ConfigurationError) -> Configuration
  let isWatched: Bool

  /// A source that `read` reads. If it is watched, it is read again whenever one of its files has changed.
  package init(
    isWatched: Bool, _ read: @escaping @Sendable () throws(ConfigurationError) -> Configuration
  ) {
    self.read = read
    self.isWatched = isWatched
  }
}

/// The reloads of a gateway: one after the other, and none once it ends.
struct Reloads: Sendable {
  var source: ReloadSource?
  /// Told of a configuration that is in force from now on.
  var inForce: @Sendable (Configuration) -> Void = { _ in }
  var counts = ReloadCounts()
  /// Who is to be told of a reload that has been asked for and has not begun.
  fileprivate var waiting: [@Sendable (_ problem: String?) -> Void] = []
  fileprivate var last: Task<Void, Never>?
  /// The files of the configuration that was read last, as they were then.
  var files = NamedFiles()
  fileprivate var isOver = false
  /// Whether what runs is being replaced, so that requests wait.
  fileprivate var isReplacing = false
}

/// Reads the configuration again and puts it in force between two requests. What it leaves as it was goes on
/// undisturbed: ports, connections, queues, and what processors have seen.
extension Gateway {
  /// For how long batches that are being sent may go on before the queue they come from changes hands.
  private static let handOverTime = Duration.seconds(5)
  /// For how long requests may go on that came over a port before it was closed.
  private static let closingTime = Duration.seconds(10)
  private static let watchInterval = Duration.seconds(1)

  /// Reads the configuration again, after the reload that is under way; says what is wrong with it, or nil once it is
  /// in force. Reloads that are asked for before one begins are the same.
  func reload(because reason: String, _ done: @escaping @Sendable (_ problem: String?) -> Void) {
    let isAsked = reloads.withLock { reloads in
      if reloads.isOver { return false }
      reloads.waiting.append(done)
      if reloads.waiting.count > 1 { return true }
      let previous = reloads.last
      reloads.last = Task {
        await previous?.value
        // What still comes over a port that is being closed goes to what runs.
        await self.running.withLock { $0.closing }?.end.value
        let waiting = self.reloads.withLock { reloads in
          defer { reloads.waiting = [] }
          return reloads.waiting
        }
        let problem = await self.withWordOfReload { await self.reloadNow(because: reason) }
        for done in waiting { done(problem) }
      }
      return true
    }
    if !isAsked { done("the gateway ends") }
  }

  /// Lets no reload replace anything any more, and returns once none is about it. One that is still reading is not
  /// waited for.
  func endReloads() async {
    let last = reloads.withLock { reloads in
      reloads.isOver = true
      return reloads.isReplacing ? reloads.last : nil
    }
    await last?.value
  }

  /// Reloads whenever a file holds something else than when it was read, once it has not changed for a moment, until
  /// the task is cancelled.
  func watchSources() async {
    guard let source = reloads.withLock({ $0.source }), source.isWatched else { return }
    while (try? await Task.sleep(for: Self.watchInterval)) != nil {
      let files = reloads.withLock { $0.files }
      let now = files.now
      if now == files {
        // What has been read again now that it is old enough is not read the next time.
        reloads.withLock { if $0.files == files { $0.files = now } }
        continue
      }
      guard (try? await Task.sleep(for: Self.watchInterval)) != nil else { return }
      if files.now != now { continue }
      await withCheckedContinuation { continuation in
        reload(because: "a changed file") { _ in continuation.resume() }
      }
    }
  }

  private func reloadNow(because reason: String) async -> String? {
    guard let source = reloads.withLock({ $0.source }) else { return "the configuration cannot be read again" }
    guard state.withLock({ $0 }).takesLogs, !stop.isRaised else { return "the gateway is not ready" }
    let configuration: Configuration
    do throws(ConfigurationError) {
      configuration = try source.read()
    } catch {
      reloads.withLock { $0.files = error.files }
      return refuse("\(error)", reason)
    }
    let isOver = reloads.withLock { reloads in
      reloads.files = configuration.files
      reloads.isReplacing = !reloads.isOver
      return reloads.isOver
    }
    if isOver { return "the gateway ends" }
    defer { reloads.withLock { $0.isReplacing = false } }
    for warning in configuration.warnings { logger.warning("\(warning)") }
    let opened: [OpenPort]
    do {
      opened = try await replace(with: configuration)
    } catch {
      return refuse("\(error)", reason)
    }
    let inForce = reloads.withLock { reloads in
      reloads.counts.succeeded += 1
      reloads.counts.refused = nil
      return reloads.inForce
    }
    inForce(configuration)
    // Now the log is as this configuration has it.
    tell(opened)
    logger.info("a new configuration is in force", metadata: ["because_of": "\(reason)"])
    return nil
  }

  private func refuse(_ problem: String, _ reason: String) -> String {
    reloads.withLock { reloads in
      reloads.counts.failed += 1
      reloads.counts.refused = RefusedConfiguration(since: time(nil), error: problem)
    }
    logger.error(
      "the new configuration is refused, the one before stays in force",
      metadata: ["because_of": "\(reason)", "problem": "\(problem)"])
    return problem
  }

  /// Builds what is new while requests wait, then puts it in the place of the old; gives the ports that were opened.
  private func replace(with configuration: Configuration) async throws -> [OpenPort] {
    let old = running.withLock { running in
      running.isBeingReplaced = true
      return running
    }
    defer { running.withLock { $0.isBeingReplaced = false } }
    // Whoever asks for the folder of an exporter that has just left is to find it closed.
    for end in old.ending.values { await end.value }
    for receiver in old.assembly.receivers { await receiver.slot.pause() }
    await finishTelling(old, before: configuration)
    let exporters = old.assembly.exporters + old.former.leaving
    let change = ExporterChange(from: exporters, to: Assembly.exporterPlans(configuration))
    do {
      try change.check(against: configuration.service)
    } catch {
      goOn(with: old)
      throw error
    }
    do {
      try await handOver(change.handedOver)
      return try await putInForce(configuration, old, change)
    } catch {
      await putBack(old, change)
      throw error
    }
  }

  /// Has the processors that do not go on tell what they have left, through the pipelines they are in.
  private func finishTelling(_ old: Running, before configuration: Configuration) async {
    let kept = old.assembly.processorsKept(under: configuration)
    old.assembly.summaries.handOver { processor, pipeline in kept[pipeline]?.contains(processor) ?? false }
    old.telling?.cancel()
    await old.telling?.value
  }

  /// Ends exporters whose queues others are to go on with, once they have sent what can be sent soon. What is not
  /// delivered stays in the folders.
  private func handOver(_ exporters: [Exporter]) async throws {
    try await withThrowingDiscardingTaskGroup { tasks in
      for exporter in exporters {
        tasks.addTask {
          _ = await exporter.loop.drain(within: Self.handOverTime, leavingFailed: true)
          if await exporter.close(by: .now + Self.handOverTime) { return }
          throw GatewayError.cannotMake(
            component: "exporter \(exporter.id)", cause: "the disk of its queue does not answer")
        }
      }
    }
  }

  /// Makes what is new, with its watchers started and its ports open, and puts it in force.
  private func putInForce(
    _ configuration: Configuration, _ old: Running, _ change: ExporterChange
  ) async throws -> [OpenPort] {
    var kept = old.assembly
    kept.exporters = change.others
    let assembly = try await Assembly(
      configuration, replacing: kept, group: loops.exports, workers: loops.workers, logger: logger)
    var watchers: [KubernetesWatcher] = []
    let opened: [OpenPort]
    do {
      watchers = try await self.watchers(of: assembly, keeping: old.watchers)
      opened = try await openPorts(ports(of: assembly, configuration))
    } catch {
      await stop(watchers.filter { watcher in !old.watchers.contains { $0 === watcher } })
      for exporter in assembly.exporters where !kept.has(exporter) { _ = await exporter.close(by: .now + .seconds(1)) }
      throw error
    }
    await put(assembly, of: configuration, change)
    await use(watchers)
    return opened
  }

  /// Puts an assembly in force: new exporters send, requests go to it, and what it does not have comes to its end.
  private func put(_ assembly: Assembly, of configuration: Configuration, _ change: ExporterChange) async {
    let leaving = change.others.filter { !assembly.has($0) }
    let old = running.withLock { running in
      let old = running
      running.configuration = configuration
      running.assembly = assembly
      running.former.leaving = leaving
      for exporter in change.handedOver { running.former.end(exporter) }
      running.former.forget(allBut: assembly.exporters)
      return old
    }
    old.assembly.endTaps(because: "a new configuration is in force")
    assembly.usage.resize(to: configuration.service.telemetry.usage)
    for exporter in assembly.exporters where !change.others.contains(where: { $0.loop === exporter.loop }) {
      start(exporter)
    }
    startTelling()
    startPushing()
    let closing = await exchange(for: ports(of: assembly, configuration))
    for receiver in assembly.receivers { receiver.slot.resume(with: receiver.service) }
    for receiver in old.assembly.receivers where !assembly.receivers.contains(where: { $0.id == receiver.id }) {
      receiver.slot.resume(with: heir(of: receiver, in: assembly, old))
    }
    let closed = closing.isEmpty ? nil : Task { await drain(closing, within: Self.closingTime) }
    running.withLock { $0.closing = closed.map { (closing, $0) } }
    for exporter in leaving where old.assembly.has(exporter) { leave(exporter, after: closed) }
  }

  /// Who takes what still comes over the connections of a receiver that is gone, until its port is drained: a receiver
  /// that has its address, else one as it was, before the pipelines that have the names of those that it fed.
  private func heir(of receiver: Receiver, in assembly: Assembly, _ old: Running) -> OTLPService {
    let heir = assembly.receivers.first { other in
      other.listeners.contains { new in receiver.listeners.contains { $0.endpoint.overlaps(new.endpoint) } }
    }
    if let heir { return heir.service }
    let surroundings = old.assembly.surroundings(workers: loops.workers, logger: logger)
    return assembly.lastService(of: receiver, old.configuration, with: surroundings)
  }

  /// Lets an exporter send what its queue has, and then ends it, unless it is asked for again before.
  private func leave(_ exporter: Exporter, after closed: Task<Void, Never>?) {
    logger.info(
      "an exporter leaves once its queue is empty",
      metadata: ["exporter": "\(exporter.id)", "records": "\(exporter.destination.queue.queuedRecords)"])
    Task {
      await closed?.value
      while !stop.isRaised, running.withLock({ $0.isLeaving(exporter) }) {
        let hasEnded = running.withLock { running in
          guard running.end(exporter) else { return false }
          running.ending[ObjectIdentifier(exporter.loop)] = Task { await self.close(exporter) }
          return true
        }
        if hasEnded { return }
        do { try await Task.sleep(for: .milliseconds(200)) } catch { return }
      }
    }
  }

  /// Closes what an exporter has open that has left, so that another can have its folder.
  private func close(_ exporter: Exporter) async {
    await drain(exporter, until: .now + Self.handOverTime)
    running.withLock { _ = $0.ending.removeValue(forKey: ObjectIdentifier(exporter.loop)) }
  }

  /// Goes on with what was in force. Queues that were to change hands are opened again; if that fails the gateway ends.
  private func putBack(_ old: Running, _ change: ExporterChange) async {
    if change.handedOver.isEmpty { return goOn(with: old) }
    do {
      tell(try await putInForce(old.configuration, old, change))
    } catch {
      logger.critical("the configuration before cannot be put in force again, the gateway ends: \(error)")
      for receiver in old.assembly.receivers {
        receiver.service.drain()
        receiver.slot.resume()
      }
      stop.raise()
    }
  }

  private func goOn(with old: Running) {
    for receiver in old.assembly.receivers { receiver.slot.resume() }
    startTelling()
  }
}

extension Gateway.Running {
  fileprivate func isLeaving(_ exporter: Exporter) -> Bool {
    former.leaving.contains { $0.loop === exporter.loop }
  }

  /// Takes an exporter out that leaves and has no records any more. False if it has, or may be asked for again at this
  /// moment.
  fileprivate mutating func end(_ exporter: Exporter) -> Bool {
    guard isLeaving(exporter), !isBeingReplaced, exporter.destination.queue.queuedRecords == 0 else { return false }
    former.end(exporter)
    former.forget(allBut: assembly.exporters)
    return true
  }
}
