import LogExport
import LogPipeline
import Options

/// How the processors `batch` and `memory_limiter` of a Collector's configuration size receivers and exporters.
///
/// Options that are given at a receiver or an exporter win. Of several pipelines that share one, the first with such a
/// processor counts for `batch`, the least limit for `memory_limiter`; `metadata_keys` of all count.
struct PipelineSizing {
  /// Of a memory limit, the part for requests that are being read and processed is one in so many; queues in memory
  /// share the rest.
  private static let inFlightShare = 4
  private static let leastBytes = 1 << 20

  private let configuration: Configuration

  init(_ configuration: Configuration) { self.configuration = configuration }

  /// The options of an exporter's queue and loop.
  func delivery(of exporter: ComponentID, _ own: DeliveryOptions) -> DeliveryOptions {
    var delivery = own
    let pipelines = configuration.service.pipelines.filter { $0.exporters.contains { $0.id == exporter } }
    if !own.isBatchGiven, let batch = pipelines.lazy.flatMap(sizes).compactMap(\.batch).first {
      delivery.loop.flushTimeout = batch.timeout
      delivery.loop.minBatchRecords = batch.minRecords
      delivery.loop.minBatchBytes = delivery.loop.maxBatchBytes
    }
    delivery.metadata = pipelines.reduce(into: own.metadata) { keys, pipeline in
      for other in metadata(upTo: pipeline) { keys = keys?.joined(other) ?? other }
    }
    if !own.isQueueSizeGiven && own.storage == nil && own.directory == nil {
      let shares = pipelines.compactMap { pipeline in
        softLimit(pipeline).map { ($0 - $0 / Self.inFlightShare) / max(pipeline.exporters.count, 1) }
      }
      delivery.queueBytes = max(shares.reduce(own.queueBytes, min), Self.leastBytes)
    }
    return delivery
  }

  /// The limits of a receiver.
  func limits(of receiver: ComponentID, _ own: OTLPLimits) -> OTLPLimits {
    if own.isMaxInFlightGiven { return own }
    var limits = own
    let pipelines = configuration.service.pipelines.filter { $0.receivers.contains { $0.id == receiver } }
    let shares = pipelines.compactMap { softLimit($0).map { $0 / Self.inFlightShare } }
    limits.maxInFlightBytes = max(shares.reduce(own.maxInFlightBytes, min), Self.leastBytes)
    return limits
  }

  /// By what records of a pipeline are to be kept apart, here and in those that feed it by connectors.
  private func metadata(upTo pipeline: ServiceOptions.Pipeline) -> [MetadataKeys] {
    var found: [MetadataKeys] = []
    var seen: Set<ComponentID> = []
    var next = [pipeline]
    while let pipeline = next.popLast() {
      if !seen.insert(pipeline.id).inserted { continue }
      found += sizes(pipeline).compactMap(\.metadata)
      let names = pipeline.receivers.map(\.id)
      next += configuration.service.pipelines.filter { $0.exporters.contains { names.contains($0.id) } }
    }
    return found
  }

  /// The processors that say how exporters batch, in the order of the file.
  var batchers: [Sizer] {
    let first = configuration.exporters.map { (id: $0.id, batcher: batcher(of: $0.id)) }
    return configuration.processors.compactMap { processor in
      let exporters = first.filter { $0.batcher == processor.id }.map { "\($0.id)" }
      return exporters.isEmpty ? nil : Sizer(id: "\(processor.id)", exporters: exporters)
    }
  }

  /// The processors that bound memory, in the order of the file.
  var limiters: [Sizer] {
    configuration.processors.compactMap { processor in
      let pipelines = configuration.service.pipelines.filter { $0.processors.contains { $0.id == processor.id } }
      if pipelines.isEmpty || processor.options.sizes.memoryBytes == nil { return nil }
      let names = pipelines.flatMap { $0.exporters.map(\.id) }
      let exporters = configuration.exporters.map(\.id).filter { names.contains($0) }
      return Sizer(id: "\(processor.id)", exporters: exporters.map { "\($0)" })
    }
  }

  /// The first processor of an exporter's pipelines that says how it batches.
  private func batcher(of exporter: ComponentID) -> ComponentID? {
    let pipelines = configuration.service.pipelines.filter { $0.exporters.contains { $0.id == exporter } }
    return pipelines.lazy.flatMap { $0.processors.map(\.id) }.first { id in
      configuration.processors.contains { $0.id == id && $0.options.sizes.batch != nil }
    }
  }

  private func softLimit(_ pipeline: ServiceOptions.Pipeline) -> Int? {
    sizes(pipeline).lazy.compactMap(\.memoryBytes).first
  }

  /// What the processors of a pipeline say, in order.
  private func sizes(_ pipeline: ServiceOptions.Pipeline) -> [PipelineSizes] {
    pipeline.processors.compactMap { named in
      configuration.processors.first { $0.id == named.id }?.options.sizes
    }
  }
}

/// A processor that sizes exporters, and the exporters that it is about.
struct Sizer: Sendable, Equatable {
  let id: String
  let exporters: [String]
}
