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

  init(_ pipeline: IngestPipeline) {
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
