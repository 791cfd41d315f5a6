extension GatewayMetrics {
  /// How often the files that components use were read again.
  mutating func files(_ files: [ComponentFiles]) {
    let rows = files.map {
      ([Label("component", $0.component), Label("option", $0.used.option)], $0.used.files.counts)
    }
    family(rows, "sluice_watched_files_reloads", "Times that files had changed and were put to use.") { $0.reloads }
    family(rows, "sluice_watched_files_failures", "Times that files had changed and could not be used.") {
      $0.failures
    }
    family(
      rows, "sluice_watched_files_failing_since_seconds", kind: .gauge,
      "Unix time since which what files hold cannot be used; 0 if all is well."
    ) { $0.problem?.since ?? 0 }
  }
}
