import LogExport
import LogPipeline

extension GatewayMetrics {
  /// What became of records on the way to destinations.
  mutating func exporters(_ exporters: [Exporter], _ counts: [ExporterCounts]) {
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
    families.begin(
      "otelcol_exporter_in_flight_requests", .gauge, "Batches being sent, or waiting to be sent again or settled.")
    for counts in counts {
      families.sample(
        Self.labelsWithSignal("exporter", counts.id), counts.loop.openLeases &+ counts.loop.asideLeases)
    }
    requests(counts)
    setAside(rows)
    failureStore(rows)
    records(counts)
    queues(exporters)
    deadLetters(counts)
    waitingDeadLetters(counts)
  }

  private mutating func setAside(_ rows: [([MetricLabel], ExportCounters)]) {
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

  private mutating func failureStore(_ rows: [([MetricLabel], ExportCounters)]) {
    let rows = rows.filter { Self.signal(of: $0.0) == .logs }
    families.begin(
      "sluice_exporter_failure_store_log_records", .counter,
      "Faulty records that Elasticsearch's failure store took (used), or that are sent again as it could not (failed)."
    )
    for (labels, counters) in rows {
      families.sample(labels + [Label("outcome", "used")], counters.inFailureStore.records)
      families.sample(labels + [Label("outcome", "failed")], counters.failureStoreFailed)
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
    families.begin("otelcol_exporter_queue_size", .gauge, "Bytes in the queue.")
    for exporter in exporters {
      families.sample(Self.labelsWithSignal("exporter", exporter.id), exporter.destination.queue.queuedBytes)
    }
    families.begin("otelcol_exporter_queue_capacity", .gauge, "The most bytes in the queue.")
    for exporter in exporters {
      families.sample(Self.labelsWithSignal("exporter", exporter.id), exporter.destination.queue.capacityBytes)
    }
    family(rows, "sluice_exporter_queued_log_records", kind: .gauge, "Log records in the queue.") { $0.queuedRecords }
    family(
      rows, "sluice_exporter_oldest_queued_seconds", kind: .gauge,
      "Seconds since the oldest record in the queue came, or the gateway started; 0 if there is none."
    ) {
      Int($0.oldestAge.components.seconds)
    }
  }
}
