import HTTPTransport
import NIOSSL
import Options

/// The ports of the gateway: opened at the start, and exchanged by reloads.
extension Gateway {
  /// The ports that a configuration asks for: for metrics and health, those of extensions, then those of an assembly's
  /// receivers.
  func ports(of assembly: Assembly, _ configuration: Configuration) -> [WantedPort] {
    configuration.service.telemetry.metricsEndpoints.map { endpoint in
      port(at: endpoint, for: .admin, adminService(at: endpoint), tls: assembly.adminTLS?.context)
    }
      + extensionPorts(configuration).map { id, port in
        self.port(at: port.endpoint, for: .extension("\(id)"), pageService(of: id), tls: nil)
      }
      + assembly.receivers.flatMap { receiver in receiver.listeners.map { port($0, of: receiver) } }
  }

  private func port(
    at endpoint: Endpoint, for purpose: OpenPort.Purpose, _ service: any HTTPService,
    tls: (@Sendable () -> NIOSSLContext)?
  ) -> WantedPort {
    var options = HTTPServerOptions()
    options.host = endpoint.host
    options.port = Int(endpoint.port)
    options.maxConnectionAge = nil
    options.tls = tls
    return WantedPort(purpose: purpose, options: complete(options, of: purpose), service: service)
  }

  private func port(_ listener: HTTPServerOptions, of receiver: Receiver) -> WantedPort {
    let purpose = OpenPort.Purpose.receiver(receiver.id)
    return WantedPort(purpose: purpose, options: complete(listener, of: purpose), service: receiver.slot)
  }

  /// Options of a port with what only the gateway knows.
  private func complete(_ listener: HTTPServerOptions, of purpose: OpenPort.Purpose) -> HTTPServerOptions {
    var options = listener
    options.maxDescriptor =
      purpose.isOfSenders ? endForSenders.load(ordering: .relaxed) : endForAdmins.load(ordering: .relaxed)
    options.turnedAway = { [turnedAway] in turnedAway.count($0, port: "\(purpose)") }
    return options
  }

  /// Opens those of the ports that are not open yet, or none, and gives them back. An open one that is not among them
  /// and in their way makes way, and goes on as if nothing had been if one cannot be opened.
  func openPorts(_ ports: [WantedPort]) async throws -> [OpenPort] {
    let before = open.withLock { $0 }
    let missing = ports.filter { port in !before.contains { $0.isFor(port) } }
    let inTheWay = before.filter { old in missing.contains { $0.endpoint.overlaps(old.endpoint) } }
    for old in inTheWay { await old.server.makeWay(true) }
    do {
      var opened: [OpenPort] = []
      for port in missing {
        opened.append(
          try await start(port, isBesideAnother: inTheWay.contains { $0.endpoint.overlaps(port.endpoint) }))
      }
      return opened
    } catch {
      let opened = open.withLock { open in
        defer { open = before }
        return open.filter { port in !before.contains { $0.server === port.server } }
      }
      await drain(opened, within: .zero)
      for old in inTheWay { await old.server.makeWay(false) }
      throw error
    }
  }

  /// Has the open ports take their options from those that are asked for. Those that are not asked for take no more
  /// connections; they are given back, to be drained.
  func exchange(for ports: [WantedPort]) async -> [OpenPort] {
    let leaving = open.withLock { open in
      for old in open {
        if let port = ports.first(where: { old.isFor($0) }) { old.server.use(port.options) }
      }
      let leaving = open.filter { old in !ports.contains { old.isFor($0) } }
      open.removeAll { old in leaving.contains { $0.server === old.server } }
      return leaving
    }
    for old in leaving { await old.server.stopListening() }
    return leaving
  }

  /// Closes ports, once what is under way there is done or the time is over.
  func drain(_ ports: [OpenPort], within limit: Duration) async {
    await withDiscardingTaskGroup { tasks in
      for port in ports { tasks.addTask { await port.server.drain(within: limit) } }
    }
  }

  /// Says which ports have been opened.
  func tell(_ opened: [OpenPort]) {
    for port in opened {
      let address = port.server.boundAddresses.joined(separator: ", ")
      logger.info("listening", metadata: ["for": "\(port.purpose)", "address": "\(address)"])
    }
    let isForThisMachine = running.withLock { $0.assembly.admin.authentication == nil }
    let isElsewhere = opened.contains { port in
      let host = port.endpoint.host
      return port.purpose == .admin && host != "localhost" && !AdminAccess.isOfThisMachine(host)
    }
    if isForThisMachine, isElsewhere {
      logger.info("the page, searches and reloads are for this machine only: no service.admin.auth lets others in")
    }
  }

  private func start(_ port: WantedPort, isBesideAnother: Bool) async throws -> OpenPort {
    var options = port.options
    options.isBesideAnother = isBesideAnother
    do {
      let server = try await HTTPServer.start(options, service: port.service, group: loops.requests)
      let opened = OpenPort(purpose: port.purpose, endpoint: port.endpoint, server: server)
      open.withLock { $0.append(opened) }
      return opened
    } catch {
      let cause = networkReason(of: error) ?? "\(error)"
      throw GatewayError.cannotListen(
        host: options.host, port: options.port, purpose: "\(port.purpose)", cause: cause)
    }
  }
}
