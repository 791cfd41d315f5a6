import Synchronization

/// How far the answer to one request is: shared by its responder and its connection, which may part at any moment.
final class HTTPAnswerProgress: Sendable {
  /// Answers end `finished`, or `cancelled` by the client.
  enum Stage: Equatable {
    case waiting, started, finished, cancelled
  }

  private struct State {
    var stage = Stage.waiting
    var onCancel: [@Sendable () -> Void] = []
  }

  private let state = Mutex(State())
  private let unsent = Atomic<Int>(0)

  /// Bytes of parts of the answer that were given and are not on their way to the client.
  var unsentBytes: Int { max(unsent.load(ordering: .relaxed), 0) }

  /// Takes note of a part that is to be sent.
  func given(_ bytes: Int) { unsent.add(bytes, ordering: .relaxed) }

  /// Takes note of bytes of parts that were sent.
  func sent(_ bytes: Int) { unsent.subtract(bytes, ordering: .relaxed) }

  var stage: Stage { state.withLock { $0.stage } }

  /// Moves on if the answer is where it is thought to be.
  func advance(from: Stage, to: Stage) -> Bool {
    state.withLock { state in
      guard state.stage == from else { return false }
      state.stage = to
      if to == .finished { state.onCancel = [] }
      return true
    }
  }

  /// Whether the client has gone away; while it may yet, `action` is kept for that.
  func isCancelled(orElse action: @escaping @Sendable () -> Void) -> Bool {
    state.withLock { state in
      switch state.stage {
      case .waiting, .started: state.onCancel.append(action)
      case .finished, .cancelled: break
      }
      return state.stage == .cancelled
    }
  }

  /// The connection is about to be closed: who asked to hear of a client that goes away does, and can still answer.
  func lastCall() {
    let actions = state.withLock { state -> [@Sendable () -> Void] in
      guard state.stage == .waiting else { return [] }
      defer { state.onCancel = [] }
      return state.onCancel
    }
    for action in actions { action() }
  }

  /// The client has gone away: nothing is answered any more, and who asked to hear of it does.
  func cancel() {
    let actions = state.withLock { state -> [@Sendable () -> Void] in
      guard state.stage == .waiting || state.stage == .started else { return [] }
      state.stage = .cancelled
      defer { state.onCancel = [] }
      return state.onCancel
    }
    for action in actions { action() }
  }
}
