import LogExport
import Logging
import NIOPosix
import OTLPReceiver
import Testing

@testable import Gateway

/// A gateway that runs in this process, on ports that the system chose.
struct RunningGateway {
  let gateway: Gateway
  let log: LogCapture
  private let stopRequest: StopRequest
  private let run: Task<Void, any Error>

  /// Starts what the YAML says and waits until it is ready.
  static func start(_ yaml: String) async throws -> RunningGateway {
    let log = LogCapture()
    let configuration = try loadStandard(yaml)
    let stop = StopRequest()
    let gateway = try await Gateway(configuration, loops: .shared, logger: log.logger, until: stop)
    let running = RunningGateway(
      gateway: gateway, log: log, stopRequest: stop, run: Task { try await gateway.run() })
    let isReady = try await eventually { !log.lines("gateway is ready").isEmpty }
    if !isReady {
      running.cancel()
      try await running.run.value
    }
    try #require(isReady)
    return running
  }

  /// The port that is open for a purpose, such as `receiver otlp`.
  func port(_ purpose: String) throws -> Int {
    let line = try #require(log.lines("listening").first { $0.fields["for"] == purpose })
    return try #require(line.fields["address"].flatMap { Int($0.split(separator: ":").last ?? "") })
  }

  /// Asks it to stop, as SIGTERM does, and returns at once.
  func triggerShutdown() { stopRequest.raise() }

  /// Has it go on for `shutdown_delay` before it stops, as SIGTERM does.
  func announceShutdown() { stopRequest.raise(to: .announced) }

  /// Ends it at once.
  func cancel() { run.cancel() }

  /// Waits until it has stopped.
  func end() async throws { try await run.value }

  func stop() async throws {
    triggerShutdown()
    try await end()
  }
}

/// Waits until `condition` holds, for at most `limit`; answers whether it does.
func eventually(_ limit: Duration = .seconds(20), _ condition: () async throws -> Bool) async throws -> Bool {
  let deadline = ContinuousClock.now + limit
  while try await !condition() {
    guard ContinuousClock.now < deadline else { return false }
    try await Task.sleep(for: .milliseconds(5))
  }
  return true
}

extension EventLoops {
  /// The test process's own loops, for all gateways in it.
  static var shared: EventLoops {
    EventLoops(
      requests: MultiThreadedEventLoopGroup.singleton, exports: MultiThreadedEventLoopGroup.singleton,
      workers: workers)
  }

  private static let workers = RequestWorkers(cores: 2)
}
