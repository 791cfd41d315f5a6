/// `processors.probabilistic_sampler`: keeps a share of the records, those of one trace together.
///
/// The decision rests on the record alone, so that every replica makes the same. A record that is kept says so in
/// `sampling.threshold` and, if it was hashed, `sampling.randomness`, as the Collector's does.
package struct ProbabilisticSampler: Processor {
  package let id: String
  private let options: ProbabilisticSamplerOptions
  private let threshold: SamplingThreshold
  private let fromAttribute: [UInt8]
  private let priorityAttribute: [UInt8]

  private static let thresholdKey = Array("sampling.threshold".utf8)
  private static let randomnessKey = Array("sampling.randomness".utf8)

  package init(id: String, options: ProbabilisticSamplerOptions) {
    self.id = id
    self.options = options
    threshold = options.threshold
    fromAttribute = Array((options.fromAttribute ?? "").utf8)
    priorityAttribute = Array((options.priorityAttribute ?? "").utf8)
  }

  /// What is the same for a whole batch: keys in its store, the last threshold written, and memory to write in; and the
  /// attributes of the record at hand.
  private struct Run: ~Copyable {
    let thresholdKey: ByteSlice?
    let randomnessKey: ByteSlice?
    var written: (threshold: SamplingThreshold, text: ByteSlice)?
    var scratch = ByteWriter(capacityBytes: 256)
    var editor = AttributeEditor(.empty)
  }

  /// What a record says about sampling so far.
  private struct Arrival {
    var threshold: SamplingThreshold?
    var randomness: UInt64?
    /// An attribute is there but cannot be read.
    var isMalformed = false

    /// The record has been sampled before.
    var isMarked: Bool { threshold != nil || randomness != nil }
  }

  package func process(_ batch: inout LogBatch, of request: inout RequestContext) {
    if batch.records.isEmpty { return }
    var run = Run(thresholdKey: batch.store(Self.thresholdKey), randomnessKey: batch.store(Self.randomnessKey))
    var keep = [Bool](repeating: false, count: batch.records.count)
    for index in keep.indices { keep[index] = sample(index, in: &batch, &run) }
    batch.keepRecords(keep)
  }

  private func sample(_ index: Int, in batch: inout LogBatch, _ run: inout Run) -> Bool {
    let record = batch.records[index]
    run.editor = AttributeEditor(record.attributes)
    var arrival = arrival(record.attributes, in: batch)
    let isHashed = options.mode == .hashSeed
    let own = randomness(of: record, arrival, in: batch, &run.scratch)
    // A hash has no say in records that were sampled consistently before, nor may it change their marks.
    let marks = !arrival.isMalformed && !(isHashed && arrival.isMarked)
    var decided: SamplingThreshold?
    if marks, let own {
      if arrival.threshold?.samples(own) ?? true {
        decided = decide(arrival)
      } else {
        // The mark is not true: it goes, whatever becomes of the record.
        arrival.threshold = nil
        Self.thresholdKey.withUnsafeBytes { run.editor.remove($0, from: &batch) }
      }
    }
    let verdict = priority(of: record, in: batch) ?? decided ?? (options.failClosed ? .never : .always)
    let isSampled = verdict.samples(own ?? 1 << SamplingThreshold.bits - 1)
    if isSampled && marks {
      if isHashed, let own { note(own, in: &batch, &run) }
      if arrival.threshold.map({ verdict.rejected >= $0.rejected }) ?? true { note(verdict, in: &batch, &run) }
    }
    batch.records[index].attributes = run.editor.range
    return isSampled
  }

  /// The threshold for a record of some randomness.
  private func decide(_ arrival: Arrival) -> SamplingThreshold {
    guard let before = arrival.threshold else { return threshold }
    switch options.mode {
    case .hashSeed: return threshold
    case .equalizing: return before.rejected > threshold.rejected ? before : threshold
    case .proportional:
      let probability = before.probability * Double(min(options.percentage, 100)) / 100
      return SamplingThreshold(probability: probability, digits: options.precisionDigits) ?? .never
    }
  }

  /// The percentage that the record asks for: 0 is never, 100 and more always.
  private func priority(of record: LogRecord, in batch: borrowing LogBatch) -> SamplingThreshold? {
    guard let value = value(priorityAttribute, record.attributes, in: batch) else { return nil }
    let percentage: Double
    switch value.kind {
    case .int: percentage = Double(value.intValue)
    case .double: percentage = value.doubleValue
    case .empty, .string, .bool, .array, .map, .bytes: return nil
    }
    if percentage.isNaN { return nil }
    return SamplingThreshold(probability: percentage / 100, digits: options.precisionDigits) ?? .never
  }

  private func value(_ key: [UInt8], _ attributes: EntryRange, in batch: borrowing LogBatch) -> Value? {
    if key.isEmpty { return nil }
    let found = key.withUnsafeBytes { AttributeEditor(attributes).index(of: $0, in: batch) }
    return found.map { batch.attributes[$0].value }
  }

  private func arrival(_ attributes: EntryRange, in batch: borrowing LogBatch) -> Arrival {
    var arrival = Arrival()
    if let text = text(Self.thresholdKey, attributes, in: batch) {
      arrival.threshold = batch.store.withUnsafeBytes { SamplingThreshold(text: .init(rebasing: $0[text.range])) }
      arrival.isMalformed = arrival.threshold == nil
    }
    if let text = text(Self.randomnessKey, attributes, in: batch) {
      let number = batch.store.withUnsafeBytes { SamplingThreshold.number(.init(rebasing: $0[text.range])) }
      arrival.randomness = text.count == 14 ? number : nil
      arrival.isMalformed = arrival.isMalformed || arrival.randomness == nil
    }
    return arrival
  }

  /// A string that is not empty.
  private func text(_ key: [UInt8], _ attributes: EntryRange, in batch: borrowing LogBatch) -> ByteSlice? {
    guard let value = value(key, attributes, in: batch), value.kind == .string else { return nil }
    return value.slice.isEmpty ? nil : value.slice
  }

  /// The randomness of a record, of 56 bits; nil if it has none. Only a hash may be of an attribute: a threshold that
  /// was taken from one would contradict the trace id at the next stage.
  private func randomness(
    of record: LogRecord, _ arrival: Arrival, in batch: borrowing LogBatch, _ scratch: inout ByteWriter
  ) -> UInt64? {
    guard options.mode == .hashSeed else {
      if arrival.isMalformed { return nil }
      if let given = arrival.randomness { return given }
      return record.traceID.isNone ? nil : record.traceID.low & (1 << SamplingThreshold.bits - 1)
    }
    if options.source == .traceID, !record.traceID.isNone {
      let id = (record.traceID.high.bigEndian, record.traceID.low.bigEndian)
      return withUnsafeBytes(of: id) { hashed($0) }
    }
    guard let value = value(fromAttribute, record.attributes, in: batch) else { return nil }
    scratch.removeAll()
    if value.kind == .bytes {
      scratch.append(batch.store.span.bytes.extracting(value.slice.range))
    } else {
      scratch.appendText(value, of: batch)
    }
    return scratch.count == 0 ? nil : scratch.withUnsafeBytes { hashed($0) }
  }

  /// Randomness of which the first 14 bits decide: FNV-1a over the seed, low byte first, and the bytes; its low 14 bits
  /// turned round come first, so that small hashes are sampled, and the rest is mixed in for the look of it.
  private func hashed(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var hash: UInt32 = 2_166_136_261
    withUnsafeBytes(of: options.hashSeed.littleEndian) { for byte in $0 { hash = (hash ^ UInt32(byte)) &* 16_777_619 } }
    for byte in bytes { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    let low = UInt64(hash & 0x3fff)
    let unused = UInt64(hash >> 18)
    return (0x3fff - low) << 42 | (unused ^ unused << 10) << 14 | low
  }

  private func note(_ threshold: SamplingThreshold, in batch: inout LogBatch, _ run: inout Run) {
    if run.written?.threshold != threshold {
      threshold.write(to: &run.scratch)
      run.written = batch.store(run.scratch).map { (threshold, $0) }
    }
    guard let key = run.thresholdKey, let text = run.written?.text else { return }
    run.editor.set(Attribute(key: key, value: .string(text)), in: &batch)
  }

  private func note(_ randomness: UInt64, in batch: inout LogBatch, _ run: inout Run) {
    SamplingThreshold.write(randomness, to: &run.scratch)
    guard let key = run.randomnessKey, let text = batch.store(run.scratch) else { return }
    run.editor.set(Attribute(key: key, value: .string(text)), in: &batch)
  }
}
