import HTTPTransport
import LogExport
import LogPipeline
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

/// The running gateway: what a configuration describes, from the first port opened to the last record drained.
package final class Gateway: Service {
  private let configuration: Configuration
  private let group: any EventLoopGroup
  private let assembly: Assembly
  private let logger: Logger
  private let state = Mutex(GatewayState.starting)
  private let started = ContinuousClock.now
  private let remaining = Atomic<Int>(0)

  private init(_ configuration: Configuration, group: any EventLoopGroup, logger: Logger) throws {
    self.configuration = configuration
    self.group = group
    self.logger = logger
    assembly = try Assembly(configuration, group: group, logger: logger)
  }

  /// Runs until SIGTERM or SIGINT and everything that follows from it. Returns how many accepted records were still
  /// in memory when the deadline passed; they are lost.
  package static func run(_ configuration: Configuration) async throws -> Int {
    let logger = OwnLog.logger(configuration.service.telemetry)
    let group = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
    let gateway = try Gateway(configuration, group: group, logger: logger)
    let services = ServiceGroup(
      services: [gateway], gracefulShutdownSignals: [.sigterm, .sigint],
      logger: Logger(label: "lifecycle") { _ in SwiftLogNoOpLogHandler() })
    try await services.run()
    try? await group.shutdownGracefully()
    return gateway.remaining.load(ordering: .relaxed)
  }

  /// The life of the gateway, from start to end.
  package func run() async throws {
    let admins = try await startAdmins()
    try await withThrowingDiscardingTaskGroup { tasks in
      for exporter in assembly.exporters { tasks.addTask { await exporter.loop.run() } }
      let servers = try await startReceivers()
      assembly.health.set(.serving)
      become(.ready)
      try? await gracefulShutdown()
      await shutDown(servers)
    }
    for admin in admins { await admin.drain(within: .seconds(1)) }
  }

  private func become(_ new: GatewayState) {
    state.withLock { $0 = new }
    logger.info("gateway is \(new.rawValue)")
  }

  private func startAdmins() async throws -> [HTTPServer] {
    let service = AdminService(
      metrics: { [weak self] in self?.metrics() ?? "" },
      readiness: { [weak self] in self?.readiness() ?? Readiness(state: .draining, queues: []) })
    var servers: [HTTPServer] = []
    for endpoint in configuration.service.telemetry.metricsEndpoints {
      var options = HTTPServerOptions()
      options.host = endpoint.host.isEmpty ? "0.0.0.0" : endpoint.host
      options.port = Int(endpoint.port)
      options.maxConnectionAge = nil
      servers.append(try await start(options, service, "metrics and health"))
    }
    return servers
  }

  private func startReceivers() async throws -> [HTTPServer] {
    var servers: [HTTPServer] = []
    for receiver in assembly.receivers {
      for options in receiver.listeners {
        servers.append(try await start(options, receiver.service, "receiver \(receiver.id)"))
      }
    }
    return servers
  }

  private func start(_ options: HTTPServerOptions, _ service: any HTTPService, _ purpose: String) async throws
    -> HTTPServer
  {
    do {
      let server = try await HTTPServer.start(options, service: service, group: group)
      logger.info("listening", metadata: ["for": "\(purpose)", "address": "\(options.host):\(server.boundPort)"])
      return server
    } catch {
      throw GatewayError.cannotListen(host: options.host, port: options.port, purpose: purpose, cause: "\(error)")
    }
  }

  /// Refuses new work, finishes what is under way, then empties the queues until the deadline.
  private func shutDown(_ servers: [HTTPServer]) async {
    let deadline = ContinuousClock.now + configuration.service.shutdownTimeout
    become(.draining)
    assembly.health.close()
    for receiver in assembly.receivers { receiver.service.drain() }
    await withDiscardingTaskGroup { tasks in
      for server in servers { tasks.addTask { await server.drain(within: deadline - .now) } }
    }
    await withDiscardingTaskGroup { tasks in
      for exporter in assembly.exporters { tasks.addTask { await self.drain(exporter, until: deadline) } }
    }
    logger.info("gateway has stopped")
  }

  private func drain(_ exporter: RunningExporter, until deadline: ContinuousClock.Instant) async {
    let left = await exporter.loop.drain(within: deadline - .now)
    await exporter.sender.close()
    guard left.records > 0 else { return }
    remaining.add(left.records, ordering: .relaxed)
    logger.error(
      "records were not delivered before the deadline and are lost",
      metadata: ["exporter": "\(exporter.id)", "records": "\(left.records)", "bytes": "\(left.bytes)"])
  }

  private func readiness() -> Readiness {
    Readiness(state: state.withLock { $0 }, queues: assembly.exporters.map(\.readiness))
  }

  private func metrics() -> String {
    let uptime = ContinuousClock.now - started
    return GatewayMetrics.text(assembly, resource: configuration.service.telemetry.resource, uptime: uptime)
  }
}

/// Why the gateway cannot run.
package enum GatewayError: Error, Sendable, CustomStringConvertible {
  /// A port could not be opened.
  case cannotListen(host: String, port: Int, purpose: String, cause: String)

  package var description: String {
    switch self {
    case .cannotListen(let host, let port, let purpose, let cause):
      "cannot listen on \(host):\(port) for \(purpose): \(cause)"
    }
  }
}
