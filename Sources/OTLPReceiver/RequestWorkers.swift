import HTTPTransport
import NIOCore
import NIOPosix
import Synchronization

/// Threads that work on requests in place of the event loop that received them.
///
/// A large request always goes to one of them, so that its loop goes on with others. So does a request that comes with
/// others on its connection, while a core is free: one connection can keep more than one core busy. All others stay
/// where they are, which is cheapest.
package final class RequestWorkers: Sendable {
  /// A body that is large; working on it takes milliseconds.
  static let largeBytes = 1 << 20
  /// A compressed body that is large.
  static let largeCompressedBytes = 128 << 10
  /// A smaller body is sooner done than handed over.
  static let leastBytes = 16 << 10
  /// A loop that had a request of `leastBytes` so recently has a core to itself.
  static let recently: Duration = .milliseconds(5)
  /// Requests handed over for each core that is free: the second is there when the first is done.
  static let depth = 2

  private let cores: Int
  private let threads: NIOThreadPool
  private let state = Mutex(State())

  private struct State {
    /// Requests handed over and not done.
    var underWay = 0
    /// When each loop last had a request of some size.
    var loops: [ObjectIdentifier: ContinuousClock.Instant] = [:]
  }

  /// As many threads as cores.
  package init(cores: Int) {
    self.cores = max(cores, 1)
    threads = NIOThreadPool(numberOfThreads: self.cores)
    threads.start()
  }

  /// Ends the threads once they have done what was handed over.
  package func shutDown() async { try? await threads.shutdownGracefully() }

  /// Whether a thread is better placed to work on the request than the event loop that has it. If so, `take` has to
  /// follow.
  func takes(
    _ request: HTTPRequest, from loop: any EventLoop, now: @autoclosure () -> ContinuousClock.Instant = .now
  ) -> Bool {
    guard request.body.count >= Self.leastBytes else { return false }
    let now = now()
    let isLarge = Self.isLarge(request)
    let isOneOfSeveral = request.isOneOfSeveral
    return state.withLock { state in
      state.loops[ObjectIdentifier(loop)] = now
      guard isLarge || isOneOfSeveral && isCoreFree(state, now: now) else { return false }
      state.underWay += 1
      return true
    }
  }

  /// Has a thread work on the request, which it alone holds then.
  func take(_ request: consuming HTTPRequest, _ work: @escaping @Sendable (consuming HTTPRequest) -> Void) {
    let handed = Handed(request)
    threads.submit { _ in
      if let request = handed.take() { work(request) }
      self.state.withLock { $0.underWay -= 1 }
    }
  }

  private func isCoreFree(_ state: State, now: ContinuousClock.Instant) -> Bool {
    let busyLoops = state.loops.values.count { now - $0 <= Self.recently }
    return state.underWay < (cores &- busyLoops) &* Self.depth
  }

  /// By its size as received: what it comes to after decompression is not known.
  private static func isLarge(_ request: HTTPRequest) -> Bool {
    let bytes = request.body.count
    return bytes >= largeBytes || bytes >= largeCompressedBytes && isCompressed(request)
  }

  private static func isCompressed(_ request: HTTPRequest) -> Bool {
    let isGRPC = request.head.headers.contains(name: "grpc-encoding")
    return isGRPC ? request.body.first == 1 : request.head.headers.contains(name: "content-encoding")
  }
}

/// A request on its way from one thread to another.
private final class Handed: Sendable {
  private let request: Mutex<HTTPRequest?>

  init(_ request: consuming HTTPRequest) { self.request = Mutex(request) }

  func take() -> HTTPRequest? { request.withLock { $0.take() } }
}
