/// How much an answer of the API server may come to: more than any cluster has, so that a server that does not stop
/// costs little, and is told of.
struct KubernetesAllowance {
  /// What may come at once, and with each second that has passed besides.
  struct Limits: Sendable {
    var objects: Int
    var bytes: Int
    var objectsEachSecond = 0
    var bytesEachSecond = 0
    /// A server may make the pages of a list shorter than is asked.
    var pages = 4000
    /// The time that all of it has; nil for any.
    var time: Duration?
  }

  private let name: String
  private let limits: Limits
  private let began: Duration
  private var objects = 0
  private var bytes = 0

  /// A piece of an answer counts as that at least, however short it is.
  private static let leastPieceBytes = 64

  /// For an answer that is called `name` and begins now.
  init(_ name: String, _ limits: Limits, at now: Duration) {
    self.name = name
    self.limits = limits
    began = now
  }

  /// Counts a piece of an answer and the objects that it ends; throws if that is more than may come.
  mutating func charge(bytes more: Int, objects moreObjects: Int, at now: Duration) throws(KubernetesFailure) {
    bytes &+= max(more, Self.leastPieceBytes)
    objects &+= moreObjects
    let seconds = Int(clamping: max((now - began).components.seconds, 0))
    let maxObjects = limits.objects &+ seconds &* limits.objectsEachSecond
    let maxBytes = limits.bytes &+ seconds &* limits.bytesEachSecond
    if objects > maxObjects { throw failure("at least \(objects) objects after \(seconds) s", "\(maxObjects)") }
    if bytes > maxBytes { throw failure("at least \(bytes) bytes after \(seconds) s", "\(maxBytes)") }
    if let time = limits.time, now - began > time { throw failure("no end after \(seconds) s", "\(time)") }
  }

  /// What is to be said where something of an answer exceeds a limit.
  func failure(_ found: String, _ limit: String) -> KubernetesFailure {
    KubernetesFailure(excess: "\(name) has \(found): the limit is \(limit)")
  }
}
