import HTTPTransport
import LogExport
import LogPipeline
import OTLPReceiver
import Options

/// The gateway's own metrics under the Collector's names, so that dashboards made for it work.
struct GatewayMetrics {
  typealias Label = MetricLabel
  var families = MetricFamilies()
  /// Whether those are wanted too that the Collector has at `level: detailed` only.
  var isDetailed = false

  /// Every family.
  static func families(
    _ assembly: Assembly, former: FormerExporters = FormerExporters(), watchers: [KubernetesWatcher] = [],
    reloads: ReloadCounts = ReloadCounts(), ports: [OpenPort], level: TelemetryOptions.MetricsLevel = .normal,
    uptime: Duration
  ) -> MetricFamilies {
    var metrics = GatewayMetrics(isDetailed: level == .detailed)
    metrics.build()
    metrics.process(uptime)
    metrics.configuration(reloads, former.leaving)
    metrics.saturation(assembly)
    metrics.receivers(assembly.receivers)
    metrics.authentications(of: assembly.admin)
    metrics.usage(assembly.usage)
    metrics.connections(ports)
    metrics.certificates(assembly)
    metrics.files(assembly.files)
    metrics.credentials(assembly)
    metrics.tenants(assembly)
    metrics.issuers(assembly.openIDAuthenticators)
    let counts = former.counts(with: assembly.exporters)
    metrics.processors(assembly.steps, assembly.limiters, counts)
    metrics.redactions(assembly.steps)
    metrics.statements(assembly.statementUsers)
    metrics.kubernetes(watchers)
    metrics.connectors(assembly.tables)
    metrics.exporters(assembly.exporters, counts)
    metrics.batches(of: assembly.batchers, counts)
    metrics.queueDurations(counts)
    metrics.diskQueues(assembly.exporters, counts)
    metrics.stores(assembly.stores.all)
    metrics.ledgers(counts)
    if metrics.isDetailed { metrics.traffic(assembly, counts) }
    return metrics.families
  }

  private mutating func build() {
    families.begin("sluice_build_info", .gauge, "1; the labels say what the gateway was built of.")
    let libraries = BuildInformation.libraries.map { Label($0.name, $0.version) }
    families.sample(
      [Label("version", BuildInformation.version), Label("commit", BuildInformation.commit)] + libraries, 1)
  }

  private mutating func configuration(_ reloads: ReloadCounts, _ leaving: [Exporter]) {
    families.begin("sluice_config_reloads", .counter, "Times the configuration was read again, by outcome.")
    families.sample([Label("outcome", "in_force")], reloads.succeeded)
    families.sample([Label("outcome", "refused")], reloads.failed)
    families.begin("sluice_config_refused", .gauge, "1 if the configuration that was read last is not in force.")
    families.sample([], reloads.refused == nil ? 0 : 1)
    let records = Dictionary(leaving.map { ($0.id, $0.destination.queue.queuedRecords) }, uniquingKeysWith: &+)
    let rows = records.sorted { $0.key < $1.key }.map { (Self.labels("exporter", $0.key), $0.value) }
    family(
      rows, "sluice_exporter_leaving_log_records", kind: .gauge,
      "Records in the queues of exporters that the configuration in force does not have any more."
    ) { $0 }
  }

  /// What of its limits the gateway uses, so that replicas can be added before senders are refused.
  private mutating func saturation(_ assembly: Assembly) {
    families.begin(
      "sluice_saturation", .gauge, "The fullest of all queues and of the memory for requests, from 0 to 1.")
    families.sample([], Self.saturation(of: assembly))
  }

  /// The fullest of all queues and of the memory for requests, from 0 to 1.
  static func saturation(of assembly: Assembly) -> Double {
    let queues = assembly.exporters.map { exporter in
      Double(exporter.destination.queue.queuedBytes) / Double(max(exporter.destination.queue.capacityBytes, 1))
    }
    let budgets = assembly.receivers.map { Double($0.budget.usedBytes) / Double(max($0.budget.capacityBytes, 1)) }
    return min((queues + budgets).max() ?? 0, 1)
  }

  private mutating func process(_ uptime: Duration) {
    let process = ProcessMetrics.read()
    families.begin("otelcol_process_uptime", .counter, "Seconds since the gateway started.", in: .seconds)
    families.sample([], uptime.inSeconds)
    families.begin("otelcol_process_cpu_seconds", .counter, "CPU time used, user and system, in seconds.")
    families.sample([], process.cpuSeconds)
    families.begin("otelcol_process_memory_rss", .gauge, "Memory in use, in bytes.", in: .bytes)
    families.sample([], process.residentBytes)
    families.begin(
      "otelcol_process_runtime_heap_alloc_bytes", .gauge, "Bytes of memory that parts of the gateway have.")
    families.sample([], process.heapBytes)
    families.begin(
      "otelcol_process_runtime_total_sys_memory_bytes", .gauge,
      "Bytes of memory taken from the system for that, those that are kept for later included.")
    families.sample([], process.systemBytes)
    families.begin("sluice_own_log_lines_dropped", .counter, "Lines of the gateway's own log that were left out.")
    families.sample([], LogWriter.standardError.droppedLines)
  }
}
