import Glibc

/// What the service manager is told of the gateway.
extension Gateway {
  /// The service manager that the environment names, told from now on until the task is cancelled.
  func tellSupervisor() -> Task<Void, Never>? {
    guard let supervisor = Supervisor({ getenv($0).flatMap { String(validatingCString: $0) } }) else { return nil }
    self.supervisor.withLock { $0 = supervisor }
    return Task { [logger, loops] in await supervisor.run(logger) { await loops.turn() } }
  }

  /// Leaves word of a state. To be called under the lock of the state, so that words come in the order of states.
  func leaveWord(of state: GatewayState) {
    guard let supervisor = supervisor.withLock({ $0 }) else { return }
    switch state {
    case .starting: break
    case .ready: supervisor.tell(.ready(status: status))
    case .leaving, .draining:
      let service = running.withLock { $0.configuration.service }
      let delay = state == .leaving ? service.shutdownDelay : .zero
      supervisor.tell(.stopping(within: delay + service.shutdownTimeout + Lifetime.closing))
    }
  }

  /// Leaves word before a reload and after it, as long as the gateway is ready.
  func withWordOfReload(_ reload: () async -> String?) async -> String? {
    state.withLock { if $0 == .ready { supervisor.withLock { $0 }?.tell(.reloading) } }
    let problem = await reload()
    state.withLock { if $0 == .ready { leaveWord(of: $0) } }
    return problem
  }

  /// What it listens on, and whether it runs by the configuration that it was last given.
  private var status: String {
    let ports = open.withLock { $0.filter { $0.purpose.isOfSenders } }
    let addresses = ports.flatMap(\.server.boundAddresses).joined(separator: ", ")
    let status = "takes logs on \(addresses)"
    if reloads.withLock({ $0.counts.refused == nil }) { return status }
    return status + "; refused the configuration it was last given, see its log"
  }
}
