import LogPipeline
import NIOCore

/// What the watches of a processor share.
struct KubernetesCluster: Sendable {
  let processor: KubernetesAttributesProcessor
  /// The node of the environment whose pods are watched.
  let node: String?
  let group: any EventLoopGroup
  /// How much a list and a watch may come to. Each list takes as many objects as `max_objects` may be.
  var listLimits = KubernetesAllowance.Limits(objects: 1_000_000, bytes: 4 << 30, time: .seconds(900))
  var watchLimits = KubernetesAllowance.Limits(
    objects: 100_000, bytes: 256 << 20, objectsEachSecond: 1000, bytesEachSecond: 4 << 20)
  /// Objects of lists that were left out since they have another form.
  let unreadable = RecordCount()
  private let started = ContinuousClock.now

  init(_ processor: KubernetesAttributesProcessor, node: String?, group: any EventLoopGroup) {
    self.processor = processor
    self.node = node
    self.group = group
  }

  /// The time since the start.
  var now: Duration { ContinuousClock.now - started }
}

/// Keeps what is known of one kind of object up to date: a list of all, then a watch of what changes. One task runs it.
struct KubernetesWatch {
  /// Told of each request that has been answered as it should be, and of each that has not.
  typealias Report = @Sendable (_ failure: KubernetesFailure?) -> Void

  private let kind: KubernetesKind
  private let cluster: KubernetesCluster
  private let store: KubernetesStore
  private let options: KubernetesAttributesOptions
  private var client: KubernetesClient
  private var backoff = KubernetesBackoff()
  /// Whether the last watch was given up for sending too much: the next is well only once it has lasted.
  private var wasExcess = false
  /// Objects of the list under way.
  private var listed = (readable: 0, unreadable: 0)

  /// Objects in a page of a list.
  private static let pageSize = 500
  /// A watch that lasts so long had no trouble.
  private static let goodTime = Duration.seconds(5)

  init(_ kind: KubernetesKind, in cluster: KubernetesCluster) {
    self.kind = kind
    self.cluster = cluster
    store = cluster.processor.store
    options = cluster.processor.options
    client = KubernetesClient(options, group: cluster.group)
  }

  /// Lists and watches until the task is cancelled; `listed` is called after each list.
  mutating func run(_ report: Report, listed: @Sendable () -> Void) async {
    while !Task.isCancelled {
      let version: String
      do {
        version = try await list()
      } catch {
        await rest(after: error, report)
        continue
      }
      report(nil)
      listed()
      await follow(from: version, report)
    }
    await client.close()
  }

  /// Reports what went wrong and waits before the next request.
  private mutating func rest(after error: any Error, _ report: Report) async {
    if Task.isCancelled { return }
    let failure = error as? KubernetesFailure ?? KubernetesFailure(reason: "\(error)")
    report(failure)
    try? await Task.sleep(for: backoff.next(atLeast: failure.retryAfter ?? .zero))
  }

  /// Takes all objects there are, page by page, and returns the version of that list.
  private mutating func list() async throws -> String {
    store.beginList(of: kind)
    listed = (0, 0)
    var query = "limit=\(Self.pageSize)"
    var allowance = KubernetesAllowance("the list of \(kind.rawValue)s", cluster.listLimits, at: cluster.now)
    var before = ""
    for _ in 0..<cluster.listLimits.pages {
      let frame = try await page(query, &allowance)
      if frame.continuation.isEmpty {
        try checkListed()
        store.endList(of: kind, at: cluster.now)
        return frame.resourceVersion
      }
      if frame.continuation == before {
        throw KubernetesFailure(excess: "the list of \(kind.rawValue)s does not move on: two pages continue alike")
      }
      before = frame.continuation
      query = "limit=\(Self.pageSize)&continue=\(frame.continuation.percentEncoded)"
    }
    throw allowance.failure("more pages", "\(cluster.listLimits.pages)")
  }

  /// Of a list some objects may have a form that is not known; it counts for nothing if all do.
  private func checkListed() throws(KubernetesFailure) {
    if listed.readable == 0, listed.unreadable > 0 {
      throw KubernetesFailure(
        reason: "none of the \(listed.unreadable) objects in the list of \(kind.rawValue)s has a form that is known")
    }
    cluster.unreadable.add(listed.unreadable)
  }

  private mutating func page(
    _ query: String, _ allowance: inout KubernetesAllowance
  ) async throws -> KubernetesListFrame {
    var pieces = KubernetesPieces(.list, maxObjectBytes: options.maxObjectBytes)
    let (kind, store, cluster) = (kind, store, cluster)
    var new = (readable: 0, unreadable: 0)
    try await client.get(path(query), accept: accept("List")) { bytes in
      var changes: [KubernetesStore.Change] = []
      let before = new.unreadable
      try Self.take(bytes, with: &pieces) { json in
        guard let object = KubernetesObject(parsing: json) else {
          new.unreadable &+= 1
          return true
        }
        new.readable &+= 1
        changes.append(.put(object))
        return true
      }
      let objects = changes.count &+ new.unreadable &- before
      try allowance.charge(bytes: bytes.count, objects: objects, at: cluster.now)
      store.apply(changes, of: kind, at: cluster.now)
    }
    guard pieces.isComplete, let frame = KubernetesListFrame(parsing: pieces.frame) else {
      throw KubernetesFailure(reason: "the list of \(kind.rawValue)s is cut short or no list")
    }
    listed.readable &+= new.readable
    listed.unreadable &+= new.unreadable
    return frame
  }

  /// Watches from a version on until that is gone.
  private mutating func follow(from version: String, _ report: Report) async {
    var version = version
    while !Task.isCancelled {
      let began = cluster.now
      do {
        try await watch(from: &version, report)
      } catch let failure as KubernetesFailure where failure.isExpired {
        try? await Task.sleep(for: backoff.next(atLeast: .zero))
        return
      } catch let failure as KubernetesFailure where failure.isCutOff {
        // Watches end so when a server or proxy restarts, or a connection is dead: the next goes on where it was.
      } catch {
        wasExcess = (error as? KubernetesFailure)?.isExcess ?? false
        if cluster.now - began >= Self.goodTime, !wasExcess { backoff.reset() }
        await rest(after: error, report)
        continue
      }
      if cluster.now - began >= Self.goodTime {
        backoff.reset()
      } else {
        try? await Task.sleep(for: backoff.next(atLeast: .zero))
      }
    }
  }

  /// Takes what changes after a version, until the server ends the answer; moves the version on.
  private mutating func watch(from version: inout String, _ report: Report) async throws {
    var pieces = KubernetesPieces(.watch, maxObjectBytes: options.maxObjectBytes)
    // Many watches that begin together do not end together.
    let seconds = Int.random(in: 240...300)
    let query =
      "watch=1&allowWatchBookmarks=true&timeoutSeconds=\(seconds)&resourceVersion=\(version.percentEncoded)"
    let (kind, store, cluster) = (kind, store, cluster)
    var allowance = KubernetesAllowance("the watch of \(kind.rawValue)s", cluster.watchLimits, at: cluster.now)
    var last = version
    // Until then it is not said to be well.
    var trial = wasExcess ? cluster.now + Self.goodTime : nil
    defer { version = last }
    try await client.get(path(query), accept: accept("")) { bytes in
      if trial.map({ $0 <= cluster.now }) ?? bytes.isEmpty {
        trial = nil
        report(nil)
      }
      if bytes.isEmpty { return }
      var changes: [KubernetesStore.Change] = []
      var failed: KubernetesFailure?
      var events = 0
      // What came before the fault counts: the next watch begins after it.
      do throws(KubernetesFailure) {
        try Self.take(bytes, with: &pieces) { json in
          events += 1
          switch KubernetesEvent(parsing: json) {
          case nil: return false
          case .put(let object):
            changes.append(.put(object))
            last = object.resourceVersion.isEmpty ? last : object.resourceVersion
          case .delete(let object):
            changes.append(.delete(object))
            last = object.resourceVersion.isEmpty ? last : object.resourceVersion
          case .bookmark(let version): last = version.isEmpty ? last : version
          case .failure(let status):
            failed = KubernetesFailure(
              reason: "the watch of \(kind.rawValue)s fails with \(status.code)", isExpired: status.code == 410)
          }
          return true
        }
        try allowance.charge(bytes: bytes.count, objects: events, at: cluster.now)
      } catch {
        failed = error
      }
      store.apply(changes, of: kind, at: cluster.now)
      if let failed { throw failed }
    }
    wasExcess = false
  }

  /// Cuts bytes into objects and has each read.
  private static func take(
    _ bytes: [UInt8], with pieces: inout KubernetesPieces, _ read: ([UInt8]) -> Bool
  ) throws(KubernetesFailure) {
    do throws(KubernetesPieces.Failure) {
      try pieces.take(bytes, read)
    } catch {
      throw KubernetesFailure(reason: "the answer \(error.reason)")
    }
  }

  private func path(_ query: String) -> String {
    var path = "\(kind.path(namespace: options.filter.namespace))?\(query)"
    var fields = ""
    switch kind {
    case .pod:
      fields = options.filter.fieldSelector(node: cluster.node)
      let labels = options.filter.labelSelector
      if !labels.isEmpty { path += "&labelSelector=\(labels.percentEncoded)" }
    case .namespace: fields = options.namespaceSelector
    default: break
    }
    if !fields.isEmpty { path += "&fieldSelector=\(fields.percentEncoded)" }
    return path
  }

  /// Of objects other than pods the metadata alone is asked for; a server that does not know that gives all.
  private func accept(_ suffix: String) -> String {
    if kind == .pod { return "application/json" }
    return "application/json;as=PartialObjectMetadata\(suffix);g=meta.k8s.io;v=v1,application/json"
  }
}

/// The time between requests that fail: longer each time, and not the same for all replicas.
struct KubernetesBackoff {
  private static let first = Duration.milliseconds(500)
  static let longest = Duration.seconds(30)
  private var wait = first

  /// The next wait, no shorter than what the server asks for, up to the longest.
  mutating func next(atLeast least: Duration) -> Duration {
    let jittered = wait * Double.random(in: 0.5...1)
    wait = min(wait * 2, Self.longest)
    return max(jittered, min(least, Self.longest))
  }

  mutating func reset() { wait = Self.first }
}
