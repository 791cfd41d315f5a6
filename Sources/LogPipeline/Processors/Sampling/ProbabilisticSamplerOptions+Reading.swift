package import LogPipeline
package import Options

/// `processors.probabilistic_sampler`: keeps a share of the records.
package struct SamplerProcessorComponent: ProcessorComponent {
  private let sampler: ProbabilisticSamplerOptions

  package init(_ options: ConfigReader) {
    var sampler = ProbabilisticSamplerOptions()
    sampler.mode = options.read(
      "mode", .choice(ProbabilisticSamplerOptions.Mode.hashSeed), default: sampler.mode, "How it is decided.")
    let percentage = options.required(
      "sampling_percentage", .double(in: 0...1_000_000), "The share of records that are kept; from 100 on all.")
    sampler.percentage = Float(percentage)
    let seed = options.read(
      "hash_seed", .int(in: 0...Int(UInt32.max)), default: 0, "Goes into hashes; the same in all replicas.")
    sampler.hashSeed = UInt32(clamping: seed)
    sampler.failClosed = options.read(
      "fail_closed", .bool, default: true, "Whether records whose share cannot be told are dropped.")
    sampler.precisionDigits = options.read(
      "sampling_precision", .int(in: 1...14), default: 4, "Hexadecimal digits of the threshold noted in records.")
    sampler.source = options.read(
      "attribute_source", .choice(ProbabilisticSamplerOptions.Source.traceID), default: .traceID,
      "Whether the trace id or from_attribute comes first.")
    sampler.fromAttribute = options.optional(
      "from_attribute", .nonEmptyString,
      "The record's attribute that decides if there is no trace id; in mode hash_seed only.")
    sampler.priorityAttribute = options.optional(
      "sampling_priority", .nonEmptyString, "The record's attribute that gives a percentage of its own.")
    if sampler.source == .record && sampler.fromAttribute == nil {
      options.error(at: "attribute_source", "\"record\" needs from_attribute")
    }
    if sampler.mode != .hashSeed && (sampler.fromAttribute != nil || sampler.source == .record) {
      options.warning(
        at: sampler.source == .record ? "attribute_source" : "from_attribute",
        "has no effect in mode \(sampler.mode.rawValue): the trace id or sampling.randomness decides")
    }
    self.sampler = sampler
  }

  package func makeProcessor(id: String) -> (any Processor)? { ProbabilisticSampler(id: id, options: sampler) }
}
