import FrameQueues
import HTTPTransport
import LogPipeline
import Synchronization

/// Decides by a request's head whether its body is worth taking: nothing is read, decompressed or decoded for a
/// request that would be refused anyway.
final class Admission: Sendable {
  /// Those that every request goes to and whose full queue refuses it: of others it is not known before a request is
  /// decoded, or they drop records (`on_full`).
  private let destinations: [Destination]
  private let draining = Atomic<Bool>(false)
  private let turnedAway = Mutex<TurnedAway?>(nil)
  let tenants: Tenants?
  let outlets: [Outlet]
  /// The memory that all requests share.
  let budget: ByteBudget
  let load: CoreLoad?
  private let now: @Sendable () -> ContinuousClock.Instant

  /// The latest large request that found no room once it was encoded.
  private struct TurnedAway {
    let bodyBytes: Int
    let neededBytes: Int
    let destination: Destination
    let until: ContinuousClock.Instant
  }

  /// How long such a request speaks for others.
  static let memory: Duration = .seconds(5)

  init(
    _ pipeline: IngestPipeline, budget: ByteBudget = ByteBudget(capacityBytes: .max), load: CoreLoad? = nil,
    now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
  ) {
    self.now = now
    self.budget = budget
    self.load = load
    tenants = pipeline.tenants
    outlets = pipeline.outlets
    let certain = pipeline.outlets.filter { !$0.isBehindRouter }.map(\.destination)
    destinations = certain.filter { $0.onFull == .refuse }
  }

  /// Refuses export requests from now on.
  func drain() { draining.store(true, ordering: .relaxed) }

  var isDraining: Bool { draining.load(ordering: .relaxed) }

  /// Throws if an export request that declares a body of `bodyBytes` cannot be accepted now.
  func admit(bodyBytes: Int) throws(Refusal) {
    if isDraining { throw .draining }
    try checkRoom(bodyBytes: bodyBytes)
  }

  /// Throws if a queue has no room for a request that comes to so many bytes; asked again where much work is ahead.
  func checkRoom(bodyBytes: Int) throws(Refusal) {
    for destination in destinations {
      let queue = destination.queue
      let free = max(queue.capacityBytes &- queue.queuedBytes, 0)
      let needed = Self.neededBytes(bodyBytes: bodyBytes, capacityBytes: queue.capacityBytes)
      guard free >= needed else {
        throw .queueFull(
          destination: destination.id, neededBytes: needed, freeBytes: free, capacityBytes: queue.capacityBytes)
      }
    }
    if bodyBytes > RequestPlace.loop.mostBytes { try checkAgainstTurnedAway(bodyBytes) }
  }

  /// Takes note of a request that was refused after it was decoded and encoded for a queue without room. What is as
  /// large, such as the same request sent again, is refused before that as long as there is no more room.
  func turnAway(_ refusal: Refusal, bodyBytes: Int) {
    guard case .queueFull(let id, let neededBytes, _, _) = refusal, bodyBytes > RequestPlace.loop.mostBytes,
      let destination = destinations.first(where: { $0.id == id })
    else { return }
    let entry = TurnedAway(
      bodyBytes: bodyBytes, neededBytes: neededBytes, destination: destination, until: now() + Self.memory)
    turnedAway.withLock { $0 = entry }
  }

  private func checkAgainstTurnedAway(_ bodyBytes: Int) throws(Refusal) {
    guard let other = turnedAway.withLock({ $0 }), bodyBytes >= other.bodyBytes, now() < other.until else { return }
    let queue = other.destination.queue
    let free = max(queue.capacityBytes &- queue.queuedBytes, 0)
    guard free < other.neededBytes else { return }
    throw .queueFull(
      destination: other.destination.id, neededBytes: other.neededBytes, freeBytes: free,
      capacityBytes: queue.capacityBytes)
  }

  /// The room that a queue must have before a body is taken. What a body will come to once encoded is not known, so
  /// this is its own size, but no more than a quarter of the queue, and no less than a 32nd or 1 MiB.
  static func neededBytes(bodyBytes: Int, capacityBytes: Int) -> Int {
    let least = min(capacityBytes / 32, 1 << 20)
    return min(max(bodyBytes, least), capacityBytes / 4)
  }
}

extension HTTPRequestHead {
  /// The size that the body is said to have; 0 if it is not said.
  var declaredBodyBytes: Int {
    guard let text = headers.first(name: "content-length"), let bytes = Int(text) else { return 0 }
    return max(bytes, 0)
  }
}
