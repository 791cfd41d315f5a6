// decision: docs/decisions/0302-threads-for-requests.md

package import NIOCore

/// One step of an answer, in the order a responder sends them.
package enum HTTPResponseEvent: Sendable {
  case whole(HTTPResponse)
  case start(status: Int, headers: HTTPHeaders)
  case body(ByteBuffer)
  case end(trailers: HTTPHeaders?)
  /// The responder was dropped after `start` and before `end`.
  case abandoned
}

/// Sends the answer to one request: whole by `respond`, or in parts by `start`, `send` and `finish`.
///
/// Safe from any thread. A second answer is ignored. Dropped without an answer, it answers 500. What `send` is given
/// is held until the client takes it: a service that streams much is to mind how much it sends.
package final class HTTPResponder: Sendable {
  package let eventLoop: any EventLoop
  private let deliver: @Sendable (HTTPResponseEvent) -> Void
  /// What the connection holds of the answer; not the responder itself, so that dropping that is noticed.
  let progress = HTTPAnswerProgress()

  /// A responder whose events reach `deliver` on `eventLoop`; the server makes these, and tests of services do.
  package init(eventLoop: any EventLoop, deliver: @escaping @Sendable (HTTPResponseEvent) -> Void) {
    self.eventLoop = eventLoop
    self.deliver = deliver
  }

  deinit {
    switch progress.stage {
    case .waiting: emit(.whole(HTTPResponse(status: 500)))
    case .started: emit(.abandoned)
    case .finished, .cancelled: break
    }
  }

  /// Sends a whole answer.
  package func respond(_ response: HTTPResponse) {
    if progress.advance(from: .waiting, to: .finished) { emit(.whole(response)) }
  }

  /// Starts a streamed answer.
  package func start(status: Int, headers: HTTPHeaders) {
    if progress.advance(from: .waiting, to: .started) { emit(.start(status: status, headers: headers)) }
  }

  /// Sends a part of the body of a started answer.
  package func send(_ bytes: ByteBuffer) {
    guard progress.advance(from: .started, to: .started) else { return }
    progress.given(bytes.readableBytes)
    emit(.body(bytes))
  }

  /// Bytes that `send` was given and the client has not taken: a service that streams much waits for them to get few.
  package var unsentBytes: Int { progress.unsentBytes }

  /// Ends a started answer.
  package func finish(trailers: HTTPHeaders?) {
    if progress.advance(from: .started, to: .finished) { emit(.end(trailers: trailers)) }
  }

  /// Calls `action` once if the client goes away before the answer is finished, at once if it already has, or if the
  /// connection is about to be closed: then an answer still reaches the client.
  package func onCancel(_ action: @escaping @Sendable () -> Void) {
    if progress.isCancelled(orElse: action) { action() }
  }

  /// Whether the client has gone away before the answer was finished.
  package var isCancelled: Bool { progress.stage == .cancelled }

  /// Tells the service that the client has gone away; what it answers from now on is ignored.
  package func cancel() { progress.cancel() }

  private func emit(_ event: HTTPResponseEvent) {
    let deliver = deliver
    if eventLoop.inEventLoop {
      deliver(event)
    } else {
      eventLoop.execute { deliver(event) }
    }
  }
}
