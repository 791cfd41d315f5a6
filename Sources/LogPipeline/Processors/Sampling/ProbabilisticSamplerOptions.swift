/// What `processors.probabilistic_sampler` is told.
package struct ProbabilisticSamplerOptions: Sendable {
  /// How it is decided which records are sampled; all replicas decide alike.
  package enum Mode: String, Sendable, CaseIterable {
    /// By a hash of the trace id or of an attribute.
    case hashSeed = "hash_seed"
    /// By the trace id's own randomness, taking a share of what arrives.
    case proportional
    /// As before, but counting what was sampled out before as part of the share.
    case equalizing
  }

  /// Where the randomness comes from first.
  package enum Source: String, Sendable, CaseIterable {
    case traceID, record
  }

  package var mode = Mode.hashSeed
  /// The share of records that are kept, in percent; 100 and more keeps all.
  package var percentage: Float = 0
  package var hashSeed: UInt32 = 0
  /// Whether records whose share cannot be told are dropped.
  package var failClosed = true
  /// Hexadecimal digits of the threshold that is written into records, 1...14.
  package var precisionDigits = 4
  package var source = Source.traceID
  /// The attribute that is hashed where there is no trace id, or first of all if `source` is `record`; only a hash may
  /// be of it (`hashSeed`).
  package var fromAttribute: String?
  /// The attribute that gives a record a percentage of its own.
  package var priorityAttribute: String?

  package init() {}

  /// The share as a threshold. A hash has 14 bits, so that its share is cut to so many.
  var threshold: SamplingThreshold {
    let percentage = min(max(self.percentage, 0), 100)
    switch mode {
    case .hashSeed:
      let buckets = UInt64(percentage * 163.84)
      return SamplingThreshold(rejected: (0x4000 - buckets) << 42)
    case .proportional, .equalizing:
      if percentage == 0 { return .never }
      let probability = max(Double(percentage) / 100, 0x1p-56)
      return SamplingThreshold(probability: probability, digits: precisionDigits) ?? .never
    }
  }
}
