import NIOCore
import Synchronization

/// How far a client's connection is, seen from any thread.
final class HTTP2ClientState: Sendable {
  /// Completes when the server has shown that it speaks HTTP/2.
  let established: EventLoopPromise<Void>
  private let open = Atomic<Bool>(true)

  init(on eventLoop: any EventLoop) {
    established = eventLoop.makePromise()
  }

  /// Whether it takes requests.
  var isOpen: Bool { open.load(ordering: .acquiring) }

  func close() { open.store(false, ordering: .releasing) }
}
