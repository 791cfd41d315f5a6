import Access
import HTTPTransport
import LogPipeline
import OTLPReceiver

extension GatewayMetrics {
  /// What receivers have taken and refused.
  mutating func receivers(_ receivers: [Receiver]) {
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
    requests(rows)
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
    families.begin("sluice_receiver_in_flight_bytes", .gauge, "Bytes of requests being received and processed.")
    for receiver in receivers { families.sample([Label("receiver", receiver.id)], receiver.budget.usedBytes) }
    families.begin("sluice_receiver_in_flight_capacity_bytes", .gauge, "The most of them (limits.max_in_flight).")
    for receiver in receivers { families.sample([Label("receiver", receiver.id)], receiver.budget.capacityBytes) }
  }

  /// Requests under the name and with the outcomes that the Collector has for them.
  private mutating func requests(_ rows: [([MetricLabel], RequestCounts)]) {
    families.begin("otelcol_receiver_requests", .counter, "Requests, by outcome.")
    for (labels, counts) in rows {
      let failed = counts.refusedRequests[.internalError] ?? 0
      let refused = counts.refusedRequests.values.reduce(0, &+) &- failed
      for (outcome, count) in [("success", counts.acceptedRequests), ("refused", refused), ("failure", failed)] {
        families.sample(labels + [Label("outcome", outcome)], count)
      }
    }
  }

  private mutating func refusals(_ rows: [([MetricLabel], RequestCounts)]) {
    families.begin("sluice_receiver_refused_requests", .counter, "Requests refused, by reason.")
    for (labels, counts) in rows {
      for (kind, count) in counts.refusedRequests.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
        families.sample(labels + [Label("reason", kind.rawValue)], count)
      }
    }
  }

  private mutating func discards(_ rows: [([MetricLabel], RequestCounts)]) {
    families.begin(
      "sluice_receiver_discarded_requests", .counter, "Requests with other signals, answered and dropped, by signal.")
    for (labels, counts) in rows {
      for (signal, count) in counts.discardedRequests.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
        families.sample(labels + [Label("signal", signal.rawValue)], count)
      }
    }
  }

  private mutating func oddities(_ rows: [([MetricLabel], RequestCounts)]) {
    families.begin("sluice_receiver_mended_fields", .counter, "Odd fields of accepted records that were mended.")
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
        families.sample(labels + [Label("kind", kind)], count)
      }
    }
  }
}

extension GatewayMetrics {
  /// The connections of receivers' ports.
  mutating func connections(_ ports: [OpenPort]) {
    let rows = ports.compactMap { port -> ([Label], HTTPServerCounters)? in
      guard case .receiver(let id) = port.purpose else { return nil }
      return ([Label("receiver", id), Label("port", "\(port.server.boundPort)")], port.server.counters)
    }
    family(rows, "sluice_receiver_open_connections", kind: .gauge, "Connections open now.") { $0.connectionsOpen }
    family(rows, "sluice_receiver_connections", "Connections taken or turned away.") { $0.connectionsTotal }
    family(rows, "sluice_receiver_read_bytes", "Bytes read from connections.") { $0.bytesRead }
    family(rows, "sluice_receiver_written_bytes", "Bytes written to connections.") { $0.bytesWritten }
    families.begin("sluice_receiver_http_requests", .counter, "Requests of any kind, by version of HTTP.")
    for (labels, counters) in rows {
      families.sample(labels + [Label("version", "1")], counters.requestsHTTP1)
      families.sample(labels + [Label("version", "2")], counters.requestsHTTP2)
    }
    families.begin("sluice_receiver_cut_off", .counter, "Requests and connections cut off by a limit, by reason.")
    for (labels, counters) in rows {
      for (abuse, count) in counters.refusals.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
        families.sample(labels + [Label("reason", abuse.rawValue)], count)
      }
    }
  }
}
