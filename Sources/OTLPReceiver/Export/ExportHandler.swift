import Glibc
import HTTPTransport
import LogPipeline

/// How far an export request may be worked on, and whether it still should.
struct ExportBounds {
  /// What a compressed body may come to on the calling thread.
  let mostBytes: Int
  /// Asked again before a large body is decompressed, and before it is decoded.
  let admission: Admission
  /// Who waits for the answer.
  let responder: HTTPResponder
}

/// What became of an export request.
enum ExportOutcome {
  case done(IngestReceipt)
  /// It was decoded, its records are counted, and none is kept.
  case refused(Refusal)
  /// It is to be worked on where there is time for more; it has its body.
  case tooLargeHere
  /// Its client has left, and nothing was done.
  case abandoned
}

/// Takes the body of an export request to the pipeline: decompress, then ingest, all at once on the calling thread.
final class ExportHandler: Sendable {
  let pipeline: IngestPipeline
  let options: OTLPServiceOptions
  let budget: ByteBudget
  let scratches: ScratchPool

  init(pipeline: IngestPipeline, options: OTLPServiceOptions, budget: ByteBudget) {
    self.pipeline = pipeline
    self.options = options
    self.budget = budget
    scratches = ScratchPool(maxEncodedBytes: options.maxEncodedBytes)
  }

  /// Takes an OTLP/HTTP request and leaves it without its body.
  func export(
    _ request: inout HTTPRequest, form: RequestForm, coding: ContentCoding, tally: RequestTally, _ bounds: ExportBounds
  ) throws(Refusal) -> ExportOutcome {
    let limit = limit("decompressed request body", options.maxRequestBodyBytes, "max_request_body_size")
    return try ingest(&request, from: 0, coding, form.bodyEncoding, limit: limit, tally: tally, bounds)
  }

  /// Takes an OTLP/gRPC request and leaves it without its body.
  func export(
    _ request: inout HTTPRequest, call: GRPCCall, tally: RequestTally, _ bounds: ExportBounds
  ) throws(Refusal) -> ExportOutcome {
    let message = try GRPCMessage(in: request.body, coding: call.coding, maxBytes: options.maxMessageBytes)
    let limit = limit("decompressed gRPC message", options.maxMessageBytes, "max_recv_msg_size_mib")
    let start = message.range.lowerBound
    return try ingest(&request, from: start, message.coding, .protobuf, limit: limit, tally: tally, bounds)
  }

  /// What a request comes to, by what it says of itself; its own length if it is not compressed.
  func expandedBytes(of request: HTTPRequest, _ route: Result<Route, Refusal>) -> Int {
    let (coding, start): (ContentCoding, Int)
    switch try? route.get() {
    case .httpExport(_, _, let of): (coding, start) = (of, 0)
    case .grpcExport(_, let call) where request.body.first == 1: (coding, start) = (call.coding, GRPCPrefix.byteCount)
    default: return request.body.count
    }
    guard coding != .identity, request.body.count > start else { return request.body.count }
    return request.body.span.bytes.withUnsafeBytes { bytes in
      Decompressor.expectedBytes(of: UnsafeRawBufferPointer(rebasing: bytes[start...]), coding)
    }
  }

  private func limit(_ what: StaticText, _ bytes: Int, _ option: StaticText) -> DecompressionLimit {
    DecompressionLimit(bytes: bytes, what: what, option: option, members: options.maxCompressedMembers)
  }

  private func ingest(
    _ request: inout HTTPRequest, from start: Int, _ coding: ContentCoding, _ encoding: BodyEncoding,
    limit: DecompressionLimit, tally: RequestTally, _ bounds: ExportBounds
  ) throws(Refusal) -> ExportOutcome {
    let tenant = try tenant(of: request.head)
    let sender = sender(of: request.head)
    return try scratches.withScratch { scratch throws(Refusal) in
      var reservation = ByteReservation(from: budget)
      defer { reservation.end() }
      let memory = coding == .identity ? nil : bounds.admission.memory(of: tenant, from: sender)
      var charge = TenantCharge(to: memory, receivedBytes: request.reservedBytes)
      defer { charge.end() }
      let received = request.body.count
      var plain: [UInt8] = []
      swap(&plain, &request.body)
      let isPlain = coding == .identity
      // It may have waited long since its head was looked at.
      if bounds.mostBytes > RequestPlace.loop.mostBytes { try bounds.admission.checkRoom(bodyBytes: received) }
      if !isPlain {
        let packed = PackedBody(bytes: plain, start: start, coding: coding, limit: limit, mostBytes: bounds.mostBytes)
        let expanded = try expand(packed, with: scratch.decompressor, reserving: &reservation, charging: &charge)
        guard let expanded else {
          swap(&plain, &request.body)
          return .tooLargeHere
        }
        plain = expanded
        if plain.count > RequestPlace.loop.mostBytes {
          if bounds.responder.isCancelled { return .abandoned }
          try bounds.admission.checkRoom(bodyBytes: plain.count)
        }
      }
      let start = isPlain ? start : 0
      let plainBytes = plain.count &- start
      tally.count(receivedBytes: received, decompressedBytes: plainBytes)
      defer { scratch.ingest.release() }
      let context = context(of: request.head, from: tenant, bounds)
      do throws(IngestRefusal) {
        return .done(
          try pipeline.ingest(
            plain, from: start, as: encoding, receivedUnixNano: Self.nowUnixNano, of: context, with: scratch.ingest))
      } catch {
        let refusal = Refusal(error)
        if case .undecodable = error { throw refusal }
        tally.count(refusal, records: scratch.ingest.receivedRecords, of: pipeline.signal)
        bounds.admission.turnAway(refusal, bodyBytes: plainBytes)
        return .refused(refusal)
      }
    }
  }

  /// The tenant that a head names.
  private func tenant(of head: HTTPRequestHead) throws(Refusal) -> HeadTenant? {
    guard let tenants = pipeline.tenants else { return nil }
    guard let aim = head.note as? RequestAim else { return try tenants.tenant(of: head, from: nil) }
    return try aim.tenant(of: head, by: tenants)
  }

  /// Whose shares a request's tenants may have a part of; empty where tenants are not told apart.
  private func sender(of head: HTTPRequestHead) -> [UInt8] {
    if pipeline.tenants == nil { return [] }
    return (head.note as? RequestAim)?.sender ?? Array(head.remoteNetwork.utf8)
  }

  /// What the pipelines ask for of a request, and what tells its tenants.
  private func context(of head: HTTPRequestHead, from tenant: HeadTenant?, _ bounds: ExportBounds) -> RequestContext {
    if !pipeline.needsContext, pipeline.tenants == nil { return RequestContext() }
    var context =
      pipeline.needsContext
      ? RequestContext(head) : RequestContext(clientAddress: "", monotonicNano: RequestContext.now)
    if pipeline.tenants == nil { return context }
    context.tenant = tenant
    context.sender = sender(of: head)
    context.areCoresBusy = bounds.admission.areCoresBusy(now: context.monotonicNano)
    context.isBusy = context.areCoresBusy || bounds.admission.isBusy(now: context.monotonicNano)
    return context
  }

  /// A compressed body, and what it may come to: `limit` at all, `mostBytes` on the calling thread.
  private struct PackedBody {
    let bytes: [UInt8]
    let start: Int
    let coding: ContentCoding
    var limit: DecompressionLimit
    let mostBytes: Int

    /// What it says it comes to.
    var expectedBytes: Int {
      bytes.span.bytes.withUnsafeBytes {
        Decompressor.expectedBytes(of: UnsafeRawBufferPointer(rebasing: $0[start...]), coding)
      }
    }
  }

  /// What a limit of decompression stands for.
  private enum Bound {
    case option, tenant, thread
  }

  /// The request as it was before compression; nil if that is more than may be on the calling thread but no more than
  /// may be at all.
  private func expand(
    _ packed: PackedBody, with decompressor: Decompressor, reserving reservation: inout ByteReservation,
    charging charge: inout TenantCharge
  ) throws(Refusal) -> [UInt8]? {
    var (limit, bound) = (packed.limit, Bound.option)
    // What the body itself holds of the budget cannot hold its expansion too.
    let mostBytes = max(budget.capacityBytes &- packed.bytes.count, 0)
    if mostBytes < limit.bytes {
      limit.bytes = mostBytes
      limit.option = "the memory that all requests share"
    }
    if charge.mostBytes < limit.bytes { (limit.bytes, bound) = (charge.mostBytes, .tenant) }
    if packed.mostBytes < limit.bytes { (limit.bytes, bound) = (packed.mostBytes, .thread) }
    do throws(Refusal) {
      try charge.set(min(packed.expectedBytes, limit.bytes))
      let expanded = try packed.bytes.span.bytes.withUnsafeBytes { bytes throws(Refusal) in
        try decompressor.decompress(
          UnsafeRawBufferPointer(rebasing: bytes[packed.start...]), packed.coding, limit: limit,
          reserving: &reservation)
      }
      try charge.set(expanded.count)
      return expanded
    } catch {
      guard case .tooLarge(let excess) = error else { throw error }
      switch bound {
      case .option: throw error
      case .tenant: throw charge.refusal(neededBytes: excess.bytes) ?? error
      case .thread:
        reservation.end()
        charge.end()
        return nil
      }
    }
  }

  /// The wall clock, nanoseconds since 1970.
  private static var nowUnixNano: UInt64 {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return UInt64(max(now.tv_sec, 0)) &* 1_000_000_000 &+ UInt64(max(now.tv_nsec, 0))
  }
}
