package import LogPipeline
package import Options

/// `processors.memory_limiter`: bounds what its pipelines keep in memory, where it is taken (`PipelineSizing`).
///
/// The bound is exact, in bytes of requests and of queued records; nothing is measured, so no interval is needed.
package struct MemoryLimiterOptions: ProcessorOptions {
  package static let doc = "Bounds receivers and queues in memory."

  /// The memory that the pipelines may take; not bounded if that is not said.
  package private(set) var sizes = PipelineSizes()

  package init(_ options: ConfigReader) {
    let limit = options.read(
      "limit_mib", .int(in: 0...(1 << 30)), default: 0, "Memory for requests and queued records, with spike_limit_mib.")
    let spike = options.read(
      "spike_limit_mib", .int(in: 0...(1 << 30)), default: 0, "How much less is taken; 0 for a fifth of the limit.")
    let share = options.read(
      "limit_percentage", .int(in: 0...100), default: 0,
      "The limit as a share of the memory there is, without limit_mib.")
    let spikeShare = options.read(
      "spike_limit_percentage", .int(in: 0...100), default: 0,
      "How much less is taken, as a share of the memory there is.")
    for key in ["check_interval", "min_gc_interval_when_soft_limited", "min_gc_interval_when_hard_limited"] {
      _ = options.optional(key, .duration(), "Of no effect: nothing has to be measured.")
    }
    let total = limit > 0 ? nil : AvailableMemory.bytes
    let hardBytes = limit > 0 ? limit << 20 : (total ?? 0) / 100 * share
    let spikeBytes = limit > 0 ? spike << 20 : (total ?? 0) / 100 * spikeShare
    if hardBytes > 0 && spikeBytes >= hardBytes {
      options.error(at: limit > 0 ? "spike_limit_mib" : "spike_limit_percentage", "must be less than the limit")
    }
    if hardBytes == 0 { options.warning(at: "limit_mib", "has no effect without a limit") }
    sizes.memoryBytes = hardBytes > 0 ? hardBytes - (spikeBytes > 0 ? spikeBytes : hardBytes / 5) : nil
  }

  package func makeProcessor(id: String) -> (any Processor)? { nil }

  package func problem(in signal: Signal) -> String? { nil }
}
