/// Writes records for a person to read on a terminal (exporter `debug`).
///
/// Characters that could end a line or drive a terminal are escaped, so that what a record holds cannot pass for
/// another record.
package struct DebugDialect: Dialect {
  /// How much of the records is shown.
  package enum Verbosity: String, Sendable, CaseIterable {
    /// A line of counts for each request.
    case basic
    /// A line for each record.
    case normal
    /// Every field, each on a line.
    case detailed
  }

  package let verbosity: Verbosity

  package init(verbosity: Verbosity = .basic) { self.verbosity = verbosity }

  package func encode(_ batch: borrowing LogBatch, into frames: inout FrameWriter) throws(EncodeError) {
    switch verbosity {
    case .basic: try encodeCounts(batch, into: &frames)
    case .normal: try encodeLines(batch, into: &frames)
    case .detailed: try encodeBlocks(batch, into: &frames)
    }
  }

  private func encodeCounts(_ batch: borrowing LogBatch, into frames: inout FrameWriter) throws(EncodeError) {
    if batch.records.isEmpty { return }
    frames.bytes.append("Logs resource logs: ")
    frames.bytes.appendDecimal(Int64(batch.resources.count))
    frames.bytes.append(", log records: ")
    frames.bytes.appendDecimal(Int64(batch.records.count))
    frames.bytes.append("\n")
    try frames.endRecords(batch.records.count)
    try frames.finish()
  }

  private func encodeLines(_ batch: borrowing LogBatch, into frames: inout FrameWriter) throws(EncodeError) {
    var text = DebugText()
    for index in batch.records.indices {
      text.appendLine(batch.records[index], of: batch, to: &frames.bytes)
      try frames.endRecord()
    }
    try frames.finish()
  }

  /// Shows the resource and scope before the first of their records, again in each frame.
  private func encodeBlocks(_ batch: borrowing LogBatch, into frames: inout FrameWriter) throws(EncodeError) {
    var text = DebugText()
    var shownResource: UInt32?
    var shownScope: UInt32?
    for index in batch.records.indices {
      let record = batch.records[index]
      let resource = batch.scopes[Int(record.scope)].resource
      if shownResource != resource { text.appendResource(resource, of: batch, to: &frames.bytes) }
      if shownScope != record.scope { text.appendScope(record.scope, of: batch, to: &frames.bytes) }
      (shownResource, shownScope) = (resource, record.scope)
      text.appendRecord(index, of: batch, to: &frames.bytes)
      if try frames.endRecord() { (shownResource, shownScope) = (nil, nil) }
    }
    try frames.finish()
  }

  /// Appends a line of counts; `detailed` has each resource as OTLP's JSON after it.
  package func encode(_ request: SignalRequest, into frames: inout FrameWriter) throws(EncodeError) {
    if request.items == 0 { return }
    let isTraces = request.signal == .traces
    frames.bytes.append(isTraces ? "Traces resource spans: " : "Metrics resource metrics: ")
    frames.bytes.appendDecimal(Int64(request.pieces.count))
    frames.bytes.append(isTraces ? ", spans: " : ", data points: ")
    frames.bytes.appendDecimal(Int64(request.items))
    frames.bytes.append("\n")
    if verbosity == .detailed { request.appendLines(to: &frames.bytes) }
    try frames.endRecords(request.items)
    try frames.finish()
  }

  package var route: DialectRoute { .local }

  package func judge(_ answer: Answer, to body: UnsafeRawBufferPointer, records: Int) -> Verdict {
    LocalAnswer.judge(answer)
  }

  /// Nil: no body is too large for a stream.
  package func middle(of body: UnsafeRawBufferPointer) -> Split? { nil }
}
