/// What a destination speaks: how records become its bytes, where they go, and what its answers mean.
///
/// A dialect does no I/O: the export loop sends for all of them. Bodies concatenate: any run of frames that
/// `encode` made, one after the other, is one valid body.
package protocol Dialect: Sendable {
  /// Appends every record of the batch to `frames`, calling `endRecord` after each and `finish` at the end.
  func encode(_ batch: borrowing LogBatch, into frames: inout FrameWriter) throws(EncodeError)

  /// Appends every item of a request that is passed on, with `endRecords` after each of its pieces. Default: its bytes
  /// as they are, which is what OTLP wants.
  func encode(_ request: SignalRequest, into frames: inout FrameWriter) throws(EncodeError)

  /// Whether `encode` reads `LogBatch.requestHash`.
  var needsRequestHash: Bool { get }

  /// Where bodies go and under which headers.
  var route: DialectRoute { get }

  /// Says what an answer means for the body it answers, which holds `records` records.
  func judge(_ answer: Answer, to body: UnsafeRawBufferPointer, records: Int) -> Verdict

  /// The record boundary nearest the middle of a body; nil if it holds a single record. For bodies found too large.
  func middle(of body: UnsafeRawBufferPointer) -> Split?

  /// A body with several records that `middle` cannot cut, made anew as two; nil, by default, if it cannot be.
  func halves(of body: UnsafeRawBufferPointer) -> Halves?

  /// How records lie in a body. Default: text that is kept as a whole.
  var bodyFormat: BodyFormat { get }

  /// Whether frames have a `SectionMark` before the records of each tenant. Default: never.
  var sectionMarks: SectionMarks { get }

  /// Whether sections go to several servers, so that one that does not answer says nothing of others. Default: no.
  var hasSeveralServers: Bool { get }
}

extension Dialect {
  package func encode(_ request: SignalRequest, into frames: inout FrameWriter) throws(EncodeError) {
    try request.appendPieces(to: &frames)
  }
  package func halves(of body: UnsafeRawBufferPointer) -> Halves? { nil }
  package var bodyFormat: BodyFormat { .text }
  package var sectionMarks: SectionMarks { .never }
  package var hasSeveralServers: Bool { false }
}

extension Dialect {
  package var needsRequestHash: Bool { false }
}

/// Where a dialect's bodies go.
package enum DialectRoute: Sendable, Equatable {
  /// `POST`ed to the destination's base URL plus `path` (which may end in a query), with these headers.
  case http(path: String, headers: [Header])
  /// A unary gRPC call; a body is one message.
  case grpc(path: String, headers: [Header])
  /// Appended to a local file or stream.
  case local
  /// Discarded.
  case discard

  /// A header of a request, or metadata of a call.
  package struct Header: Sendable, Equatable {
    package var name: String
    package var value: String
    /// Whether nothing that the configuration sends with every request takes its place.
    package var isBinding = false
    /// Whether it is not sent: what is known of the metadata of the records' requests, for credentials that ask for it.
    package var isMetadata = false

    package init(_ name: String, _ value: String, isBinding: Bool = false) {
      self.name = name
      self.value = value
      self.isBinding = isBinding
    }
  }
}

/// What a destination answered.
package struct Answer: Sendable {
  /// By what an answer says how it went.
  package enum Status: Sendable, Equatable {
    /// The status of an HTTP response.
    case http(Int)
    /// The `grpc-status` of a call.
    case grpc(Int)
    /// No server answers: what is on this machine took the body.
    case local
  }

  /// How it went, in the terms of what was spoken.
  package var status: Status
  /// The wait that the destination asked for (`Retry-After`, `RetryInfo`).
  package var retryAfter: Duration?
  /// The body, decompressed, or for gRPC the message; for a gRPC error its `google.rpc.Status` if there is one.
  package var body: [UInt8]
  /// For gRPC the `grpc-message`.
  package var message: String
  /// The media type of the body in lower case, without parameters; empty if the answer has none.
  package var mediaType: String
  /// False if what came is no answer of the protocol that was spoken, such as a gRPC answer without `grpc-status`.
  package var isOfProtocol: Bool

  package init(
    _ status: Status, retryAfter: Duration? = nil, body: [UInt8] = [], message: String = "", mediaType: String = "",
    isOfProtocol: Bool = true
  ) {
    self.status = status
    self.retryAfter = retryAfter
    self.body = body
    self.message = message
    self.mediaType = mediaType
    self.isOfProtocol = isOfProtocol
  }
}

/// What an answer means for the records that were sent.
///
/// An answer that is not the destination's own proves nothing: a proxy, an ingress or a wrong path gave it.
package enum Verdict: Sendable, Equatable {
  /// All were stored; `duplicates` of them had been stored before.
  case delivered(duplicates: Int)
  /// None was stored for sure; send all again, after the wait if one was asked for.
  case retry(after: Duration?, reason: String)
  /// The answer is not the destination's own, or a success without evidence: it says nothing of the records, so all
  /// are sent again. What gets such answers while others are delivered is isolated by halving.
  case unproven(after: Duration?, reason: String)
  /// Each had its own outcome.
  case mixed(Outcomes)
  /// The body is too large for the destination: halve it.
  case tooLarge(reason: String)
  /// The destination will never take these records.
  case rejected(reason: String)

  /// The outcomes of a body whose records were judged one by one.
  package struct Outcomes: Sendable, Equatable {
    package var delivered = 0
    /// Records that had been stored before.
    package var duplicates = 0
    /// Delivered records that the destination stored elsewhere, as faulty (`failure_store: used`), with their bytes.
    package var inFailureStore = 0
    package var inFailureStoreBytes = 0
    /// Records to send again of which the destination could not even store that they are faulty
    /// (`failure_store: failed`).
    package var failureStoreFailed = 0
    /// Byte ranges of the body to send again, in order, each a whole number of records.
    package var resend: [Range<Int>] = []
    package var resendRecords = 0
    /// Why records are resent, as the destination gave it for the first of them.
    package var resendReason = ""
    /// Records that the destination will never take.
    package var rejected: [Rejection] = []
    /// Records that the destination will never take and did not name: no byte of the body can be kept as theirs.
    package var rejectedUnnamed = 0
    /// Why records were rejected without being named, as the destination gave it.
    package var rejectedUnnamedReason = ""

    package init() {}
  }

  /// One record that the destination rejected for good.
  package struct Rejection: Sendable, Equatable {
    /// Where the record lies in the body.
    package var range: Range<Int>
    /// The reason as the destination gave it.
    package var reason: String

    package init(range: Range<Int>, reason: String) {
      self.range = range
      self.reason = reason
    }
  }
}
