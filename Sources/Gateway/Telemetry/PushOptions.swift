package import Options

/// A reader that the gateway sends its metrics to (`readers[].periodic`).
package struct MetricsPush: Sendable {
  package let interval: Duration
  package let timeout: Duration
  package let target: PushTarget

  /// Reads `periodic`; nil if it names no endpoint.
  package init?(_ options: ConfigReader) {
    interval = .milliseconds(
      options.read(
        "interval", .int(in: 100...86_400_000), default: 60_000, "Milliseconds from one sending to the next."))
    timeout = .milliseconds(
      options.read("timeout", .int(in: 1...86_400_000), default: 30_000, "Milliseconds that one may take."))
    guard let target = PushTarget.read(options, of: .metrics) else { return nil }
    self.target = target
  }
}

/// Where the gateway sends its own log (`logs.processors[].batch`).
package struct LogsPush: Sendable {
  package let delay: Duration
  package let timeout: Duration
  package let maxQueued: Int
  package let maxBatch: Int
  package let target: PushTarget

  /// Reads `batch`; nil if it names no endpoint.
  package init?(_ options: ConfigReader) {
    delay = .milliseconds(
      options.read(
        "schedule_delay", .int(in: 10...3_600_000), default: 1000, "Milliseconds from one sending to the next."))
    timeout = .milliseconds(
      options.read("export_timeout", .int(in: 1...3_600_000), default: 30_000, "Milliseconds that one may take."))
    maxQueued = options.read(
      "max_queue_size", .int(in: 1...100_000), default: 2048, "Lines that wait at most; those beyond are left out.")
    maxBatch = options.read(
      "max_export_batch_size", .int(in: 1...100_000), default: 512, "Lines that are sent at once at most.")
    guard let target = PushTarget.read(options, of: .logs) else { return nil }
    self.target = target
  }
}

extension PushTarget {
  /// Reads `exporter`; nil if it is none that is known here.
  fileprivate static func read(_ options: ConfigReader, of signal: Signal) -> PushTarget? {
    options.section("exporter", "Where to.") { exporter in
      exporter.ignored("console", because: "the gateway writes its log to standard error only")
      let target = exporter.optionalSection("otlp", "An OTLP endpoint.") { PushTarget($0, of: signal) }
      if target == nil, !exporter.has("console") {
        exporter.report.error(at: exporter.place, path: exporter.path, "expected \"otlp\"")
      }
      return target
    }
  }
}
