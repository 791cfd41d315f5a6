package import Options

extension ProbabilisticSamplerOptions: ProcessorOptions {
  package static let doc = "Keeps a share of the records."

  package init(_ options: ConfigReader) {
    self.init()
    mode = options.read(
      "mode", .choice(ProbabilisticSamplerOptions.Mode.hashSeed), default: mode, "How it is decided.")
    let share = options.required(
      "sampling_percentage", .double(in: 0...1_000_000), "The share of records that are kept; from 100 on all.")
    percentage = Float(share)
    let seed = options.read(
      "hash_seed", .int(in: 0...Int(UInt32.max)), default: 0, "Goes into hashes; the same in all replicas.")
    hashSeed = UInt32(clamping: seed)
    failClosed = options.read(
      "fail_closed", .bool, default: true, "Whether records whose share cannot be told are dropped.")
    precisionDigits = options.read(
      "sampling_precision", .int(in: 1...14), default: 4, "Hexadecimal digits of the threshold noted in records.")
    source = options.read(
      "attribute_source", .choice(ProbabilisticSamplerOptions.Source.traceID), default: .traceID,
      "Whether the trace id or from_attribute comes first.")
    fromAttribute = options.optional(
      "from_attribute", .nonEmptyString,
      "The record's attribute that decides if there is no trace id; in mode hash_seed only.")
    priorityAttribute = options.optional(
      "sampling_priority", .nonEmptyString, "The record's attribute that gives a percentage of its own.")
    if source == .record && fromAttribute == nil {
      options.error(at: "attribute_source", "\"record\" needs from_attribute")
    }
    if mode != .hashSeed && (fromAttribute != nil || source == .record) {
      options.warning(
        at: source == .record ? "attribute_source" : "from_attribute",
        "has no effect in mode \(mode.rawValue): the trace id or sampling.randomness decides")
    }
  }

  package func makeProcessor(id: String) -> (any Processor)? { ProbabilisticSampler(id: id, options: self) }
}
