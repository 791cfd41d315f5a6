import HTTPTransport
import LogExport
import LogPipeline
import OTLPReceiver
import Options

/// The gateway's own metrics under the Collector's names, so that dashboards made for it work.
struct GatewayMetrics {
  typealias Label = MetricsText.Label
  var text: MetricsText

  /// Every family, with the configured resource attributes as labels of each sample.
  static func text(
    _ assembly: Assembly, former: FormerExporters = FormerExporters(), watchers: [KubernetesWatcher] = [],
    reloads: ReloadCounts = ReloadCounts(), ports: [OpenPort], resource: [(key: String, value: String)],
    uptime: Duration
  ) -> String {
    let labels = resource.map { Label(labelName($0.key), $0.value) }
    var metrics = GatewayMetrics(text: MetricsText(common: labels))
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
    metrics.processors(assembly.steps)
    metrics.redactions(assembly.steps)
    metrics.statements(assembly.statementUsers)
    metrics.kubernetes(watchers)
    metrics.connectors(assembly.tables)
    let counts = former.counts(with: assembly.exporters)
    metrics.exporters(assembly.exporters, counts)
    metrics.queueDurations(counts)
    metrics.diskQueues(assembly.exporters, counts)
    metrics.stores(assembly.stores.all)
    metrics.ledgers(counts)
    return metrics.text.text
  }

  /// A resource attribute's key as a label name: what Prometheus does not allow becomes `_`.
  private static func labelName(_ key: String) -> String {
    let mapped = key.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
    return (mapped.first?.isNumber ?? true ? "_" : "") + String(mapped)
  }

  private mutating func build() {
    text.family("sluice_build_info", .gauge, "1; the labels say what the gateway was built of.")
    let libraries = BuildInformation.libraries.map { Label(Self.labelName($0.name), $0.version) }
    text.sample(
      [Label("version", BuildInformation.version), Label("commit", BuildInformation.commit)] + libraries, 1)
  }

  private mutating func configuration(_ reloads: ReloadCounts, _ leaving: [Exporter]) {
    text.family("sluice_config_reloads", .counter, "Times the configuration was read again, by outcome.")
    text.sample([Label("outcome", "in_force")], reloads.succeeded)
    text.sample([Label("outcome", "refused")], reloads.failed)
    text.family("sluice_config_refused", .gauge, "1 if the configuration that was read last is not in force.")
    text.sample([], reloads.refused == nil ? 0 : 1)
    let records = Dictionary(leaving.map { ($0.id, $0.destination.queue.queuedRecords) }, uniquingKeysWith: &+)
    let rows = records.sorted { $0.key < $1.key }.map { (Self.labels("exporter", $0.key), $0.value) }
    family(
      rows, "sluice_exporter_leaving_log_records", kind: .gauge,
      "Records in the queues of exporters that the configuration in force does not have any more."
    ) { $0 }
  }

  /// What of its limits the gateway uses, so that replicas can be added before senders are refused.
  private mutating func saturation(_ assembly: Assembly) {
    text.family(
      "sluice_saturation", .gauge, "The fullest of all queues and of the memory for requests, from 0 to 1.")
    text.sample([], Self.saturation(of: assembly))
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
    text.family("otelcol_process_uptime", .counter, "Seconds since the gateway started.")
    text.sample([], uptime.inSeconds)
    text.family("otelcol_process_cpu_seconds", .counter, "CPU time used, user and system, in seconds.")
    text.sample([], process.cpuSeconds)
    text.family("otelcol_process_memory_rss", .gauge, "Memory in use, in bytes.")
    text.sample([], process.residentBytes)
    text.family("sluice_own_log_lines_dropped", .counter, "Lines of the gateway's own log that were left out.")
    text.sample([], LogWriter.standardError.droppedLines)
  }
}

extension GatewayMetrics {
  private mutating func receivers(_ receivers: [Receiver]) {
    let rows = receivers.flatMap { receiver in
      RequestProtocol.allCases.map { spoken in
        let labels = [
          Label("receiver", receiver.id), Label("transport", spoken.transport), Label("encoding", spoken.encoding),
        ]
        return (labels, receiver.counters[spoken])
      }
    }
    let items = Self.items(of: receivers)
    family(items, "otelcol_receiver_accepted_log_records", "Log records accepted.") { $0.accepted }
    family(items, "otelcol_receiver_refused_log_records", "Log records refused once decoded; senders were told.") {
      $0.refused
    }
    family(items, "otelcol_receiver_failed_log_records", "Log records refused by an error of the gateway.") {
      $0.failed
    }
    family(rows, "sluice_receiver_accepted_requests", "Requests accepted.") { $0.acceptedRequests }
    family(rows, "sluice_receiver_received_bytes", "Bytes of request bodies as received.") { $0.receivedBytes }
    family(rows, "sluice_receiver_decompressed_bytes", "Bytes of request bodies after decompression.") {
      $0.decompressedBytes
    }
    refusals(rows)
    authentications(of: receivers)
    durations(of: receivers)
    discards(rows)
    oddities(rows)
    text.family("sluice_receiver_in_flight_bytes", .gauge, "Bytes of requests being received and processed.")
    for receiver in receivers { text.sample([Label("receiver", receiver.id)], receiver.budget.usedBytes) }
    text.family("sluice_receiver_in_flight_capacity_bytes", .gauge, "The most of them (limits.max_in_flight).")
    for receiver in receivers { text.sample([Label("receiver", receiver.id)], receiver.budget.capacityBytes) }
  }

  private mutating func refusals(_ rows: [([MetricsText.Label], RequestCounts)]) {
    text.family("sluice_receiver_refused_requests", .counter, "Requests refused, by reason.")
    for (labels, counts) in rows {
      for (kind, count) in counts.refusedRequests.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
        text.sample(labels + [Label("reason", kind.rawValue)], count)
      }
    }
  }

  private mutating func discards(_ rows: [([MetricsText.Label], RequestCounts)]) {
    text.family(
      "sluice_receiver_discarded_requests", .counter, "Requests with other signals, answered and dropped, by signal.")
    for (labels, counts) in rows {
      for (signal, count) in counts.discardedRequests.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
        text.sample(labels + [Label("signal", signal.rawValue)], count)
      }
    }
  }

  private mutating func oddities(_ rows: [([MetricsText.Label], RequestCounts)]) {
    text.family("sluice_receiver_mended_fields", .counter, "Odd fields of accepted records that were mended.")
    for (labels, counts) in rows {
      let odd = counts.oddities
      for (kind, count) in [
        ("invalid_utf8", odd.repairedStrings), ("invalid_trace_id", odd.droppedTraceIDs),
        ("invalid_span_id", odd.droppedSpanIDs), ("impossible_time", odd.ignoredTimes),
        ("time_unit", odd.mendedTimes),
        ("string_index", odd.ignoredStringIndexes), ("repeated_key", odd.repeatedKeys),
        ("json_value", odd.mendedValues), ("unknown_member", odd.unknownMembers),
        ("snake_case_member", odd.snakeCaseMembers),
      ] where count > 0 {
        text.sample(labels + [Label("kind", kind)], count)
      }
    }
  }
}

extension GatewayMetrics {
  private mutating func connections(_ ports: [OpenPort]) {
    let rows = ports.compactMap { port -> ([Label], HTTPServerCounters)? in
      guard case .receiver(let id) = port.purpose else { return nil }
      return ([Label("receiver", id), Label("port", "\(port.server.boundPort)")], port.server.counters)
    }
    family(rows, "sluice_receiver_open_connections", kind: .gauge, "Connections open now.") { $0.connectionsOpen }
    family(rows, "sluice_receiver_connections", "Connections taken or turned away.") { $0.connectionsTotal }
    family(rows, "sluice_receiver_read_bytes", "Bytes read from connections.") { $0.bytesRead }
    family(rows, "sluice_receiver_written_bytes", "Bytes written to connections.") { $0.bytesWritten }
    text.family("sluice_receiver_http_requests", .counter, "Requests of any kind, by version of HTTP.")
    for (labels, counters) in rows {
      text.sample(labels + [Label("version", "1")], counters.requestsHTTP1)
      text.sample(labels + [Label("version", "2")], counters.requestsHTTP2)
    }
    text.family("sluice_receiver_cut_off", .counter, "Requests and connections cut off by a limit, by reason.")
    for (labels, counters) in rows {
      for (abuse, count) in counters.refusals.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
        text.sample(labels + [Label("reason", abuse.rawValue)], count)
      }
    }
  }
}

extension GatewayMetrics {
  private mutating func processors(_ steps: [PipelineStep]) {
    let rows = steps.map { (Self.labels("processor", $0.processor.id), $0) }
    family(rows, "sluice_processor_filtered_log_records", "Log records that processors removed.") { $0.filtered.value }
    family(rows, "sluice_processor_rejected_log_records", "Log records that processors rejected; senders were told.") {
      $0.rejected.value
    }
    family(rows, "sluice_processor_refused_log_records", "Log records of requests that processors refused for now.") {
      $0.refused.value
    }
    let filters = steps.filter { $0.processor is FilterProcessor }
      .map { ([Label("filter", $0.processor.id)], $0.filtered) }
    family(filters, "otelcol_processor_filter_logs_filtered", "Log records that filter processors removed.") {
      $0.value
    }
  }
}

extension GatewayMetrics {
  private mutating func connectors(_ tables: [RoutingTable]) {
    let rows = tables.flatMap { table in
      zip(table.targets, table.routed).map { ([Label("connector", table.id), Label("pipeline", $0)], $1) }
    }
    family(rows, "sluice_connector_routed_log_records", "Log records that connectors handed to pipelines.") { $0.value }
    let unrouted = tables.map { ([Label("connector", $0.id)], $0.unrouted) }
    family(unrouted, "sluice_connector_unrouted_log_records", "Log records that no row and no default took.") {
      $0.value
    }
  }
}

extension GatewayMetrics {
  private mutating func exporters(_ exporters: [Exporter], _ counts: [ExporterCounts]) {
    let rows = counts.map { (Self.labels("exporter", $0.id), $0.loop) }
    family(rows, "otelcol_exporter_sent_log_records", "Log records that the destination has taken.") {
      $0.delivered.records
    }
    family(rows, "otelcol_exporter_send_failed_log_records", "Log records that the destination rejected for good.") {
      $0.rejected.records
    }
    family(rows, "sluice_exporter_duplicate_log_records", "Records taken that the destination already had.") {
      $0.duplicates
    }
    family(rows, "sluice_exporter_retried_log_records", "Records sent again, once for every time.") { $0.retried }
    family(rows, "sluice_exporter_body_bytes", "Bytes of bodies sent, before compression.") { $0.bodyBytes }
    family(rows, "sluice_exporter_wire_bytes", "Bytes of bodies sent, after compression.") { $0.wireBytes }
    family(rows, "sluice_exporter_in_flight_batches", kind: .gauge, "Batches being sent or waiting to be sent again.") {
      $0.openLeases
    }
    family(rows, "sluice_exporter_concurrency_limit", kind: .gauge, "Batches that may be under way at once now.") {
      $0.concurrencyLimit
    }
    family(rows, "sluice_exporter_gave_up_log_records", "Records given up because of retry_on_failure.") { $0.gaveUp }
    family(
      rows, "sluice_exporter_failing_since_seconds", kind: .gauge,
      "Unix time since which nothing was delivered although it was tried; 0 if all is well."
    ) {
      $0.failingSince ?? 0
    }
    family(
      rows, "sluice_exporter_last_success_seconds", kind: .gauge, "Unix time of the last delivery; 0 for none yet."
    ) {
      $0.lastSuccess ?? 0
    }
    requests(counts)
    setAside(rows)
    failureStore(rows)
    records(counts)
    queues(exporters)
    deadLetters(counts)
    waitingDeadLetters(counts)
  }

  private mutating func setAside(_ rows: [([MetricsText.Label], ExportCounters)]) {
    family(
      rows, "sluice_exporter_set_aside_batches", kind: .gauge,
      "Batches that wait beside the others for dead letters, or for records that are put off."
    ) {
      $0.asideLeases
    }
    family(
      rows, "sluice_exporter_stuck_since_seconds", kind: .gauge,
      "Unix time since which a batch fails while others are delivered; 0 if there is none."
    ) {
      $0.stuck?.since ?? 0
    }
  }

  private mutating func failureStore(_ rows: [([MetricsText.Label], ExportCounters)]) {
    let rows = rows.filter { Self.signal(of: $0.0) == .logs }
    text.family(
      "sluice_exporter_failure_store_log_records", .counter,
      "Faulty records that Elasticsearch's failure store took (used), or that are sent again as it could not (failed)."
    )
    for (labels, counters) in rows {
      text.sample(labels + [Label("outcome", "used")], counters.inFailureStore.records)
      text.sample(labels + [Label("outcome", "failed")], counters.failureStoreFailed)
    }
  }

  private mutating func waitingDeadLetters(_ counts: [ExporterCounts]) {
    let rows = counts.filter { $0.deadLetters != nil }.map { (Self.labels("exporter", $0.id), $0.loop.rejectionDesk) }
    family(
      rows, "sluice_exporter_dead_letters_failing_since_seconds", kind: .gauge,
      "Unix time since which the dead letter file takes nothing; 0 if all is well."
    ) {
      $0.failingSince ?? 0
    }
    family(
      rows, "sluice_exporter_dead_letters_waiting_log_records", kind: .gauge,
      "Rejected and dropped records that wait to be written to the dead letter file."
    ) {
      $0.waiting.records
    }
    family(
      rows, "sluice_exporter_dead_letters_given_up_log_records",
      "Rejected and dropped records that are lost, because the dead letter file did not take them."
    ) {
      $0.gaveUp
    }
  }

  private mutating func deadLetters(_ counts: [ExporterCounts]) {
    let rows = counts.compactMap { counts in counts.deadLetters.map { (Self.labels("exporter", counts.id), $0) } }
    family(rows, "sluice_exporter_dead_lettered_log_records", "Records kept in the dead letter file.") {
      $0.kept.records
    }
    family(rows, "sluice_exporter_dead_lettered_bytes", "The bytes that those records had in the queue.") {
      $0.kept.bytes
    }
    family(
      rows, "sluice_exporter_evicted_dead_letter_log_records", "Records of dead letter files removed for newer ones."
    ) {
      $0.evicted.records
    }
    family(rows, "sluice_exporter_evicted_dead_letter_bytes", "Bytes of those files.") { $0.evicted.bytes }
  }

  private mutating func requests(_ counts: [ExporterCounts]) {
    let rows = counts.flatMap { counts in
      counts.durations.byOutcome.map { outcome, durations in
        (Self.labels("exporter", counts.id) + [Label("outcome", outcome.rawValue)], durations)
      }
    }
    family(rows, "sluice_exporter_requests", "Attempts to send, by outcome.") { $0.count }
    durations(rows, "sluice_exporter_request_duration_seconds", "How long attempts to send took, by outcome.")
  }

  private mutating func records(_ counts: [ExporterCounts]) {
    let rows = counts.map { (Self.labels("exporter", $0.id), $0) }
    family(rows, "sluice_exporter_enqueued_log_records", "Log records put into the queue.") { $0.enqueuedRecords }
    family(rows, "otelcol_exporter_enqueue_failed_log_records", "Log records of requests that found no room.") {
      $0.refusedRecords
    }
    family(rows, "sluice_exporter_evicted_log_records", "Records thrown out of a full queue (on_full: drop_oldest).") {
      $0.evictedRecords
    }
    // All from the start, as an increase is seen of no series that begins with it.
    let dropped = rows.flatMap { labels, counts in
      DropReason.allCases.map { (labels + [Label("reason", $0.label)], counts.droppedRecords($0)) }
        + [(labels + [Label("reason", "damaged_on_disk")], counts.lostRecords)]
    }
    family(
      dropped, "sluice_exporter_dropped_log_records",
      "Records not sent: no room, damaged on disk, or of no use to the destination."
    ) { $0 }
    family(rows, "sluice_exporter_renamed_fields", "Fields renamed, since the destination reserves their names.") {
      $0.changes.renamedFields
    }
    family(rows, "sluice_exporter_unflattened_log_records", "Records whose maps are JSON, for want of field names.") {
      $0.changes.unflattenedRecords
    }
  }

  private mutating func queues(_ exporters: [Exporter]) {
    let rows = exporters.map { (Self.labels("exporter", $0.id), $0.destination.queue) }
    family(rows, "otelcol_exporter_queue_size", kind: .gauge, "Bytes in the queue.") { $0.queuedBytes }
    family(rows, "otelcol_exporter_queue_capacity", kind: .gauge, "The most bytes in the queue.") { $0.capacityBytes }
    family(rows, "sluice_exporter_queued_log_records", kind: .gauge, "Log records in the queue.") { $0.queuedRecords }
    family(
      rows, "sluice_exporter_oldest_queued_seconds", kind: .gauge,
      "Seconds since the oldest record in the queue came, or the gateway started; 0 if there is none."
    ) {
      Int($0.oldestAge.components.seconds)
    }
  }
}
