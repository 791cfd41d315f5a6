package import LogPipeline

/// `processors.memory_limiter`: accepted and adds nothing, since memory is bounded where it is taken.
///
/// A receiver takes at most `limits.max_in_flight` bytes of requests, an exporter queues at most
/// `sending_queue.queue_size`; beyond either senders are asked to retry. No interval is needed to notice.
package struct MemoryLimiterProcessorComponent: ProcessorComponent {
  private static let instead = "limits.max_in_flight of receivers and sending_queue.queue_size of exporters"

  package init(_ options: ConfigReader) {
    let sizes = ["limit_mib", "spike_limit_mib"]
    let shares = ["limit_percentage", "spike_limit_percentage"]
    let times = ["check_interval", "min_gc_interval_when_soft_limited", "min_gc_interval_when_hard_limited"]
    let doc = "Of no effect; see limits.max_in_flight and sending_queue.queue_size."
    for key in sizes { _ = options.optional(key, .int(in: 0 ... .max), doc) }
    for key in shares { _ = options.optional(key, .int(in: 0...100), doc) }
    for key in times { _ = options.optional(key, .duration(), doc) }
    for key in sizes + shares where options.has(key) { options.warnOfNoEffect(key, instead: Self.instead) }
  }

  package func makeProcessor(id: String) -> (any Processor)? { nil }
}
