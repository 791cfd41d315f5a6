/// Takes records and keeps none (exporter `nop`): frames have records but no bytes.
package struct NopDialect: Dialect {
  package init() {}

  package func encode(_ batch: borrowing LogBatch, into frames: inout FrameWriter) throws(EncodeError) {
    try frames.endRecords(batch.records.count)
    try frames.finish()
  }

  package func encode(_ request: SignalRequest, into frames: inout FrameWriter) throws(EncodeError) {
    try frames.endRecords(request.items)
    try frames.finish()
  }

  package var route: DialectRoute { .discard }

  package func judge(_ answer: Answer, to body: UnsafeRawBufferPointer, records: Int) -> Verdict {
    .delivered(duplicates: 0)
  }

  package func middle(of body: UnsafeRawBufferPointer) -> Split? { nil }
}
