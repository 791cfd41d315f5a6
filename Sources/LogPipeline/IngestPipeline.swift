import FrameQueues

/// The path of a request: decode, process, encode once per destination, append to all queues or to none.
///
/// One for each receiver, shared by all event loops; each brings its own `IngestScratch`. Nothing here waits,
/// reads a clock or does I/O.
package struct IngestPipeline: Sendable {
  package let pipelines: [Pipeline]
  package let limits: DecodeLimits
  private let needsRequestHash: Bool
  /// The destinations of all pipelines, in their order, each with its pipeline.
  private let outlets: [(destination: Destination, pipeline: Pipeline)]

  package init(pipelines: [Pipeline], limits: DecodeLimits) {
    self.pipelines = pipelines
    outlets = pipelines.flatMap { pipeline in pipeline.destinations.map { ($0, pipeline) } }
    self.limits = limits
    needsRequestHash = pipelines.contains { $0.destinations.contains { $0.dialect.needsRequestHash } }
  }

  /// Takes a decompressed request body that was received at `receivedUnixNano`; afterwards every record of it is
  /// in every queue, or the request was refused and is in none.
  package func ingest(
    _ body: consuming [UInt8], as encoding: BodyEncoding, receivedUnixNano: UInt64, with scratch: IngestScratch
  ) throws(IngestRefusal) -> IngestReceipt {
    scratch.prepare(for: self)
    scratch.batch.receivedUnixNano = receivedUnixNano
    if needsRequestHash { scratch.batch.requestHash = body.withUnsafeBytes { RequestHash(of: $0) } }
    do { try decode(body, as: encoding, into: &scratch.batch) } catch { throw .undecodable(error) }
    var receipt = IngestReceipt(records: scratch.batch.records.count, oddities: scratch.batch.oddities)
    if receipt.records == 0 { return receipt }
    do { try encode(with: scratch) } catch { throw .unencodable(error) }
    receipt.unsettled = try append(from: scratch)
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
  /// Returns what is to be waited for.
  private func append(from scratch: IngestScratch) throws(IngestRefusal) -> [UnsettledAppend] {
    for (index, outlet) in outlets.enumerated() {
      do {
        try scratch.writers[index].reserve(in: outlet.destination)
      } catch {
        if outlet.destination.onFull != .refuse, error.isForLackOfRoom { continue }
        throw refuse(error, at: index, unreserving: 0..<index, from: scratch)
      }
    }
    for (index, outlet) in outlets.enumerated() { scratch.writers[index].makeRoom(in: outlet.destination) }
    return try appendReserved(from: scratch)
  }

  private func appendReserved(from scratch: IngestScratch) throws(IngestRefusal) -> [UnsettledAppend] {
    var unsettled: [UnsettledAppend] = []
    for (index, outlet) in outlets.enumerated() {
      let destination = outlet.destination
      do {
        guard let position = try scratch.writers[index].append(to: destination) else { continue }
        guard let append = outlet.pipeline.unsettled(position, in: destination) else { continue }
        unsettled.append(append)
      } catch {
        throw refuse(error, at: index, unreserving: (index + 1)..<outlets.count, from: scratch)
      }
    }
    return unsettled
  }

  private func refuse(
    _ refusal: QueueRefusal, at index: Int, unreserving others: Range<Int>, from scratch: IngestScratch
  ) -> IngestRefusal {
    for other in others where scratch.writers[other].hasRoom {
      outlets[other].destination.queue.unreserve(scratch.writers[other].frames.bytes.count)
    }
    outlets[index].destination.count(refused: scratch.writers[index].frames.records)
    return .queue(refusal, destination: outlets[index].destination.id)
  }
}

/// One `service.pipelines.logs` of the configuration.
package struct Pipeline: Sendable {
  /// The pipeline's id in the configuration, such as `logs` or `logs/audit`.
  package let id: String
  package let processors: [any Processor]
  package let destinations: [Destination]
  package let acknowledgement: AcknowledgementPoint
  /// How long a sender waits at most for its records to be delivered.
  package let acknowledgementTimeout: Duration

  package init(
    id: String, processors: [any Processor], destinations: [Destination],
    acknowledgement: AcknowledgementPoint = .disk, acknowledgementTimeout: Duration = .seconds(60)
  ) {
    self.id = id
    self.processors = processors
    self.destinations = destinations
    self.acknowledgement = acknowledgement
    self.acknowledgementTimeout = acknowledgementTimeout
  }

  /// What the sender has to wait for after an append; nil if nothing.
  fileprivate func unsettled(_ position: FramePosition, in destination: Destination) -> UnsettledAppend? {
    let limit = acknowledgement == .delivered ? acknowledgementTimeout : nil
    guard limit != nil || acknowledgement == .disk && destination.queue.isDurable else { return nil }
    return UnsettledAppend(
      destination: destination.id, queue: destination.queue, position: position, deliveryLimit: limit)
  }

  /// Processes the batch and encodes it for every destination, into the writers from `writer` on.
  fileprivate func encode(_ batch: inout LogBatch, into writers: [IngestScratch.Writer], from writer: inout Int)
    throws(EncodeError)
  {
    let received = batch.records.count
    for processor in processors { processor.process(&batch) }
    for destination in destinations {
      writers[writer].received = received
      writers[writer].filtered = received &- batch.records.count
      try destination.dialect.encode(batch, into: &writers[writer].frames)
      writer += 1
    }
  }
}
