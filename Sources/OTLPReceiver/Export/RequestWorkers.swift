// decision: docs/decisions/0302-threads-for-requests.md

import HTTPTransport
import NIOCore
import NIOPosix
import Synchronization

/// Threads that work on requests in place of the event loop that received them.
///
/// A large request always goes to one of them, so that its loop goes on with others. So does a request that comes with
/// others on its connection, while a core is free: one connection can keep more than one core busy. All others stay
/// where they are, which is cheapest. Tenants take turns, and the connections of each; huge requests leave a thread to
/// the others.
package final class RequestWorkers: Sendable {
  /// A smaller body is sooner done than handed over.
  static let leastBytes = 16 << 10
  /// A compressed body so long goes to a thread however little it says it comes to: its tables take time too.
  static let largeCompressedBytes = 32 << 10
  /// A loop that had a request of `leastBytes` so recently has a core to itself.
  static let recently: Duration = .milliseconds(5)
  /// Requests handed over for each core that is free: the second is there when the first is done.
  static let depth = 2

  private let cores: Int
  private let threads: NIOThreadPool
  private let mostHuge: Int
  private let state = Mutex(State())
  /// How busy the cores are.
  let load: CoreLoad

  private struct State {
    /// Requests handed over and not done.
    var underWay = 0
    /// When each loop last had a request of some size.
    var loops: [ObjectIdentifier: ContinuousClock.Instant] = [:]
    var large = TenantTurns<Job>(quantum: RequestPlace.large.mostBytes)
    var huge = TenantTurns<Job>(quantum: 64 << 20)
    /// Huge ones that threads are at work on.
    var hugeAtWork = 0
    /// Whether a huge request goes before a large one, by turns.
    var isHugesTurn = true

    /// What a thread is to do next; nil if it is to rest.
    mutating func next(mostHuge: Int) -> (job: Job, isHuge: Bool)? {
      let mayBeHuge = hugeAtWork < mostHuge
      if !mayBeHuge || !isHugesTurn || huge.isEmpty, let job = large.popFirst() {
        isHugesTurn = true
        return (job, false)
      }
      guard mayBeHuge, let job = huge.popFirst() else { return nil }
      isHugesTurn = false
      hugeAtWork += 1
      return (job, true)
    }
  }

  private typealias Job = @Sendable () -> Void

  /// As many threads as cores, and two at least.
  package init(cores: Int) {
    self.cores = max(cores, 1)
    load = CoreLoad(cores: cores)
    let count = max(self.cores, 2)
    mostHuge = count - 1
    threads = NIOThreadPool(numberOfThreads: count)
    threads.start()
  }

  /// Ends the threads once they have done what was handed over.
  package func shutDown() async { try? await threads.shutdownGracefully() }

  /// Where a request that comes to so many bytes, by what it says, is best worked on. If that is not its event loop,
  /// `take` has to follow.
  func place(
    of request: HTTPRequest, expandedBytes: Int, from loop: any EventLoop,
    now: @autoclosure () -> ContinuousClock.Instant = .now
  ) -> RequestPlace {
    let bytes = request.body.count
    let isCompressed = expandedBytes != bytes
    let size = isCompressed && bytes >= Self.largeCompressedBytes ? RequestPlace.large : .loop
    let place = max(RequestPlace(bytes: max(bytes, expandedBytes)), size)
    guard place > .loop || bytes >= Self.leastBytes else { return .loop }
    let now = now()
    let isOneOfSeveral = request.isOneOfSeveral
    return state.withLock { state in
      state.loops[ObjectIdentifier(loop)] = now
      if place > .loop { return place }
      return isOneOfSeveral && isCoreFree(state, now: now) ? .large : .loop
    }
  }

  /// Has a thread work on the request, which it alone holds then, when it is the turn of its tenant and its connection.
  func take(
    _ request: consuming HTTPRequest, at place: RequestPlace, of turn: WorkTurn = WorkTurn(),
    _ work: @escaping RequestWork
  ) {
    var turn = turn
    if turn.owner.isEmpty { turn.owner = request.head.remoteAddress }
    turn.bytes = request.body.count
    let waiting = turn
    let handed = Handed(request)
    state.withLock { state in
      state.underWay += 1
      let job: Job = {
        if let request = handed.take() { work(request) }
      }
      if place == .huge { state.huge.append(job, of: waiting) } else { state.large.append(job, of: waiting) }
    }
    threads.submit { _ in self.workOn() }
  }

  /// Does what waits. A thread that finds only huge requests and enough of them under way leaves them to those.
  private func workOn() {
    while let (job, isHuge) = state.withLock({ $0.next(mostHuge: mostHuge) }) {
      job()
      state.withLock { state in
        state.underWay -= 1
        if isHuge { state.hugeAtWork -= 1 }
      }
    }
  }

  private func isCoreFree(_ state: State, now: ContinuousClock.Instant) -> Bool {
    let busyLoops = state.loops.values.count { now - $0 <= Self.recently }
    return state.underWay < (cores &- busyLoops) &* Self.depth
  }
}

/// What is done with a request.
typealias RequestWork = @Sendable (consuming HTTPRequest) -> Void

/// Where a request is worked on, by how long that may take.
enum RequestPlace: Int, Comparable {
  /// On the event loop of its connection, which serves nobody else meanwhile.
  case loop
  /// On a thread.
  case large
  /// On a thread that others can do without.
  case huge

  /// What a body may come to there.
  var mostBytes: Int {
    switch self {
    // The densest request of so many bytes takes 35 ms, an honest one 2 ms; handing it over costs a quarter of that.
    case .loop: 512 << 10
    case .large: 4 << 20
    case .huge: .max
    }
  }

  /// Where there is room for so many bytes.
  init(bytes: Int) {
    self = bytes <= Self.loop.mostBytes ? .loop : bytes <= Self.large.mostBytes ? .large : .huge
  }

  /// Where there is more room.
  var next: RequestPlace { self == .loop ? .large : .huge }

  static func < (a: RequestPlace, b: RequestPlace) -> Bool { a.rawValue < b.rawValue }
}

/// A request on its way from one thread to another.
private final class Handed: Sendable {
  private let request: Mutex<HTTPRequest?>

  init(_ request: consuming HTTPRequest) { self.request = Mutex(request) }

  func take() -> HTTPRequest? { request.withLock { $0.take() } }
}
