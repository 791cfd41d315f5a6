import LogPipeline
import Options

extension GatewayMetrics {
  /// What processors did to records.
  mutating func processors(_ steps: [PipelineStep]) {
    let rows = steps.map { (Self.labels("processor", $0.processor.id), $0) }
    family(rows, "sluice_processor_filtered_log_records", "Log records that processors removed.") { $0.filtered.value }
    family(rows, "sluice_processor_rejected_log_records", "Log records that processors rejected; senders were told.") {
      $0.rejected.value
    }
    family(rows, "sluice_processor_refused_log_records", "Log records of requests that processors refused for now.") {
      $0.refused.value
    }
    items(steps)
    let filters = steps.filter { $0.processor is FilterProcessor }
      .map { ([Label("filter", $0.processor.id)], $0.filtered) }
    family(filters, "otelcol_processor_filter_logs_filtered", "Log records that filter processors removed.") {
      $0.value
    }
  }

  /// What processors were handed and handed on, under the names that the Collector has for it, and those it had before.
  private mutating func items(_ steps: [PipelineStep]) {
    let rows = steps.map { step in
      let (id, signal) = ComponentID.split(step.processor.id)
      return ([Label("processor", id), Label("otel.signal", (signal ?? .logs).rawValue)], step)
    }
    family(rows, "otelcol_processor_incoming_items", "Items handed to processors.") { $0.incoming.value }
    family(rows, "otelcol_processor_outgoing_items", "Items that processors handed on.") { $0.outgoing }
    let older = steps.map { (Self.labels("processor", $0.processor.id), $0) }
    family(older, "otelcol_processor_accepted_log_records", "Log records that processors handed on.") { $0.outgoing }
    family(older, "otelcol_processor_refused_log_records", "Log records of requests that processors refused for now.") {
      $0.refused.value
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
