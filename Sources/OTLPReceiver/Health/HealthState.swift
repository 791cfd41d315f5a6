import HTTPTransport
import NIOCore
import NIOHTTP1
import Synchronization

/// Whether the gateway takes logs, as health checks are told. Thread-safe.
package final class HealthState: Sendable {
  private let state: Mutex<State>

  private struct State {
    var status: ServingStatus
    var isClosed = false
    var nextID: UInt64 = 0
    var watches: [UInt64: Watch] = [:]
  }

  /// One stream of `grpc.health.v1.Health/Watch`.
  private struct Watch {
    var responder: HTTPResponder
    /// Whether the watched service is served here; if not, its status never changes.
    var isServed: Bool
    var closingTrailers: HTTPHeaders

    // What is said goes by way of the event loop, so that it may be said under the lock, and hence in order.

    func start() {
      responder.eventLoop.execute { [responder] in responder.start(status: 200, headers: GRPCAnswer.headers) }
    }

    func say(_ status: ServingStatus) {
      responder.eventLoop.execute { [responder] in
        responder.send(ByteBuffer(bytes: GRPCPrefix.framed(HealthMessages.response(status))))
      }
    }

    func close() {
      responder.eventLoop.execute { [responder, closingTrailers] in responder.finish(trailers: closingTrailers) }
    }
  }

  package init(_ status: ServingStatus = .notServing) {
    state = Mutex(State(status: status))
  }

  package var status: ServingStatus { state.withLock { $0.status } }

  /// Streams open now; for tests.
  package var watchCount: Int { state.withLock { $0.watches.count } }

  /// Sets the status and tells all watchers if it has changed; ignored after `close`.
  package func set(_ status: ServingStatus) {
    state.withLock { state in
      guard state.status != status, !state.isClosed else { return }
      state.status = status
      for watch in state.watches.values where watch.isServed { watch.say(status) }
    }
  }

  /// Not serving from now on: tells all watchers and ends their streams, so that none holds up the end.
  package func close() {
    set(.notServing)
    state.withLock { state in
      state.isClosed = true
      for watch in state.watches.values { watch.close() }
      state.watches = [:]
    }
  }

  /// Tells `responder` the status, now and at every change until the client goes or `close`, which ends the stream
  /// with `closingTrailers`. Answers false, having said nothing, if `limit` watches are open.
  func watch(_ responder: HTTPResponder, isServed: Bool, limit: Int, closingTrailers: HTTPHeaders) -> Bool {
    let id = state.withLock { state -> UInt64? in
      guard state.watches.count < limit else { return nil }
      let watch = Watch(responder: responder, isServed: isServed, closingTrailers: closingTrailers)
      watch.start()
      watch.say(isServed ? state.status : .serviceUnknown)
      state.nextID &+= 1
      if state.isClosed { watch.close() } else { state.watches[state.nextID] = watch }
      return state.nextID
    }
    guard let id else { return false }
    responder.onCancel { [weak self] in self?.unwatch(id) }
    return true
  }

  private func unwatch(_ id: UInt64) {
    state.withLock { _ = $0.watches.removeValue(forKey: id) }
  }
}
