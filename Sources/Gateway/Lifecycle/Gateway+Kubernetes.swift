import LogPipeline

/// The watchers of processors that ask the Kubernetes API: each runs as long as its processor is in a pipeline.
extension Gateway {
  /// How often a table is looked at that is waited for.
  private static let lookInterval = Duration.milliseconds(20)

  /// Starts the watchers of the configuration that the gateway starts with.
  func startWatchers() async throws {
    let assembly = running.withLock { $0.assembly }
    let watchers = try makeWatchers(of: assembly)
    running.withLock { $0.watchers = watchers }
    for watcher in watchers { watcher.start() }
    for watcher in watchers { try await waitForTable(of: watcher) }
  }

  /// The watchers of an assembly: those that there are for its processors, and new ones, which have been started.
  /// Tables that requests must not come before are there when it returns.
  func watchers(of assembly: Assembly, keeping old: [KubernetesWatcher]) async throws -> [KubernetesWatcher] {
    let watchers = try makeWatchers(of: assembly, keeping: old)
    let new = watchers.filter { watcher in !old.contains { $0 === watcher } }
    do {
      for watcher in new { watcher.start() }
      for watcher in new { try await waitForTable(of: watcher) }
    } catch {
      await stop(new)
      throw error
    }
    return watchers
  }

  /// Puts watchers in force and ends those that were before and are not among them.
  func use(_ watchers: [KubernetesWatcher]) async {
    let old = running.withLock { running in
      defer { running.watchers = watchers }
      return running.watchers
    }
    await stop(old.filter { watcher in !watchers.contains { $0 === watcher } })
  }

  private func makeWatchers(
    of assembly: Assembly, keeping old: [KubernetesWatcher] = []
  ) throws(GatewayError) -> [KubernetesWatcher] {
    var watchers: [KubernetesWatcher] = []
    for step in assembly.steps {
      guard let processor = step.processor as? KubernetesAttributesProcessor else { continue }
      if let same = old.first(where: { $0.processor.store === processor.store }) {
        watchers.append(same)
      } else if let watcher = try KubernetesWatcher(of: processor, group: loops.exports, logger: logger) {
        watchers.append(watcher)
      }
    }
    return watchers
  }

  /// Ends watchers.
  func stop(_ watchers: [KubernetesWatcher]) async {
    await withDiscardingTaskGroup { tasks in
      for watcher in watchers { tasks.addTask { await watcher.stop() } }
    }
  }

  private func waitForTable(of watcher: KubernetesWatcher) async throws {
    guard let limit = watcher.processor.options.waitForMetadata else { return }
    let end = ContinuousClock.now + limit
    while !watcher.isSynced, !stop.isRaised {
      if ContinuousClock.now >= end {
        let cause = watcher.failing.map { ": \($0.error)" } ?? ""
        throw GatewayError.cannotMake(
          component: "processor \(watcher.processor.id)",
          cause: "the Kubernetes API has not said all within wait_for_metadata_timeout, \(limit)\(cause)")
      }
      try await Task.sleep(for: Self.lookInterval)
    }
  }
}
