import Glibc
import LogExport
import LogPipeline
import Logging
import NIOCore
import Synchronization

/// Keeps the table of one processor up to date while it runs, with a task for each kind of object.
final class KubernetesWatcher: Sendable {
  /// What keeps failing.
  struct Failing {
    /// Unix time.
    var since: Int
    var error: String
  }

  private struct State {
    /// Kinds that have been listed at least once.
    var listed: Set<KubernetesKind> = []
    var failing: [KubernetesKind: Failing] = [:]
    /// Objects that were left out when that was told last.
    var left = 0
    var unreadable = 0
    var task: Task<Void, Never>?
  }

  private let cluster: KubernetesCluster
  private let log: FailureLog
  private let fullLog: FailureLog
  private let formLog: FailureLog
  private let state = Mutex(State())

  /// How often pods that are gone are looked for.
  private static let expiryInterval = Duration.seconds(1)

  /// Nil if the processor asks no API server.
  init?(of processor: KubernetesAttributesProcessor, group: any EventLoopGroup, logger: Logger) throws(GatewayError) {
    if processor.options.isPassthrough { return nil }
    log = FailureLog(logger: logger)
    fullLog = FailureLog(logger: logger, interval: .seconds(60))
    formLog = FailureLog(logger: logger, interval: .seconds(60))
    do {
      let node = try processor.options.filter.node(in: KubernetesClient.environment)
      cluster = KubernetesCluster(processor, node: node, group: group)
    } catch {
      throw .cannotMake(component: "processor \(processor.id)", cause: "filter.node_from_env_var: \(error)")
    }
  }

  var processor: KubernetesAttributesProcessor { cluster.processor }

  /// Whether every kind has been listed, so that the table is whole.
  var isSynced: Bool { state.withLock { $0.listed.count == processor.store.kinds.count } }

  /// What fails now; nil if nothing does.
  var failing: Failing? { state.withLock { $0.failing.values.min { $0.since < $1.since } } }

  /// Objects of lists that were left out since they have another form.
  var unreadable: Int { cluster.unreadable.value }

  /// What is to be said of it to those who ask whether the gateway is ready.
  var readiness: Readiness.Kubernetes {
    let failing = failing.map { (since: $0.since, error: $0.error) }
    return Readiness.Kubernetes(processor: processor.id, isSynced: isSynced, failing: failing)
  }

  /// Starts to list and watch.
  func start() {
    state.withLock { state in
      if state.task == nil { state.task = Task { await self.run() } }
    }
  }

  /// Ends what was started.
  func stop() async {
    let task = state.withLock { $0.task }
    task?.cancel()
    await task?.value
  }

  private func run() async {
    await withDiscardingTaskGroup { tasks in
      for kind in processor.store.kinds {
        tasks.addTask {
          var watch = KubernetesWatch(kind, in: self.cluster)
          await watch.run {
            self.note($0, of: kind)
          } listed: {
            self.state.withLock { _ = $0.listed.insert(kind) }
          }
        }
      }
      tasks.addTask {
        while (try? await Task.sleep(for: Self.expiryInterval)) != nil {
          self.processor.store.expire(at: self.cluster.now)
          self.noteLeft()
          self.noteUnreadable()
        }
      }
    }
  }

  private func note(_ failure: KubernetesFailure?, of kind: KubernetesKind) {
    guard let failure else {
      let isWell = state.withLock { state in
        state.failing[kind] = nil
        return state.failing.isEmpty
      }
      if isWell { log.recovered("the Kubernetes API answers again", ["processor": "\(processor.id)"]) }
      return
    }
    state.withLock { state in
      let since = state.failing[kind]?.since ?? time(nil)
      state.failing[kind] = Failing(since: since, error: failure.reason)
    }
    log.failed(
      "the Kubernetes API does not say what is asked of it: attributes stay as they were known",
      ["processor": "\(processor.id)", "kind": "\(kind.rawValue)", "cause": "\(failure.reason)"],
      at: cluster.now)
  }

  private func noteUnreadable() {
    let count = unreadable
    let isNew = state.withLock { state in
      defer { state.unreadable = count }
      return count > state.unreadable
    }
    if !isNew { return }
    formLog.failed(
      "objects of the Kubernetes API are left out: they have another form than is known",
      ["processor": "\(processor.id)", "left_out": "\(count)"], at: cluster.now)
  }

  private func noteLeft() {
    let left = processor.store.status.left
    let isNew = state.withLock { state in
      defer { state.left = left }
      return left > state.left
    }
    if !isNew { return }
    fullLog.failed(
      "objects of the Kubernetes API are left out: max_objects is too small",
      ["processor": "\(processor.id)", "left_out": "\(left)", "max_objects": "\(processor.store.maxObjects)"],
      at: cluster.now)
  }
}
