import LogPipeline

extension GatewayMetrics {
  /// What processors know of Kubernetes, under the Collector's names where it has one.
  mutating func kubernetes(_ watchers: [KubernetesWatcher]) {
    let rows = watchers.map { ([Label("processor", $0.processor.id)], $0) }
    families.begin("otelcol_k8s_pod_association", .counter, "Resources whose pod was looked for, by outcome.")
    for (labels, watcher) in rows {
      families.sample(labels + [Label("status", "success")], watcher.processor.associated.value)
      families.sample(labels + [Label("status", "error")], watcher.processor.unassociated.value)
    }
    family(
      rows, "sluice_k8s_synced", kind: .gauge, "1 once all objects that are asked for have been listed."
    ) { $0.isSynced ? 1 : 0 }
    family(
      rows, "sluice_k8s_failing_since_seconds", kind: .gauge,
      "Unix time since which the API server does not say what is asked of it; 0 if all is well."
    ) { $0.failing?.since ?? 0 }
    let stores = rows.map { ($0.0, $0.1.processor.store.status) }
    family(stores, "sluice_k8s_left_out_objects", "Objects that were left out since max_objects was reached.") {
      $0.left
    }
    family(
      rows, "sluice_k8s_unreadable_objects", "Objects of lists that were left out since they have another form."
    ) { $0.unreadable }
    for kind in KubernetesKind.allCases {
      let rows = stores.filter { $0.1.objects[kind] != nil }
      let name = "otelcol_k8s_watcher_\(kind.rawValue)"
      family(rows, "\(name)_added", "Objects of the kind \(kind.rawValue) that came.") { $0.counts[kind]?.added ?? 0 }
      family(rows, "\(name)_updated", "Objects of the kind \(kind.rawValue) that changed.") {
        $0.counts[kind]?.updated ?? 0
      }
      family(rows, "\(name)_deleted", "Objects of the kind \(kind.rawValue) that went.") {
        $0.counts[kind]?.deleted ?? 0
      }
      if kind == .pod {
        family(rows, "\(name)_cache_size", kind: .gauge, "Pods that are known, those that just went included.") {
          $0.objects[kind] ?? 0
        }
      }
    }
  }
}
