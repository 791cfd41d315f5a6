package import LogPipeline

/// How records get into a store: as OTLP requests, which it takes apart (exporter `store`).
package struct StoreDialect: Dialect {
  private let otlp = OTLPDialect(transport: .http)
  /// The status of an answer that says that a body can never be stored.
  package static let refused = Answer.Status.http(413)

  package init() {}

  package func encode(_ batch: borrowing LogBatch, into frames: inout FrameWriter) throws(EncodeError) {
    try otlp.encode(batch, into: &frames)
  }

  package var route: DialectRoute { .local }

  /// What cannot be stored is halved, so that one bad record is rejected alone; anything else can be stored later.
  package func judge(_ answer: Answer, to body: UnsafeRawBufferPointer, records: Int) -> Verdict {
    switch answer.status {
    case .local: .delivered(duplicates: 0)
    case Self.refused: .tooLarge(reason: answer.message)
    case .http, .grpc: .retry(after: nil, reason: answer.message)
    }
  }

  package func middle(of body: UnsafeRawBufferPointer) -> Split? { otlp.middle(of: body) }

  package func halves(of body: UnsafeRawBufferPointer) -> Halves? { otlp.halves(of: body) }

  package var bodyFormat: BodyFormat { otlp.bodyFormat }
}
