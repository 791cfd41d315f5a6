import Access
import Files
import LogPipeline
import Logging
import NIOCore
import OTLPReceiver
import Options

/// A configuration turned into parts that can run; nothing listens or sends yet. What says the same as in the assembly
/// before it is taken over as it is: queues, connections, counts and what processors have seen.
struct Assembly: Sendable {
  var exporters: [Exporter]
  /// What the exporters present to their destinations.
  let credentials: ClientCredentials
  let receivers: [Receiver]
  /// The processors that pipelines use, in the order of the file.
  let steps: [PipelineStep]
  let summaries: Summaries
  /// Tells of statements that fail.
  let statementLog: StatementLog
  /// The tables of the connectors that pipelines use, in the order of the file.
  let tables: [RoutingTable]
  /// The pipelines, in the order of the file.
  let pipelines: [Pipeline]
  /// The processors that say how exporters batch, and those that bound memory, in the order of the file.
  let batchers: [Sizer]
  let limiters: [Sizer]
  let health: HealthState
  let parts: PipelineParts
  /// The files that its components use.
  let files: [ComponentFiles]
  /// The tenants of each extension that says whose records are, in the order of the file.
  let tenants: [(extension: String, tenants: Tenants)]
  private let usedSteps: [ComponentID: UsedStep]
  private let usedTables: [ComponentID: UsedTable]
  private let usedAuthenticators: [ComponentID: UsedAuthenticator]
  private let usedTenants: [ComponentID: UsedTenants]
  /// The TLS of the admin port; nil for clear text.
  let adminTLS: PortTLS?
  /// Who may look at the admin port.
  let admin: AdminPolicy
  /// The stores that its exporters write; an assembly goes on with those of the one before it.
  let stores: OpenStores
  /// Counts who sends how much, for all receivers; an assembly goes on with that of the one before it.
  let usage: SignalUsage

  /// Makes what the pipelines use and `old` does not have; components that no pipeline names are left out.
  init(
    _ configuration: Configuration, replacing old: Assembly? = nil, group: any EventLoopGroup,
    workers: RequestWorkers? = nil, logger: Logger
  ) async throws(GatewayError) {
    let health = old?.health ?? HealthState()
    credentials = try ClientCredentials(configuration, keeping: old?.credentials, group: group)
    stores = old?.stores ?? OpenStores()
    let senderParts = { [credentials, stores] (options: any ExporterOptions) in
      var parts = credentials.parts(for: options)
      parts.stores = stores
      return parts
    }
    let exporters = try await Self.exporters(configuration, replacing: old, senderParts, logger)
    let steps = Self.steps(configuration, replacing: old)
    let tables = Self.tables(configuration, replacing: old)
    let parts = PipelineParts(
      options: configuration.service.pipelines, steps: steps, tables: tables.mapValues(\.table), exporters: exporters,
      keepingStepsOf: old?.parts)
    usedTenants = Self.tenants(configuration, replacing: old)
    usage = old?.usage ?? SignalUsage(configuration.service.telemetry.usage)
    do throws(GatewayError) {
      usedAuthenticators = try Self.authenticators(configuration, replacing: old, group)
      adminTLS = try Self.adminTLS(configuration.service.admin, replacing: old)
      var surroundings = ReceiverSurroundings(
        health: health, workers: workers, refusals: RefusalLog(logger: logger),
        authenticators: usedAuthenticators.mapValues(\.authenticator), tenants: usedTenants.mapValues(\.tenants))
      surroundings.usage = usage
      receivers = try Self.receivers(configuration, parts, replacing: old, surroundings)
    } catch {
      await Self.close(exporters.values.filter { old?.has($0) != true })
      throw error
    }
    usedSteps = steps
    usedTables = tables
    self.parts = parts
    self.tables = configuration.connectors.compactMap { tables[$0.id]?.table }
    self.steps = configuration.processors.compactMap { steps[$0.id]?.step }
    pipelines = parts.pipelines
    summaries = Summaries(of: pipelines, logger: logger)
    statementLog = StatementLog(of: Self.statementUsers(self.steps, self.tables), logger: logger)
    self.exporters = exporters.values.sorted { $0.id < $1.id }
    self.health = health
    batchers = PipelineSizing(configuration).batchers
    limiters = PipelineSizing(configuration).limiters
    let known = usedTenants
    tenants = configuration.extensions.compactMap { used in known[used.id].map { ("\(used.id)", $0.tenants) } }
    let authenticators = usedAuthenticators.mapValues(\.authenticator)
    admin = AdminPolicy(configuration.service.admin, authenticators, counting: old?.admin)
    files =
      configuration.extensions.flatMap { used in
        (authenticators[used.id]?.files ?? []).map { ComponentFiles($0, of: "extension \(used.id)") }
      }
      + receivers.flatMap(\.componentFiles) + self.exporters.flatMap(\.files)
      + UsedFiles.tls(adminTLS?.files).map { ComponentFiles($0, of: "service admin") }
  }

  /// Those of its authenticators that ask issuers for keys, in the order of their ids.
  var openIDAuthenticators: [(id: String, authenticator: OpenIDAuthenticator)] {
    usedAuthenticators.compactMap { id, used in (used.authenticator as? OpenIDAuthenticator).map { ("\(id)", $0) } }
      .sorted { $0.0 < $1.0 }
  }

  /// The processors and connectors that run statements or ask conditions.
  var statementUsers: [any StatementUser] { Self.statementUsers(steps, tables) }

  private static func statementUsers(_ steps: [PipelineStep], _ tables: [RoutingTable]) -> [any StatementUser] {
    steps.compactMap { $0.processor as? any StatementUser } + tables
  }

  /// Whether this is one of its exporters, and not one that only has its name.
  func has(_ exporter: Exporter) -> Bool { exporters.contains { $0.loop === exporter.loop } }

  /// What its receivers share with the rest of the gateway.
  func surroundings(workers: RequestWorkers, logger: Logger) -> ReceiverSurroundings {
    var surroundings = ReceiverSurroundings(
      health: health, workers: workers, refusals: RefusalLog(logger: logger),
      authenticators: usedAuthenticators.mapValues(\.authenticator), tenants: usedTenants.mapValues(\.tenants))
    surroundings.usage = usage
    return surroundings
  }

  /// What serves a receiver that this has no more, and an earlier configuration had, while its connections end. Where a
  /// pipeline that it fed is gone too, or nothing else can be made, what it had goes on.
  func lastService(
    of receiver: Receiver, _ earlier: Configuration, with surroundings: ReceiverSurroundings
  ) -> OTLPService {
    guard let component = earlier.receivers.first(where: { "\($0.id)" == receiver.id }) else { return receiver.service }
    let fed = earlier.service.pipelines.filter { $0.receivers.contains { $0.id == component.id } }.map { "\($0.id)" }
    let heirs = fed.compactMap { id in pipelines.first { $0.id == id } }
    if heirs.count < fed.count { return receiver.service }
    var options = component.options
    options.limits = PipelineSizing(earlier).limits(of: component.id, options.limits)
    let last = try? options.makeReceiver(
      id: receiver.id, feeding: heirs, replacing: receiver, with: surroundings)
    return last?.service ?? receiver.service
  }

  /// The processors that another configuration goes on with as they are, by pipeline.
  func processorsKept(under configuration: Configuration) -> [String: Set<String>] {
    let same = Set(configuration.processors.filter { step(saying: $0) != nil }.map(\.id))
    let kept = configuration.service.pipelines.map { pipeline in
      ("\(pipeline.id)", Set(pipeline.processors.map(\.id).filter { same.contains($0) }.map { "\($0)" }))
    }
    return Dictionary(kept) { $1 }
  }

  /// The step of a processor that is used and says the same.
  private func step(saying component: Configuration.Component<any ProcessorOptions>) -> UsedStep? {
    usedSteps[component.id].flatMap { $0.content == component.content ? $0 : nil }
  }

  /// Has looks at its records end, and none begin any more.
  func endTaps(because reason: String) { for pipeline in pipelines { pipeline.tapPoint.end(because: reason) } }

  /// Gives memory back that was kept to be used again and was not used since the last time.
  func trim() {
    for exporter in exporters { exporter.destination.queue.trim() }
    for receiver in receivers { receiver.service.trim() }
  }

  /// Ends the exporters' connections; what is queued stays where it is.
  func close() async { await Self.close(exporters) }

  private static func close(_ exporters: some Sequence<Exporter>) async {
    for exporter in exporters { _ = await exporter.close(by: .now + .seconds(1)) }
  }

  private static func exporters(
    _ configuration: Configuration, replacing old: Assembly?,
    _ parts: (any ExporterOptions) -> SenderParts, _ logger: Logger
  ) async throws(GatewayError) -> [ComponentID: Exporter] {
    var exporters: [ComponentID: Exporter] = [:]
    for component in configuration.exporters {
      guard let plan = plan(of: component, in: configuration) else { continue }
      if let same = old?.exporters.first(where: { $0.plan == plan }) {
        exporters[component.id] = same
        continue
      }
      do {
        exporters[component.id] = try Exporter(
          plan, component: component.options, parts: parts(component.options), logger: logger)
      } catch {
        await close(exporters.values.filter { old?.has($0) != true })
        throw .cannotMake(component: "exporter \(component.id)", cause: "\(error)")
      }
    }
    return exporters
  }

  /// What the exporters that pipelines use will be made of.
  static func exporterPlans(_ configuration: Configuration) -> [ExporterPlan] {
    configuration.exporters.compactMap { plan(of: $0, in: configuration) }
  }

  /// Nil if no pipeline names the exporter.
  private static func plan(
    of component: Configuration.Component<any ExporterOptions>, in configuration: Configuration
  ) -> ExporterPlan? {
    let feeding = configuration.service.pipelines.filter { $0.exporters.contains { $0.id == component.id } }
    if feeding.isEmpty { return nil }
    let options = component.options
    var plan = ExporterPlan(
      id: "\(component.id)", content: component.content,
      delivery: PipelineSizing(configuration).delivery(of: component.id, options.delivery),
      directory: directory(of: component.id, options, configuration),
      allSendersWait: feeding.allSatisfy { $0.acknowledgement != .memory },
      credentialContents: configuration.authenticators(from: options.auth?.authenticator).map(\.content))
    plan.paths = options.keptPaths.map(\.path)
    plan.metadata = configuration.metadataKeys(of: options, plan.delivery)
    return plan
  }

  /// The folder of an exporter's queue; nil if it is kept in memory.
  private static func directory(
    of exporter: ComponentID, _ options: any ExporterOptions, _ configuration: Configuration
  ) -> String? {
    guard let storage = options.delivery.storage else { return options.delivery.directory }
    return configuration.storageFolder(of: exporter, storage)
  }

  private static func receivers(
    _ configuration: Configuration, _ parts: PipelineParts, replacing old: Assembly?,
    _ surroundings: ReceiverSurroundings
  ) throws(GatewayError) -> [Receiver] {
    var receivers: [Receiver] = []
    for component in configuration.receivers {
      let fed = configuration.service.pipelines.filter { $0.receivers.contains { $0.id == component.id } }
      if fed.isEmpty { continue }
      var options = component.options
      options.limits = PipelineSizing(configuration).limits(of: component.id, options.limits)
      do {
        receivers.append(
          try options.makeReceiver(
            id: "\(component.id)", feeding: fed.map { parts.pipeline($0) },
            replacing: old?.receivers.first { $0.id == "\(component.id)" }, with: surroundings))
      } catch {
        throw .cannotMake(component: "receiver \(component.id)", cause: "\(error)")
      }
    }
    return receivers
  }

  /// One for each extension that is started and says who a sender is.
  private static func authenticators(
    _ configuration: Configuration, replacing old: Assembly?, _ group: any EventLoopGroup
  ) throws(GatewayError) -> [ComponentID: UsedAuthenticator] {
    let started = configuration.service.startedExtensions
    var authenticators: [ComponentID: UsedAuthenticator] = [:]
    for component in configuration.extensions where started.contains(component.id) {
      if let same = old?.usedAuthenticators[component.id], same.content == component.content {
        authenticators[component.id] = same
        continue
      }
      do {
        guard let made = try component.options.makeAuthenticator(id: "\(component.id)", group: group) else {
          continue
        }
        authenticators[component.id] = UsedAuthenticator(content: component.content, authenticator: made)
      } catch {
        throw .cannotMake(component: "extension \(component.id)", cause: "\(error)")
      }
    }
    return authenticators
  }

  private static func adminTLS(_ options: AdminOptions, replacing old: Assembly?) throws(GatewayError) -> PortTLS? {
    guard let tls = options.tls else { return nil }
    do {
      return PortTLS(name: "admin", files: try tls.watched(after: old?.adminTLS?.files.counts))
    } catch {
      throw .cannotMake(component: "service admin", cause: "\(error)")
    }
  }

  /// One for each extension that is started and says whose records are; what tenants have used goes on.
  private static func tenants(
    _ configuration: Configuration, replacing old: Assembly?
  ) -> [ComponentID: UsedTenants] {
    let started = configuration.service.startedExtensions
    var tenants: [ComponentID: UsedTenants] = [:]
    for component in configuration.extensions where started.contains(component.id) {
      guard let policy = component.options.tenants else { continue }
      let former = old?.usedTenants[component.id]
      if let former, former.content == component.content {
        tenants[component.id] = former
      } else {
        let made = Tenants(policy, after: former?.tenants)
        tenants[component.id] = UsedTenants(content: component.content, tenants: made)
      }
    }
    return tenants
  }

  /// One step for each processor that is used, shared by the pipelines that name it.
  private static func steps(_ configuration: Configuration, replacing old: Assembly?) -> [ComponentID: UsedStep] {
    let used = Set(configuration.service.pipelines.flatMap { $0.processors.map(\.id) })
    var steps: [ComponentID: UsedStep] = [:]
    for component in configuration.processors where used.contains(component.id) {
      if let same = old?.step(saying: component) {
        steps[component.id] = same
      } else {
        let id = "\(component.id)"
        let processor = component.options.makeProcessor(id: id) ?? PassingProcessor(id: id)
        steps[component.id] = UsedStep(content: component.content, step: PipelineStep(processor))
      }
    }
    return steps
  }

  /// One table for each connector that is used, shared by the pipelines that it ends.
  private static func tables(_ configuration: Configuration, replacing old: Assembly?) -> [ComponentID: UsedTable] {
    let pipelines = configuration.service.pipelines
    let used = Set(pipelines.flatMap { $0.exporters.map(\.id) })
    var tables: [ComponentID: UsedTable] = [:]
    for component in configuration.connectors where used.contains(component.id) {
      let receivers = pipelines.filter { $0.receivers.contains { $0.id == component.id } }.map(\.id)
      if let same = old?.usedTables[component.id], same.content == component.content, same.receivers == receivers {
        tables[component.id] = same
      } else {
        let table = component.options.makeTable(id: "\(component.id)", receivers: receivers)
        tables[component.id] = UsedTable(content: component.content, receivers: receivers, table: table)
      }
    }
    return tables
  }
}
