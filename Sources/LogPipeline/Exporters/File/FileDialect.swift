/// Writes records as lines of JSON for a local file (exporter `file`).
package struct FileDialect: Dialect {
  /// What a line is.
  package enum Format: String, Sendable, CaseIterable {
    /// An `ExportLogsServiceRequest` in OTLP's JSON mapping, with records of one resource.
    case json
    /// One record as one flat object, with the fields that `FlatLayout` tells.
    case flat
  }

  package let format: Format
  /// Bytes of the longest line of `flat` (config `max_line_bytes`); a record that needs more is dropped and counted.
  package let maxLineBytes: Int

  package init(format: Format = .json, maxLineBytes: Int = 16 << 20) {
    self.format = format
    self.maxLineBytes = maxLineBytes
  }

  package func encode(_ batch: borrowing LogBatch, into frames: inout FrameWriter) throws(EncodeError) {
    switch format {
    case .json: try encodeJSON(batch, into: &frames)
    case .flat: try encodeFlat(batch, into: &frames)
    }
  }

  private func encodeJSON(_ batch: borrowing LogBatch, into frames: inout FrameWriter) throws(EncodeError) {
    var encoder = OTLPJSONEncoder()
    for index in batch.records.indices {
      try encoder.append(batch.records[index], of: batch, to: &frames)
    }
    try encoder.finish(batch, in: &frames)
  }

  /// Appends a line of JSON for each resource, in either format.
  package func encode(_ request: SignalRequest, into frames: inout FrameWriter) throws(EncodeError) {
    try request.appendLines(to: &frames)
  }

  private func encodeFlat(_ batch: borrowing LogBatch, into frames: inout FrameWriter) throws(EncodeError) {
    var layout = FlatLayout()
    layout.maxLineBytes = maxLineBytes
    var lines = FlatLineWriter(layout, records: batch.records.count)
    for index in batch.records.indices {
      let record = batch.records[index]
      if let reason = try lines.append(record, of: batch, to: &frames) {
        try FlatLineWriter.keep(record, of: batch, because: reason, as: layout, in: &frames)
      }
    }
    try frames.finish()
  }

  package var route: DialectRoute { .local }

  /// A status of 200...299 or 0 means that the lines were written; anything else that they can be written later.
  package func judge(_ answer: Answer, to body: UnsafeRawBufferPointer, records: Int) -> Verdict {
    LocalAnswer.judge(answer)
  }

  /// Nil: no body is too large for a file.
  package func middle(of body: UnsafeRawBufferPointer) -> Split? { nil }

  /// A line of `json` holds several records.
  package var bodyFormat: BodyFormat { format == .flat ? .jsonline : .text }
}
