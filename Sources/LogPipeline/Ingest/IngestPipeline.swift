import FrameQueues
package import Options

/// The path of a request: decode, process, encode once per destination, append to all queues or to none. Requests of
/// other signals than logs are checked in place of being decoded, and their bytes passed on.
///
/// One for each signal of a receiver, shared by all event loops; each brings its own `IngestScratch`. Nothing here
/// waits, reads a clock or does I/O.
package struct IngestPipeline: Sendable {
  /// The signal of all its pipelines.
  package let signal: Signal
  package let pipelines: [Pipeline]
  package let limits: DecodeLimits
  /// Whether something in the pipelines asks for more of a request than its records.
  package let needsContext: Bool
  private let needsRequestHash: Bool
  /// Whether an outlet keeps records apart by metadata.
  private let keepsApart: Bool
  /// The header fields that are part of a request's hash, sorted.
  private let hashedFields: [[UInt8]]
  /// Where requests can end: the destinations of all pipelines, those behind connectors included.
  package let outlets: [Outlet]
  /// How the tenants of requests are known, and what they may have; nil if nobody asks for tenants.
  package let tenants: Tenants?
  /// Counts who sends how much; nil if nobody wants to know.
  package var usage: UsageTables?

  package init(
    _ signal: Signal = .logs, pipelines: [Pipeline], limits: DecodeLimits, tenants: Tenants? = nil
  ) {
    self.signal = signal
    self.pipelines = pipelines
    self.tenants = tenants
    outlets = pipelines.flatMap { $0.outlets() }
    keepsApart = outlets.contains { $0.destination.metadata != nil }
    self.limits = limits
    let tenantFields = tenants?.policy.contextFields ?? []
    needsRequestHash = pipelines.contains { $0.needsRequestHash }
    needsContext = pipelines.contains { $0.needsContext } || (needsRequestHash && !tenantFields.isEmpty)
    hashedFields = Set(pipelines.flatMap(\.contextFields) + tenantFields).sorted { $0.lexicographicallyPrecedes($1) }
  }

  /// Takes a decompressed request, which is `body` from `start` on and was received at `receivedUnixNano`; afterwards
  /// every record of it is in every queue, or the request was refused and is in none.
  package func ingest(
    _ body: consuming [UInt8], from start: Int = 0, as encoding: BodyEncoding, receivedUnixNano: UInt64,
    of request: RequestContext = RequestContext(), with scratch: IngestScratch
  ) throws(IngestRefusal) -> IngestReceipt {
    scratch.prepare(for: self)
    scratch.bodyBytes = body.count &- start
    scratch.batch.receivedUnixNano = receivedUnixNano
    if needsRequestHash {
      let hash = body.withUnsafeBytes { RequestHash(of: UnsafeRawBufferPointer(rebasing: $0[start...])) }
      scratch.batch.requestHash = hashedFields.isEmpty ? hash : hash.adding(hashedFields, of: request)
    }
    let bodyEnd = body.count
    do {
      switch (signal, encoding) {
      case (.logs, .protobuf): try scratch.batch.decode(protobuf: body, from: start, limits: limits)
      case (.logs, .json): try scratch.batch.decode(json: body, limits: limits)
      case (_, .protobuf): try scratch.passing.read(signal, protobuf: body, from: start, limits: limits)
      case (_, .json): try scratch.passing.read(signal, json: body, limits: limits)
      }
    } catch {
      tenants?.countWork(scratch.bodyBytes, of: request)
      throw .undecodable(error)
    }
    if signal != .logs { return try pass(request, with: scratch) }
    let countsUsage = usage?.isOn ?? false
    if countsUsage { scratch.uses.note(scratch.batch, from: start, to: bodyEnd) }
    defer { if countsUsage { countUsage(of: scratch) } }
    let receipt = try take(request, with: scratch)
    scratch.uses.isAccepted = true
    return receipt
  }

  /// Takes a decoded request.
  private func take(_ request: RequestContext, with scratch: IngestScratch) throws(IngestRefusal) -> IngestReceipt {
    let receipt = IngestReceipt(records: scratch.batch.records.count, oddities: scratch.batch.oddities)
    return try take(receipt, of: request, with: scratch) { (request) throws(IngestRefusal) in
      if let tenants {
        try assign(tenants, of: &request, with: scratch)
      } else if let tenant = request.tenant {
        scratch.batch.setTenant(tenant.name)
      }
      try encode(of: &request, with: scratch)
    }
  }

  /// Takes what `encode` puts into the scratch's writers of a request that came to so much.
  func take(
    _ receipt: IngestReceipt, of request: RequestContext, with scratch: IngestScratch,
    encode: (inout RequestContext) throws(IngestRefusal) -> Void
  ) throws(IngestRefusal) -> IngestReceipt {
    var receipt = receipt
    if receipt.records == 0 { return receipt }
    var request = request
    defer { if keepsApart { settleMetadata(with: scratch) } }
    do throws(IngestRefusal) {
      try encode(&request)
      if let tenants { try checkRoom(for: tenants, from: scratch) }
      receipt.unsettled = try append(from: scratch)
      receipt.pause = outlets.reduce(.zero) { max($0, $1.destination.queue.pause) }
    } catch {
      for settled in request.whenSettled { settled(false) }
      tenants?.giveBack(scratch.tenants)
      throw error
    }
    receipt.settled = request.whenSettled
    receipt.rejectedRecords = request.rejections.records
    receipt.rejectionReasons = request.rejections.reasons
    return receipt
  }

  /// Tells destinations that keep records apart what became of a request.
  private func settleMetadata(with scratch: IngestScratch) {
    for (index, outlet) in outlets.enumerated() { scratch.writers[index].settleMetadata(of: outlet.destination) }
  }

  /// Says of each resource whose it is, before any processor sees it, and takes it off what they may have.
  private func assign(
    _ tenants: Tenants, of request: inout RequestContext, with scratch: IngestScratch
  ) throws(IngestRefusal) {
    do throws(TenantRefusal) {
      try tenants.assign(&scratch.batch, of: &request)
      scratch.tenants = try tenants.take(TenantDemands(scratch.batch, bodyBytes: scratch.bodyBytes), of: request)
    } catch {
      throw .tenant(error)
    }
  }

  /// Counts whose the request was and what was put into queues of it.
  private func countUsage(of scratch: IngestScratch) {
    shareEnqueuedBytes(of: scratch)
    usage?.count(scratch.uses, in: scratch.batch, number: scratch.number)
  }

  /// Counts the same of a request of another signal.
  func countUsage(of scratch: IngestScratch, in request: SignalRequest) {
    shareEnqueuedBytes(of: scratch)
    usage?.count(scratch.uses, in: request, number: scratch.number)
  }

  private func shareEnqueuedBytes(of scratch: IngestScratch) {
    for index in outlets.indices {
      scratch.uses.share(enqueuedBytes: scratch.writers[index].appendedBytes, of: index)
    }
  }

  /// Runs each pipeline's processors and encodes for each of its destinations; a pipeline that edits works on a copy
  /// if another comes after it.
  private func encode(of request: inout RequestContext, with scratch: IngestScratch) throws(IngestRefusal) {
    for (index, pipeline) in pipelines.enumerated() {
      if pipeline.edits && index + 1 < pipelines.count {
        var copy = scratch.batch.copied()
        try pipeline.run(&copy, of: &request, with: scratch)
      } else {
        try pipeline.run(&scratch.batch, of: &request, with: scratch)
      }
    }
  }

  private func checkRoom(for tenants: Tenants, from scratch: IngestScratch) throws(IngestRefusal) {
    do throws(TenantRefusal) {
      try tenants.checkRoom(for: scratch.tenants, in: outlets) { scratch.writers[$0].frames.bytes.count }
    } catch {
      throw .tenant(error)
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
    for (index, outlet) in outlets.enumerated() {
      do {
        try scratch.writers[index].makeRoom(in: outlet.destination)
      } catch {
        throw refuse(error, at: index, unreserving: 0..<outlets.count, from: scratch)
      }
    }
    return try appendReserved(from: scratch)
  }

  private func appendReserved(from scratch: IngestScratch) throws(IngestRefusal) -> [UnsettledAppend] {
    var unsettled: [UnsettledAppend] = []
    for (index, outlet) in outlets.enumerated() {
      let destination = outlet.destination
      do {
        guard let position = try scratch.writers[index].append(to: destination) else { continue }
        tenants?.note(scratch.writers[index].frames.bytes.count, of: scratch.tenants, in: destination)
        guard let append = outlet.unsettled(position) else { continue }
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
