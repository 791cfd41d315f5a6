package import LogStore
import NIOPosix
import Synchronization

/// What an exporter wants of its store, and of searches in it.
package struct StoreSettings: Sendable {
  package var storage: StoreOptions
  /// What one search may take.
  package var limits = SearchLimits()
  /// Searches that run at once (`query.max_concurrent`).
  package var maxSearches = 4

  init(directory: String) { storage = StoreOptions(directory: directory) }
}

/// The stores that this process writes, each open once: where a reload changes the options of an exporter, the one that
/// leaves and the one in its place share it.
package final class OpenStores: Sendable {
  /// A store that an exporter writes.
  struct Store: Sendable {
    /// The exporter that has opened it last.
    fileprivate(set) var exporter: String
    let log: LogStore
    fileprivate(set) var settings: StoreSettings
    let gate = SearchGate()
    fileprivate var users = 1
  }

  private struct State {
    var stores: [String: Store] = [:]
    var threads: NIOThreadPool?
    var upkeep: Task<Void, Never>?
  }

  private let state = Mutex(State())
  /// Threads that searches run on, of all stores together.
  static let maxThreads = 8
  /// How often what has become too old is removed while nothing is written.
  private static let upkeepInterval = Duration.seconds(60)

  package init() {}

  deinit {
    let state = state.withLock { $0 }
    state.upkeep?.cancel()
    state.threads?.shutdownGracefully { _ in }
  }

  /// Opens the store of an exporter, or has the one that is open go on with its options; `close` ends that.
  func open(_ settings: StoreSettings, for exporter: String) throws(StoreError) -> LogStore {
    try state.withLock { state throws(StoreError) in
      let directory = settings.storage.directory
      if var store = state.stores[directory] {
        store.log.use(settings.storage)
        (store.exporter, store.settings) = (exporter, settings)
        store.users += 1
        state.stores[directory] = store
        return store.log
      }
      let log = try LogStore(settings.storage)
      state.stores[directory] = Store(exporter: exporter, log: log, settings: settings)
      if state.upkeep == nil { state.upkeep = upkeep() }
      return log
    }
  }

  /// An exporter does without its store from now on; the last one of a store closes it.
  func close(_ directory: String) {
    state.withLock { state in
      guard var store = state.stores[directory] else { return }
      store.users -= 1
      state.stores[directory] = store.users > 0 ? store : nil
      if store.users == 0 { store.log.close() }
    }
  }

  /// All of them, by the ids of their exporters.
  var all: [Store] { state.withLock { $0.stores.values.sorted { $0.exporter < $1.exporter } } }

  /// Has work done that may take long or wait for the disk.
  func run(_ work: @escaping @Sendable () -> Void) {
    let threads = state.withLock { state in
      if let threads = state.threads { return threads }
      let threads = NIOThreadPool(numberOfThreads: Self.maxThreads)
      threads.start()
      state.threads = threads
      return threads
    }
    threads.submit { _ in work() }
  }

  private func upkeep() -> Task<Void, Never> {
    Task { [weak self] in
      while (try? await Task.sleep(for: Self.upkeepInterval)) != nil {
        guard let self else { return }
        run { [weak self] in
          // A disk that fails is told of by what is written next.
          for store in self?.all ?? [] { try? store.log.maintain(nowUnixNano: WallClock.unixNano) }
        }
      }
    }
  }
}

/// A store as somebody may see it.
struct StoreSight: Sendable {
  let store: OpenStores.Store
  var right: StoreRight

  /// What is stored now.
  var view: StoreView { store.log.view.seen(through: right.scope) }
}

/// What somebody may see of stores, and how that is asked again for an answer that goes on.
struct StoreRight: Sendable {
  /// The records that are seen; nil for all.
  let scope: RecordScope?
  /// Gives what may be seen by now; nil for nothing any more.
  let renewed: @Sendable () async -> StoreRight?
}
