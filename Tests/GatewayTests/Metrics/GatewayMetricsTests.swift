import LogPipeline
import NIOPosix
import Testing

@testable import Gateway

@Suite struct GatewayMetricsTests {
  /// The metrics of a gateway that has not run.
  private func metrics(resource: [(key: String, value: String)] = []) async throws -> String {
    let configuration = try loadStandard(withExporter("nop", ""))
    let group = MultiThreadedEventLoopGroup.singleton
    let assembly = try await Assembly(configuration, group: group, logger: LogCapture().logger)
    defer { Task { await assembly.close() } }
    return GatewayMetrics.text(assembly, resource: resource, uptime: .milliseconds(1500))
  }

  @Test func everyFamilyIsThereOnceWithTypeAndHelp() async throws {
    let lines = try await metrics().split(separator: "\n").map(String.init)
    let types = lines.filter { $0.hasPrefix("# TYPE ") }.map { $0.split(separator: " ")[2] }
    let helps = lines.filter { $0.hasPrefix("# HELP ") }.map { $0.split(separator: " ")[2] }
    #expect(types == helps)
    #expect(Set(types).count == types.count)
    #expect(Set(types.map(String.init)) == Set(Self.families))
  }

  @Test func everySampleFollowsItsFamily() async throws {
    var family = ""
    for line in try await metrics().split(separator: "\n") {
      if line.hasPrefix("# ") {
        family = String(line.split(separator: " ")[2])
      } else {
        #expect(line.prefix { $0 != "{" && $0 != " " } == family)
        #expect(Double(line.split(separator: " ").last ?? "") != nil, "\(line)")
      }
    }
  }

  @Test func theProcessIsMeasured() async throws {
    let text = try await metrics()
    #expect(text.contains("\notelcol_process_uptime 1.5\n"))
    let process = ProcessMetrics.read()
    #expect(process.cpuSeconds > 0)
    #expect((1 << 20..<1 << 40).contains(process.residentBytes))
    #expect(process.heapBytes > 1 << 16 && process.systemBytes >= process.heapBytes)
  }

  @Test func whatIsDetailedIsThereOnlyIfThatIsWanted() async throws {
    let configuration = try loadStandard(withExporter("nop", ""))
    let assembly = try await Assembly(
      configuration, group: MultiThreadedEventLoopGroup.singleton, logger: LogCapture().logger)
    let names = { (level: TelemetryOptions.MetricsLevel) in
      Set(
        GatewayMetrics.families(assembly, ports: [], level: level, uptime: .zero).all.map {
          PrometheusPage.name($0.name)
        })
    }
    let (all, normal) = (names(.detailed), names(.normal))
    await assembly.close()
    #expect(all.subtracting(normal) == Set(Self.ofDetails) && normal == names(.basic) && normal.isSubset(of: all))
  }

  /// What an alert asks the increase of has to be there before it rises.
  @Test func whatIsLostIsCountedFromZeroForEveryReason() async throws {
    let text = try await metrics()
    for reason in DropReason.allCases.map(\.label) + ["damaged_on_disk"] {
      #expect(
        text.contains("\nsluice_exporter_dropped_log_records{exporter=\"nop\",reason=\"\(reason)\"} 0\n"), "\(reason)")
    }
  }

  @Test func resourceAttributesAreLabels() async throws {
    let text = try await metrics(resource: [("service.name", "a\"b"), ("1st", "x"), ("service_name", "c"), ("", "y")])
    #expect(text.contains("\notelcol_process_uptime{service_name=\"a\\\"b\",_1st=\"x\",_=\"y\"} 1.5\n"))
  }

  @Test func valuesMoveWithWhatHappens() async throws {
    let running = try await RunningGateway.start(GatewayTests.withFile("/dev/null"))
    let (port, admin) = (try running.port("receiver otlp"), try running.port("metrics and health"))
    #expect(try await call("POST", "/v1/logs", port: port, json: GatewayTests.request).status == 200)
    #expect(try await call("POST", "/v1/logs", port: port, json: "{").status == 400)
    #expect(try await call("GET", "/v1/logs", port: port).status == 405)
    #expect(try await call("POST", "/v1/logs?\(String(repeating: "x", count: 40_000))", port: port).status == 431)
    let labels = "receiver=\"otlp\",transport=\"http\",encoding=\"json\""
    let expected = [
      "otelcol_receiver_accepted_log_records{\(labels)} 2", "sluice_receiver_accepted_requests{\(labels)} 1",
      "sluice_receiver_refused_requests{\(labels),reason=\"undecodable\"} 1",
      "sluice_receiver_refused_requests{\(labels),reason=\"method_not_allowed\"} 1",
      "sluice_receiver_mended_fields{\(labels),kind=\"invalid_trace_id\"} 1",
      "sluice_receiver_cut_off{receiver=\"otlp\",port=\"\(port)\",reason=\"header_too_large\"} 1",
      "sluice_receiver_http_requests{receiver=\"otlp\",port=\"\(port)\",version=\"2\"} 0",
      "sluice_exporter_enqueued_log_records{exporter=\"file\"} 2",
      "otelcol_exporter_sent_log_records{exporter=\"file\"} 2",
      "sluice_exporter_requests{exporter=\"file\",outcome=\"success\"} 1",
      "sluice_receiver_in_flight_bytes{receiver=\"otlp\"} 0",
      "sluice_receiver_request_duration_seconds_count{\(labels),outcome=\"accepted\"} 1",
      "sluice_receiver_request_duration_seconds_count{\(labels),outcome=\"refused\"} 2",
      "sluice_exporter_request_duration_seconds_count{exporter=\"file\",outcome=\"success\"} 1",
      "sluice_exporter_request_duration_seconds_bucket{exporter=\"file\",outcome=\"success\",le=\"+Inf\"} 1",
      "sluice_exporter_queue_duration_seconds_count{exporter=\"file\"} 2",
      "otelcol_exporter_queue_size{exporter=\"file\",data_type=\"logs\"} 0",
      "otelcol_exporter_queue_capacity{exporter=\"file\",data_type=\"logs\"} 67108864",
    ]
    var text = ""
    let arrived = try await eventually {
      text = try await call("GET", "/metrics", port: admin).body
      return expected.allSatisfy { text.contains("\n\($0)\n") }
    }
    #expect(arrived, "missing: \(expected.filter { !text.contains("\n\($0)\n") }) in \(text)")
    try await running.stop()
  }

  /// Every family; docs/OPERATING.md explains each.
  /// Of each kind of object that `k8s_attributes` may ask for.
  private static let ofKubernetes = [
    "pod", "namespace", "node", "deployment", "replicaset", "statefulset", "daemonset", "job",
  ].flatMap { kind in ["added", "updated", "deleted"].map { "otelcol_k8s_watcher_\(kind)_\($0)" } }

  /// Those of `level: detailed`.
  private static let ofDetails = [
    "otelcol_processor_batch_batch_send_size_bytes", "otelcol_exporter_enqueue_size",
    "otelcol_exporter_enqueue_size_bytes", "otelcol_exporter_queue_batch_send_size",
    "otelcol_exporter_queue_batch_send_size_bytes", "rpc_server_duration", "rpc_server_request_size",
    "http_server_request_duration", "http_server_request_body_size", "rpc_client_duration", "rpc_client_request_size",
    "http_client_request_duration", "http_client_request_body_size",
  ]

  static let families =
    ofKubernetes + ofDetails + [
      "otelcol_k8s_pod_association", "otelcol_k8s_watcher_pod_cache_size", "sluice_k8s_synced",
      "sluice_k8s_failing_since_seconds", "sluice_k8s_left_out_objects", "sluice_k8s_unreadable_objects",
      "sluice_tenants_refused_requests", "sluice_tenants",
      "sluice_build_info", "sluice_receiver_authentications", "sluice_receiver_discarded_requests",
      "sluice_admin_authentications",
      "sluice_receiver_request_duration_seconds",
      "sluice_exporter_request_duration_seconds", "sluice_exporter_queue_duration_seconds",
      "sluice_store_records", "sluice_store_size_bytes", "sluice_store_damaged",
      "sluice_disk_queue_segments", "sluice_disk_queue_bytes", "sluice_disk_queue_free_bytes",
      "sluice_disk_queue_writable", "sluice_disk_queue_readable", "sluice_disk_queue_failures",
      "sluice_disk_queue_corrupt_bytes",
      "sluice_disk_queue_lost_log_records", "sluice_disk_queue_torn_tails", "sluice_disk_queue_set_aside_segments",
      "sluice_disk_queue_missing_frames", "sluice_own_log_lines_dropped", "sluice_disk_queue_syncs",
      "sluice_disk_queue_sync_seconds", "sluice_exporter_oldest_queued_seconds",
      "sluice_processor_filtered_log_records", "sluice_processor_rejected_log_records",
      "sluice_processor_refused_log_records", "otelcol_processor_filter_logs_filtered",
      "sluice_connector_routed_log_records", "sluice_connector_unrouted_log_records",
      "sluice_processor_redactions", "sluice_ottl_met", "sluice_ottl_faults", "sluice_ledger_bytes",
      "sluice_ledger_log_records",
      "sluice_exporter_concurrency_limit", "sluice_exporter_dead_lettered_bytes",
      "sluice_exporter_dead_lettered_log_records",
      "sluice_exporter_renamed_fields", "sluice_exporter_unflattened_log_records",
      "sluice_exporter_evicted_dead_letter_bytes",
      "sluice_exporter_evicted_dead_letter_log_records", "sluice_exporter_evicted_log_records",
      "otelcol_process_uptime", "otelcol_process_cpu_seconds", "otelcol_process_memory_rss", "sluice_config_reloads",
      "sluice_config_refused", "sluice_saturation", "sluice_exporter_leaving_log_records",
      "otelcol_receiver_accepted_log_records", "otelcol_receiver_refused_log_records",
      "otelcol_receiver_failed_log_records", "sluice_receiver_accepted_requests", "sluice_receiver_received_bytes",
      "sluice_receiver_decompressed_bytes", "sluice_receiver_refused_requests", "sluice_receiver_mended_fields",
      "sluice_tenant_accepted_log_records", "sluice_tenant_refused_log_records", "sluice_tenant_refused_requests",
      "sluice_tenant_decompressed_bytes", "sluice_tenant_enqueued_bytes", "sluice_service_accepted_log_records",
      "sluice_service_refused_log_records", "sluice_service_refused_requests", "sluice_service_decompressed_bytes",
      "sluice_service_enqueued_bytes",
      "sluice_receiver_in_flight_bytes", "sluice_receiver_in_flight_capacity_bytes", "sluice_receiver_open_connections",
      "sluice_receiver_connections", "sluice_receiver_read_bytes", "sluice_receiver_written_bytes",
      "sluice_receiver_http_requests", "sluice_receiver_cut_off", "sluice_receiver_certificate_expiry_seconds",
      "sluice_watched_files_reloads", "sluice_watched_files_failures", "sluice_watched_files_failing_since_seconds",
      "otelcol_exporter_sent_log_records",
      "otelcol_exporter_send_failed_log_records", "sluice_exporter_gave_up_log_records",
      "sluice_exporter_duplicate_log_records", "sluice_exporter_retried_log_records", "sluice_exporter_body_bytes",
      "sluice_exporter_wire_bytes", "sluice_exporter_in_flight_batches", "sluice_exporter_last_success_seconds",
      "sluice_exporter_failing_since_seconds", "sluice_exporter_requests", "sluice_exporter_enqueued_log_records",
      "otelcol_exporter_enqueue_failed_log_records", "otelcol_exporter_queue_size", "otelcol_exporter_queue_capacity",
      "sluice_exporter_queued_log_records", "sluice_exporter_dropped_log_records", "sluice_exporter_set_aside_batches",
      "sluice_exporter_stuck_since_seconds", "sluice_exporter_failure_store_log_records",
      "sluice_exporter_dead_letters_failing_since_seconds", "sluice_exporter_dead_letters_waiting_log_records",
      "sluice_exporter_dead_letters_given_up_log_records", "sluice_exporter_certificate_expiry_seconds",
      "sluice_oidc_key_fetches", "sluice_oidc_keys", "sluice_oidc_failing_since_seconds", "sluice_oidc_denied_tokens",
      "target_info", "otelcol_process_runtime_heap_alloc_bytes", "otelcol_process_runtime_total_sys_memory_bytes",
      "otelcol_receiver_requests", "otelcol_processor_incoming_items", "otelcol_processor_outgoing_items",
      "otelcol_processor_accepted_log_records", "otelcol_processor_refused_log_records",
      "otelcol_processor_dropped_log_records", "otelcol_exporter_in_flight_requests",
      "otelcol_processor_batch_batch_send_size", "otelcol_processor_batch_batch_size_trigger_send",
      "otelcol_processor_batch_timeout_trigger_send", "otelcol_processor_batch_metadata_cardinality",
      "otelcol_processor_memory_limiter_accepted_log_records", "otelcol_processor_memory_limiter_refused_log_records",
      "sluice_credential_fetches", "sluice_credential_expiry_seconds", "sluice_watched_files_reloads",
      "sluice_watched_files_failures", "sluice_watched_files_failing_since_seconds",
    ]
}
