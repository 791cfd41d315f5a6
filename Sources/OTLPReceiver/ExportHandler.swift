import Glibc
import HTTPTransport
import LogPipeline

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
  func export(_ request: inout HTTPRequest, form: RequestForm, coding: ContentCoding, tally: RequestTally)
    throws(Refusal) -> IngestReceipt
  {
    let limit = limit("decompressed request body", options.maxRequestBodyBytes, "max_request_body_size")
    return try ingest(&request, from: 0, coding, form.bodyEncoding, limit: limit, tally: tally)
  }

  /// Takes an OTLP/gRPC request and leaves it without its body.
  func export(_ request: inout HTTPRequest, call: GRPCCall, tally: RequestTally) throws(Refusal) -> IngestReceipt {
    let message = try GRPCMessage(in: request.body, coding: call.coding, maxBytes: options.maxMessageBytes)
    let limit = limit("decompressed gRPC message", options.maxMessageBytes, "max_recv_msg_size_mib")
    return try ingest(&request, from: message.range.lowerBound, message.coding, .protobuf, limit: limit, tally: tally)
  }

  private func limit(_ what: StaticText, _ bytes: Int, _ option: StaticText) -> DecompressionLimit {
    DecompressionLimit(bytes: bytes, what: what, option: option, members: options.maxCompressedMembers)
  }

  private func ingest(
    _ request: inout HTTPRequest, from start: Int, _ coding: ContentCoding, _ encoding: BodyEncoding,
    limit: DecompressionLimit, tally: RequestTally
  ) throws(Refusal) -> IngestReceipt {
    try scratches.withScratch { scratch throws(Refusal) in
      var reservation = ByteReservation(from: budget)
      defer { reservation.end() }
      let received = request.body.count
      var plain: [UInt8] = []
      swap(&plain, &request.body)
      let isPlain = coding == .identity
      if !isPlain {
        plain = try expand(plain, from: start, coding, limit, with: scratch.decompressor, reserving: &reservation)
      }
      let start = isPlain ? start : 0
      tally.count(receivedBytes: received, decompressedBytes: plain.count &- start)
      defer { scratch.ingest.release() }
      let context = pipeline.needsContext ? RequestContext(request.head) : RequestContext()
      do throws(IngestRefusal) {
        return try pipeline.ingest(
          plain, from: start, as: encoding, receivedUnixNano: Self.nowUnixNano, of: context, with: scratch.ingest)
      } catch {
        let refusal = Refusal(error)
        if case .undecodable = error { throw refusal }
        tally.count(refusal, records: scratch.ingest.batch.records.count)
        throw refusal
      }
    }
  }

  /// The request as it was before compression.
  private func expand(
    _ body: [UInt8], from start: Int, _ coding: ContentCoding, _ limit: DecompressionLimit,
    with decompressor: Decompressor, reserving reservation: inout ByteReservation
  ) throws(Refusal) -> [UInt8] {
    // What the body itself holds of the budget cannot hold its expansion too.
    var limit = limit
    let mostBytes = max(budget.capacityBytes &- body.count, 0)
    if mostBytes < limit.bytes {
      limit.bytes = mostBytes
      limit.option = "the memory that all requests share"
    }
    return try body.span.bytes.withUnsafeBytes { bytes throws(Refusal) in
      try decompressor.decompress(
        UnsafeRawBufferPointer(rebasing: bytes[start...]), coding, limit: limit, reserving: &reservation)
    }
  }

  /// The wall clock, nanoseconds since 1970.
  private static var nowUnixNano: UInt64 {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return UInt64(max(now.tv_sec, 0)) &* 1_000_000_000 &+ UInt64(max(now.tv_nsec, 0))
  }
}
