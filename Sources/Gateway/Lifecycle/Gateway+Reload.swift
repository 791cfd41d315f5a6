import FrameQueues
import Glibc
import HTTPTransport
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
  fileprivate var isOver = false
  /// Whether what runs is being replaced, so that requests wait.
  fileprivate var isReplacing = false
}

/// Reads the configuration again and puts it in force between two requests. What it leaves as it was goes on
/// undisturbed: ports, connections, queues, and what processors have seen.
extension Gateway {
  /// For how long batches that are being sent may go on before the queue they come from changes hands.
  private static let handOverTime = Duration.seconds(5)
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
        let waiting = self.reloads.withLock { reloads in
          defer { reloads.waiting = [] }
          return reloads.waiting
        }
        let problem = await self.reloadNow(because: reason)
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

  /// Reloads whenever a file has changed, once it has not changed for a moment, until the task is cancelled.
  func watchSources() async {
    guard let source = reloads.withLock({ $0.source }), source.isWatched else { return }
    var known = stamps()
    while (try? await Task.sleep(for: Self.watchInterval)) != nil {
      let now = stamps()
      if now == known { continue }
      guard (try? await Task.sleep(for: Self.watchInterval)) != nil else { return }
      if stamps() != now { continue }
      known = now
      await withCheckedContinuation { continuation in
        reload(because: "a changed file") { _ in continuation.resume() }
      }
      // Other files may be named now.
      known = stamps()
    }
  }

  private func stamps() -> [FileStamp?] {
    running.withLock { $0.configuration.files }.map { FileStamp($0) }
  }

  private func reloadNow(because reason: String) async -> String? {
    guard let source = reloads.withLock({ $0.source }) else { return "the configuration cannot be read again" }
    guard state.withLock({ $0 }).takesLogs, !stop.isRaised else { return "the gateway is not ready" }
    let configuration: Configuration
    do throws(ConfigurationError) {
      configuration = try source.read()
    } catch {
      return refuse("\(error)", reason)
    }
    let isOver = reloads.withLock { reloads in
      reloads.isReplacing = !reloads.isOver
      return reloads.isOver
    }
    if isOver { return "the gateway ends" }
    defer { reloads.withLock { $0.isReplacing = false } }
    for warning in configuration.warnings { logger.warning("\(warning)") }
    do {
      try await replace(with: configuration)
    } catch {
      return refuse("\(error)", reason)
    }
    let inForce = reloads.withLock { reloads in
      reloads.counts.succeeded += 1
      reloads.counts.refused = nil
      return reloads.inForce
    }
    inForce(configuration)
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

  /// Builds what is new while requests wait, then puts it in the place of the old.
  private func replace(with configuration: Configuration) async throws {
    // Exporters that leave may be asked for again, or their folders.
    let old = running.withLock { running in
      defer { running.leaving = [] }
      return running
    }
    let slots = old.assembly.receivers.map(\.slot)
    for slot in slots { await slot.pause() }
    await finishTelling(old, before: configuration)
    let plans = Assembly.exporterPlans(configuration)
    var kept = old.assembly
    kept.exporters += old.leaving
    let handedOver = kept.exporters.filter { exporter in
      guard let directory = exporter.plan.directory, !plans.contains(exporter.plan) else { return false }
      return plans.contains { $0.directory == directory }
    }
    kept.exporters.removeAll { exporter in handedOver.contains { $0.loop === exporter.loop } }
    do {
      for exporter in handedOver { try checkFolder(of: exporter) }
    } catch {
      await putBack(old, kept, handedOver: [])
      throw error
    }
    do {
      try await withThrowingDiscardingTaskGroup { tasks in
        for exporter in handedOver { tasks.addTask { try await self.handOver(exporter) } }
      }
      let assembly = try await Assembly(
        configuration, replacing: kept, group: loops.exports, workers: loops.workers, logger: logger)
      do {
        try await openPorts(of: assembly)
      } catch {
        await close(assembly.exporters.filter { !kept.has($0) })
        throw error
      }
      await put(assembly, of: configuration, inPlaceOf: old.assembly, kept)
    } catch {
      await putBack(old, kept, handedOver: handedOver)
      throw error
    }
  }

  /// Has the processors that do not go on tell what they have left, through the pipelines they are in.
  private func finishTelling(_ old: Running, before configuration: Configuration) async {
    let contents = { (configuration: Configuration) in
      Dictionary(configuration.processors.map { ("\($0.id)", $0.content) }) { $1 }
    }
    let (before, after) = (contents(old.configuration), contents(configuration))
    let pipelines = configuration.service.pipelines
    old.assembly.summaries.handOver { processor, pipeline in
      let isThere = pipelines.contains { "\($0.id)" == pipeline && $0.processors.contains { "\($0.id)" == processor } }
      return isThere && before[processor] == after[processor]
    }
    old.telling?.cancel()
    await old.telling?.value
  }

  /// Throws unless the folder of an exporter's queue is the one that it opened, so that another finds what is left.
  private func checkFolder(of exporter: Exporter) throws {
    guard let fault = (exporter.destination.queue as? DiskQueue)?.folderFault else { return }
    throw GatewayError.cannotMake(
      component: "exporter \(exporter.id)", cause: "the folder of its queue has not what is queued: \(fault)")
  }

  /// Ends an exporter whose queue another is to go on with, once it has sent what can be sent soon. What is not
  /// delivered stays in the folder.
  private func handOver(_ exporter: Exporter) async throws {
    _ = await exporter.loop.drain(within: Self.handOverTime, leavingFailed: true)
    if await exporter.close(by: .now + Self.handOverTime) { return }
    throw GatewayError.cannotMake(component: "exporter \(exporter.id)", cause: "the disk of its queue does not answer")
  }

  private func close(_ exporters: [Exporter]) async {
    for exporter in exporters { _ = await exporter.close(by: .now + .seconds(1)) }
  }

  /// Opens the ports that are not open yet.
  private func openPorts(of assembly: Assembly) async throws {
    let before = open.withLock { $0 }
    do {
      for receiver in assembly.receivers {
        for listener in receiver.listeners where !before.contains(where: { $0.isFor(listener, of: receiver) }) {
          try await start(listener, of: receiver)
        }
      }
    } catch {
      let opened = open.withLock { open in
        defer { open.removeAll { port in !before.contains { $0.server === port.server } } }
        return open.filter { port in !before.contains { $0.server === port.server } }
      }
      await drain(opened, within: .zero)
      throw error
    }
  }

  /// Puts an assembly in force: new exporters send, requests go to it, and what it does not have comes to its end.
  private func put(
    _ assembly: Assembly, of configuration: Configuration, inPlaceOf old: Assembly, _ kept: Assembly
  ) async {
    running.withLock { running in
      running.configuration = configuration
      running.assembly = assembly
      running.loops.removeAll { $0.isCancelled }
    }
    for exporter in assembly.exporters where !kept.has(exporter) { start(exporter) }
    startTelling()
    for receiver in assembly.receivers { receiver.slot.resume(with: receiver.service) }
    for receiver in old.receivers where !assembly.receivers.contains(where: { $0.id == receiver.id }) {
      receiver.service.drain()
      receiver.slot.resume()
    }
    usePorts(of: assembly)
    for exporter in kept.exporters where !assembly.has(exporter) {
      if old.has(exporter) { leave(exporter) } else { letLeave(exporter) }
    }
  }

  /// Has open ports take the options of an assembly's receivers, and closes those that it does not have.
  private func usePorts(of assembly: Assembly) {
    let listeners = assembly.receivers.flatMap { receiver in receiver.listeners.map { (receiver, $0) } }
    let closing = open.withLock { open in
      for port in open {
        if let (receiver, listener) = listeners.first(where: { port.isFor($0.1, of: $0.0) }) {
          port.server.use(complete(listener, of: receiver))
        }
      }
      let isWanted = { (port: OpenPort) in
        port.purpose == .admin || listeners.contains { port.isFor($0.1, of: $0.0) }
      }
      defer { open.removeAll { !isWanted($0) } }
      return open.filter { !isWanted($0) }
    }
    if !closing.isEmpty { Task { await drain(closing, within: .seconds(10)) } }
  }

  /// Lets an exporter send what its queue has, and then ends it.
  private func leave(_ exporter: Exporter) {
    logger.info(
      "an exporter leaves once its queue is empty",
      metadata: ["exporter": "\(exporter.id)", "records": "\(exporter.destination.queue.queuedRecords)"])
    letLeave(exporter)
  }

  private func letLeave(_ exporter: Exporter) {
    running.withLock { $0.leaving.append(exporter) }
    Task {
      while exporter.destination.queue.queuedRecords > 0, !stop.isRaised {
        do { try await Task.sleep(for: .milliseconds(200)) } catch { return }
      }
      let isOurs = running.withLock { running in
        defer { running.leaving.removeAll { $0.loop === exporter.loop } }
        return running.leaving.contains { $0.loop === exporter.loop }
      }
      if isOurs { await drain(exporter, until: .now + Self.handOverTime) }
    }
  }

  /// Goes on with what was in force; queues that were to change hands are opened again. If that fails the gateway ends.
  private func putBack(_ old: Running, _ kept: Assembly, handedOver: [Exporter]) async {
    if handedOver.isEmpty {
      for exporter in old.leaving { letLeave(exporter) }
      for receiver in old.assembly.receivers { receiver.slot.resume() }
      return startTelling()
    }
    do {
      let assembly = try await Assembly(
        old.configuration, replacing: kept, group: loops.exports, workers: loops.workers, logger: logger)
      await put(assembly, of: old.configuration, inPlaceOf: old.assembly, kept)
    } catch {
      logger.critical("the configuration before cannot be put in force again, the gateway ends: \(error)")
      for receiver in old.assembly.receivers {
        receiver.service.drain()
        receiver.slot.resume()
      }
      stop.raise()
    }
  }
}

extension OpenPort {
  /// Whether it is the port of a receiver's listener.
  fileprivate func isFor(_ listener: HTTPServerOptions, of receiver: Receiver) -> Bool {
    purpose == .receiver(receiver.id) && endpoint.host == listener.host && Int(endpoint.port) == listener.port
  }
}
