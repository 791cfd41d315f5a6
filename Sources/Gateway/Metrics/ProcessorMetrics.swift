import LogPipeline
import Options

extension GatewayMetrics {
  /// What processors did to records.
  mutating func processors(_ steps: [PipelineStep], _ limiters: [Sizer], _ counts: [ExporterCounts]) {
    let rows = steps.map { (Self.labels("processor", $0.processor.id), $0) }
    family(rows, "sluice_processor_filtered_log_records", "Log records that processors removed.") { $0.filtered.value }
    family(rows, "sluice_processor_rejected_log_records", "Log records that processors rejected; senders were told.") {
      $0.rejected.value
    }
    family(rows, "sluice_processor_refused_log_records", "Log records of requests that processors refused for now.") {
      $0.refused.value
    }
    let refused = Self.refused(by: limiters, counts)
    items(steps, refused)
    let limiting = steps.filter { refused[$0.processor.id] != nil }
    self.limiters(limiting.map { ($0.processor.id, $0.incoming.value, refused[$0.processor.id] ?? 0) })
    let filters = steps.filter { $0.processor is FilterProcessor }
      .map { ([Label("filter", $0.processor.id)], $0.filtered) }
    family(filters, "otelcol_processor_filter_logs_filtered", "Log records that filter processors removed.") {
      $0.value
    }
  }

  /// By processor that bounds memory, records of requests that found no room in queues in memory of its pipelines. What
  /// is refused before it is decoded is not known by records.
  private static func refused(by limiters: [Sizer], _ counts: [ExporterCounts]) -> [String: Int] {
    let rows = limiters.map { limiter in
      let queues = counts.filter { limiter.exporters.contains($0.id) && $0.disk == nil }
      return (limiter.id, queues.reduce(0) { $0 &+ $1.refusedRecords })
    }
    return Dictionary(rows) { $1 }
  }

  private mutating func limiters(_ rows: [(id: String, accepted: Int, refused: Int)]) {
    let rows = rows.map { (Self.labels("processor", $0.id), $0) }
    family(rows, "otelcol_processor_memory_limiter_accepted_log_records", "Log records that were let through.") {
      $0.accepted
    }
    family(
      rows, "otelcol_processor_memory_limiter_refused_log_records",
      "Log records of requests that then found no room in queues in memory."
    ) { $0.refused }
  }

  /// What processors were handed and handed on, under the names that the Collector has for it, and those it had before.
  private mutating func items(_ steps: [PipelineStep], _ refused: [String: Int]) {
    let rows = steps.map { step in
      let (id, signal) = ComponentID.split(step.processor.id)
      return ([Label("processor", id), Label("otel.signal", (signal ?? .logs).rawValue)], step)
    }
    family(rows, "otelcol_processor_incoming_items", "Items handed to processors.") { $0.incoming.value }
    family(rows, "otelcol_processor_outgoing_items", "Items that processors handed on.") { $0.outgoing }
    let older = steps.map { (Self.labels("processor", $0.processor.id), $0) }
    family(older, "otelcol_processor_accepted_log_records", "Log records that processors handed on.") { $0.outgoing }
    family(older, "otelcol_processor_refused_log_records", "Log records of requests that processors refused for now.") {
      $0.refused.value &+ (refused[$0.processor.id] ?? 0)
    }
    family(older, "otelcol_processor_dropped_log_records", "Log records that processors removed or rejected.") {
      $0.filtered.value &+ $0.rejected.value
    }
  }
}

extension GatewayMetrics {
  /// Where connectors handed records.
  mutating func connectors(_ tables: [RoutingTable]) {
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
