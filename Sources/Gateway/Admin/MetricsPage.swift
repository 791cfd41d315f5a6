import HTTPTransport
import Synchronization

/// The metrics as a page: written anew for all who have asked meanwhile, by one task at a time, which rests between.
///
/// A page may be long, and whoever can connect can ask for it again and again. It is not written on the event loops,
/// which answer probes and take logs, nor for a client that has gone.
final class MetricsPage: Sendable {
  private struct State {
    var waiting: [HTTPResponder] = []
    var isAtWork = false
  }

  private let write: @Sendable () -> HTTPResponse
  private let state = Mutex(State())

  /// A rest is so many times as long as writing took, up to the longest.
  private static let restFactor = 4
  private static let longestRest = Duration.milliseconds(100)

  init(write: @escaping @Sendable () -> HTTPResponse) { self.write = write }

  /// Answers with a page that is begun after now.
  func answer(through responder: HTTPResponder) {
    let isAtWork = state.withLock { state in
      state.waiting.append(responder)
      defer { state.isAtWork = true }
      return state.isAtWork
    }
    if !isAtWork { Task { await work() } }
  }

  private func work() async {
    while let waiting = takeWaiting() {
      let began = ContinuousClock.now
      let page = write()
      for responder in waiting { responder.respond(page) }
      try? await Task.sleep(for: min((ContinuousClock.now - began) * Self.restFactor, Self.longestRest))
    }
  }

  /// Those who wait and have not gone; nil if there is nobody.
  private func takeWaiting() -> [HTTPResponder]? {
    state.withLock { state in
      let waiting = state.waiting.filter { !$0.isCancelled }
      state.waiting = []
      state.isAtWork = !waiting.isEmpty
      return waiting.isEmpty ? nil : waiting
    }
  }
}
