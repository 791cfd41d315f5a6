// decision: docs/decisions/0301-memory-under-load.md

import CSystemCalls
import NIOCore
import NIOPosix
import OTLPReceiver

/// The threads that connections live on: one group takes requests, the other sends to destinations; and those that
/// work on requests that would hold their event loop up.
///
/// The groups are apart so that on busy cores the system gives each its share. On common threads sending waits for its
/// turn behind whatever has arrived, and a queue grows although its destination keeps up.
struct EventLoops: Sendable {
  let requests: any EventLoopGroup
  let exports: any EventLoopGroup
  let workers: RequestWorkers

  /// As many threads of each kind as there are cores.
  static func start() -> EventLoops {
    EventLoops(
      requests: MultiThreadedEventLoopGroup(numberOfThreads: availableCores),
      exports: MultiThreadedEventLoopGroup(numberOfThreads: availableCores),
      workers: RequestWorkers(cores: availableCores))
  }

  /// Returns once each loop has had a turn, which it has not while one is stuck or has ended, or when the task is
  /// cancelled.
  func turn() async {
    let (turns, turn) = AsyncStream<Void>.makeStream()
    let all = [requests, exports].flatMap { Array($0.makeIterator()) }
    for loop in all { loop.execute { turn.yield() } }
    var left = all.count
    for await _ in turns {
      left -= 1
      if left == 0 { return }
    }
  }

  /// Ends the threads once `last`, which uses them, is over, without waiting longer than `limit` for one that is stuck.
  func shutDown(within limit: Duration, after last: Task<Void, Never>? = nil) async {
    let (ends, end) = AsyncStream<Void>.makeStream()
    Task {
      await last?.value
      await workers.shutDown()
      try? await requests.shutdownGracefully()
      try? await exports.shutdownGracefully()
      end.finish()
    }
    Task {
      try? await Task.sleep(for: limit)
      end.finish()
    }
    for await _ in ends {}
  }

  /// The cores that the process may use: those it is bound to, no more than the quota of its control group.
  static var availableCores: Int {
    let bound = Int(bound_cores())
    return bound > 0 ? min(bound, System.coreCount) : System.coreCount
  }
}
