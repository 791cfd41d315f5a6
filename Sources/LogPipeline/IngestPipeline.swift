import FrameQueues

/// The path of a request: decode, process, encode once per destination, append to all queues or to none.
///
/// One for each receiver, shared by all event loops; each brings its own `IngestScratch`. Nothing here waits,
/// reads a clock or does I/O.
package struct IngestPipeline: Sendable {
  package let pipelines: [Pipeline]
  package let limits: DecodeLimits
  /// The destinations of all pipelines, in their order.
  private let destinations: [Destination]

  package init(pipelines: [Pipeline], limits: DecodeLimits) {
    self.pipelines = pipelines
    destinations = pipelines.flatMap(\.destinations)
    self.limits = limits
  }

  /// Takes a decompressed request body that was received at `receivedUnixNano`; afterwards every record of it is
  /// in every queue, or the request was refused and is in none.
  package func ingest(
    _ body: consuming [UInt8], as encoding: BodyEncoding, receivedUnixNano: UInt64, with scratch: IngestScratch
  ) throws(IngestRefusal) -> IngestReceipt {
    scratch.prepare(for: self)
    scratch.batch.receivedUnixNano = receivedUnixNano
    do { try decode(body, as: encoding, into: &scratch.batch) } catch { throw .undecodable(error) }
    let receipt = IngestReceipt(records: scratch.batch.records.count, oddities: scratch.batch.oddities)
    if receipt.records == 0 { return receipt }
    do { try encode(with: scratch) } catch { throw .unencodable(error) }
    try append(from: scratch)
    return receipt
  }

  private func decode(_ body: consuming [UInt8], as encoding: BodyEncoding, into batch: inout LogBatch)
    throws(DecodeError)
  {
    switch encoding {
    case .protobuf: try batch.decode(protobuf: body, limits: limits)
    case .json: try batch.decode(json: body, limits: limits)
    }
  }

  /// Runs each pipeline's processors and encodes for each of its destinations; a pipeline that edits works on a copy
  /// if another comes after it.
  private func encode(with scratch: IngestScratch) throws(EncodeError) {
    var writer = 0
    for (index, pipeline) in pipelines.enumerated() {
      let edits = !pipeline.processors.isEmpty && index + 1 < pipelines.count
      if edits {
        var copy = scratch.batch.copied()
        try pipeline.encode(&copy, into: scratch.writers, from: &writer)
      } else {
        try pipeline.encode(&scratch.batch, into: scratch.writers, from: &writer)
      }
    }
  }

  /// Reserves in every queue before anything is thrown out of one for it, and that before anything is appended.
  private func append(from scratch: IngestScratch) throws(IngestRefusal) {
    for (index, destination) in destinations.enumerated() {
      do {
        try scratch.writers[index].reserve(in: destination)
      } catch {
        if destination.onFull != .refuse, error.isForLackOfRoom { continue }
        unreserve(upTo: index, from: scratch)
        destination.count(refused: scratch.writers[index].frames.records)
        throw .queue(error, destination: destination.id)
      }
    }
    for (index, destination) in destinations.enumerated() { scratch.writers[index].makeRoom(in: destination) }
    for (index, destination) in destinations.enumerated() { scratch.writers[index].append(to: destination) }
  }

  private func unreserve(upTo end: Int, from scratch: IngestScratch) {
    for (index, destination) in destinations.prefix(end).enumerated() where scratch.writers[index].hasRoom {
      destination.queue.unreserve(scratch.writers[index].frames.bytes.count)
    }
  }
}

/// One `service.pipelines.logs` of the configuration.
package struct Pipeline: Sendable {
  /// The pipeline's id in the configuration, such as `logs` or `logs/audit`.
  package let id: String
  package let processors: [any Processor]
  package let destinations: [Destination]

  package init(id: String, processors: [any Processor], destinations: [Destination]) {
    self.id = id
    self.processors = processors
    self.destinations = destinations
  }

  /// Processes the batch and encodes it for every destination, into the writers from `writer` on.
  fileprivate func encode(_ batch: inout LogBatch, into writers: [IngestScratch.Writer], from writer: inout Int)
    throws(EncodeError)
  {
    for processor in processors { processor.process(&batch) }
    for destination in destinations {
      try destination.dialect.encode(batch, into: &writers[writer].frames)
      writer += 1
    }
  }
}
