import LogExport
import LogPipeline
import OTLPReceiver
import Options

/// What the page shows of pipelines, as JSON: the graph as configured, with the counts and states of its components.
struct PipelinesPage {
  private let assembly: Assembly
  private let counts: [ExporterCounts]
  private let readiness: Readiness
  private let ports: [OpenPort]

  /// The parts at work, those that a reload has replaced, and what is known of queues and ports.
  init(_ assembly: Assembly, former: FormerExporters, readiness: Readiness, ports: [OpenPort]) {
    self.assembly = assembly
    counts = former.counts(with: assembly.exporters)
    self.readiness = readiness
    self.ports = ports
  }

  /// The whole, of a gateway that has run for so long.
  func json(_ pipelines: [ServiceOptions.Pipeline], uptime: Duration) -> String {
    Self.object([
      ("state", OwnLog.quoted(readiness.state.rawValue)), ("version", OwnLog.quoted(BuildInformation.version)),
      ("uptime_seconds", "\(uptime.inSeconds)"), ("saturation", "\(GatewayMetrics.saturation(of: assembly))"),
      ("pipelines", Self.array(pipelines.map(pipeline))), ("receivers", Self.array(assembly.receivers.map(receiver))),
      ("processors", Self.array(assembly.steps.map(processor))),
      ("connectors", Self.array(assembly.tables.map(connector))), ("exporters", Self.array(counts.map(exporter))),
    ]) + "\n"
  }

  private func pipeline(_ pipeline: ServiceOptions.Pipeline) -> String {
    let ids = { (references: [ServiceOptions.Reference]) in Self.array(references.map { OwnLog.quoted("\($0.id)") }) }
    return Self.object([
      ("id", OwnLog.quoted("\(pipeline.id)")), ("signal", OwnLog.quoted(pipeline.signal.rawValue)),
      ("receivers", ids(pipeline.receivers)), ("processors", ids(pipeline.processors)),
      ("exporters", ids(pipeline.exporters)),
    ])
  }

  private func receiver(_ receiver: Receiver) -> String {
    let counts = RequestProtocol.allCases.map { receiver.counters[$0] }
    let items = counts.flatMap { counts in Signal.allCases.map { counts.items(of: $0) } }
    let addresses = ports.filter { $0.purpose == .receiver(receiver.id) }.flatMap(\.server.boundAddresses)
    let refusals = RefusalKind.allCases.map { kind in
      (kind.rawValue, counts.reduce(0) { $0 + ($1.refusedRequests[kind] ?? 0) })
    }
    return Self.object([
      ("id", OwnLog.quoted(receiver.id)), ("addresses", Self.array(addresses.map(OwnLog.quoted))),
      ("accepted", "\(items.reduce(0) { $0 + $1.accepted })"), ("refused", "\(items.reduce(0) { $0 + $1.refused })"),
      ("failed", "\(items.reduce(0) { $0 + $1.failed })"), ("refused_requests", Self.counted(refusals)),
      ("in_flight_bytes", "\(receiver.budget.usedBytes)"),
      ("in_flight_capacity_bytes", "\(receiver.budget.capacityBytes)"),
    ])
  }

  private func processor(_ step: PipelineStep) -> String {
    Self.object([
      ("id", OwnLog.quoted(step.processor.id)), ("filtered", "\(step.filtered.value)"),
      ("rejected", "\(step.rejected.value)"), ("refused", "\(step.refused.value)"),
    ])
  }

  private func connector(_ table: RoutingTable) -> String {
    let routed = zip(table.targets, table.routed).map { (OwnLog.quoted($0), "\($1.value)") }
    return Self.object([
      ("id", OwnLog.quoted(table.id)), ("unrouted", "\(table.unrouted.value)"),
      ("routed", "{\(routed.map { "\($0):\($1)" }.joined(separator: ","))}"),
    ])
  }

  private func exporter(_ counts: ExporterCounts) -> String {
    let dropped =
      DropReason.allCases.map { ($0.label, counts.droppedRecords($0)) }
      + [("damaged_on_disk", counts.lostRecords), ("evicted", counts.evictedRecords)]
    var members = [
      ("id", OwnLog.quoted(counts.id)), ("delivered", "\(counts.loop.delivered.records)"),
      ("rejected", "\(counts.loop.rejected.records)"), ("retried", "\(counts.loop.retried)"),
      ("no_room", "\(counts.refusedRecords)"), ("dead_lettered", "\(counts.deadLetters?.kept.records ?? 0)"),
      ("dropped", Self.counted(dropped)),
      ("last_success", counts.loop.lastSuccess.map { OwnLog.quoted(Readiness.time($0)) } ?? "null"),
    ]
    // Of an exporter that was replaced, the one that takes its place is the one to look at.
    let queues = readiness.queues.filter { $0.exporter == counts.id }
    if let queue = queues.first { members += state(of: queue) }
    return Self.object(members)
  }

  private func state(of queue: Readiness.Queue) -> [(String, String)] {
    var members = [
      (
        "queue",
        Self.object([
          ("records", "\(queue.queuedRecords)"), ("bytes", "\(queue.queuedBytes)"),
          ("capacity_bytes", "\(queue.capacityBytes)"), ("oldest_seconds", "\(queue.oldestAge.components.seconds)"),
        ])
      )
    ]
    if let failing = queue.failing { members.append(("failing", failing.json)) }
    if let stuck = queue.stuck { members.append(("stuck", stuck.json)) }
    if let error = queue.disk?.error { members.append(("disk_error", OwnLog.quoted(error))) }
    if queue.isLeaving { members.append(("leaving", "true")) }
    return members
  }

  /// Counts by what was counted, without those that are zero.
  private static func counted(_ counts: [(String, Int)]) -> String {
    object(counts.filter { $0.1 > 0 }.map { ($0.0, "\($0.1)") })
  }

  private static func object(_ members: [(String, String)]) -> String {
    "{\(members.map { "\(OwnLog.quoted($0.0)):\($0.1)" }.joined(separator: ","))}"
  }

  private static func array(_ items: [String]) -> String { "[\(items.joined(separator: ","))]" }
}
