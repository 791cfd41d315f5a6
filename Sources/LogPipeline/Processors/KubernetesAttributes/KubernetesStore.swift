import Synchronization

/// What is known of the cluster: written by those that watch the API, read by the processor.
///
/// A reader takes one lock a batch, for as long as it takes to copy a reference; writers change a copy.
package final class KubernetesStore: Sendable {
  /// What has become of an object.
  package enum Change: Sendable {
    case put(KubernetesObject)
    case delete(KubernetesObject)
  }

  /// What is to be said of a store.
  package struct Status: Sendable {
    /// Objects of each kind that is watched.
    package var objects: [KubernetesKind: Int] = [:]
    package var counts: [KubernetesKind: Counts] = [:]
    /// Objects that had no room.
    package var left = 0
  }

  /// What has happened to objects of a kind.
  package struct Counts: Sendable, Equatable {
    package var added = 0
    package var updated = 0
    package var deleted = 0
  }

  private struct State {
    var table = KubernetesTable()
    /// The row of every object, by what it is.
    var objects: [KubernetesKind: [TableKey: TableRow]] = [:]
    /// Pods that are gone, and until when they are kept.
    var gone: [TableKey: Duration] = [:]
    /// What a list under way has had so far.
    var listed: [KubernetesKind: Set<TableKey>] = [:]
    var status = Status()
    /// The time of the change under way.
    var now = Duration.zero
  }

  /// The kinds of objects that have to be watched.
  package let kinds: [KubernetesKind]
  /// Objects of each kind that are kept at most.
  package let maxObjects: Int
  let maker: RowMaker
  private let excluded: [Pattern]
  private let gracePeriod: Duration
  private let state = Mutex(State())
  private let published = Mutex(KubernetesTable())

  init(_ options: KubernetesAttributesOptions) {
    maker = RowMaker(options.rules, options.associations)
    kinds = options.rules.kinds
    maxObjects = options.maxObjects
    excluded = options.excluded
    gracePeriod = options.podDeleteGracePeriod
  }

  /// The table as it is now.
  var table: KubernetesTable { published.withLock { $0 } }

  package var status: Status {
    state.withLock { state in
      var status = state.status
      for kind in kinds { status.objects[kind] = state.objects[kind]?.count ?? 0 }
      return status
    }
  }

  /// Begins a list of all objects of a kind; what it does not have is gone once it ends.
  package func beginList(of kind: KubernetesKind) { state.withLock { $0.listed[kind] = [] } }

  /// Ends a list; `now` is a time since any start.
  package func endList(of kind: KubernetesKind, at now: Duration) {
    change(at: now) { state in
      guard let listed = state.listed.removeValue(forKey: kind) else { return }
      for identity in (state.objects[kind] ?? [:]).keys where !listed.contains(identity) {
        remove(identity, kind, from: &state)
      }
    }
  }

  /// Takes changes in their order.
  package func apply(_ changes: [Change], of kind: KubernetesKind, at now: Duration) {
    if changes.isEmpty { return }
    change(at: now) { state in
      for change in changes {
        switch change {
        case .put(let object): put(object, kind, in: &state)
        case .delete(let object): remove(maker.identity(of: object, kind), kind, from: &state)
        }
      }
    }
  }

  /// Forgets pods that were deleted longer ago than they are kept.
  package func expire(at now: Duration) {
    let isDue = state.withLock { $0.gone.values.contains { $0 <= now } }
    if !isDue { return }
    change(at: now) { state in
      for (identity, end) in state.gone where end <= now { forget(identity, .pod, in: &state) }
    }
  }

  private func change(at now: Duration, _ body: (inout State) -> Void) {
    let table = state.withLock { state in
      state.now = now
      body(&state)
      return state.table
    }
    published.withLock { $0 = table }
  }

  private func put(_ object: KubernetesObject, _ kind: KubernetesKind, in state: inout State) {
    let identity = maker.identity(of: object, kind)
    let old = state.objects[kind]?[identity]
    if kind == .pod && isExcluded(object) {
      if old != nil { forget(identity, kind, in: &state) }
      return
    }
    if old == nil, state.objects[kind]?.count ?? 0 >= maxObjects {
      state.status.left &+= 1
      return
    }
    state.listed[kind]?.insert(identity)
    let row = maker.row(of: object, kind) { state.table.number(of: $0) }
    if let cluster = maker.clusterRow(of: object, kind, number: { state.table.number(of: $0) }) {
      for key in cluster.keys { state.table[key] = cluster }
    }
    let keys = row.keys
    for key in old?.keys ?? [] where !keys.contains(key) && state.table[key]?.identity == identity {
      state.table[key] = nil
    }
    state.gone[identity] = nil
    for key in keys where !isHeld(key, against: row, in: state) { state.table[key] = row }
    state.objects[kind, default: [:]][identity] = row
    if old == nil {
      state.status.counts[kind, default: Counts()].added &+= 1
    } else {
      state.status.counts[kind, default: Counts()].updated &+= 1
    }
  }

  /// Whether another object has the better right to a key: one that is there and was started later.
  private func isHeld(_ key: TableKey, against row: TableRow, in state: State) -> Bool {
    guard let holder = state.table[key], holder.identity != row.identity else { return false }
    return state.gone[holder.identity] == nil && holder.startTime > row.startTime
  }

  private func isExcluded(_ pod: KubernetesObject) -> Bool {
    if let mark = pod.annotations.first(where: { $0.key == Self.ignoreAnnotation }) {
      if mark.value.lowercased().filter({ !$0.isWhitespace }) == "true" { return true }
    }
    var name = pod.name
    return name.withUTF8 { bytes in excluded.contains { $0.matches(UnsafeRawBufferPointer(bytes)) } }
  }

  /// A pod that bears this annotation with `true` is left out.
  private static let ignoreAnnotation = "opentelemetry.io/k8s-processor/ignore"

  /// Takes note that an object is gone; a pod is kept for a while for what it has sent before.
  private func remove(_ identity: TableKey, _ kind: KubernetesKind, from state: inout State) {
    guard state.objects[kind]?[identity] != nil, state.gone[identity] == nil else { return }
    state.status.counts[kind, default: Counts()].deleted &+= 1
    if kind == .pod, gracePeriod > .zero {
      state.gone[identity] = state.now + gracePeriod
    } else {
      forget(identity, kind, in: &state)
    }
  }

  private func forget(_ identity: TableKey, _ kind: KubernetesKind, in state: inout State) {
    state.gone[identity] = nil
    guard let row = state.objects[kind]?.removeValue(forKey: identity) else { return }
    for key in row.keys where state.table[key]?.identity == identity { state.table[key] = nil }
  }
}
