/// Writes records as lines that each are an `ExportLogsServiceRequest` in JSON (OTLP specification, JSON Protobuf
/// Encoding): ids in hexadecimal, 64-bit integers as strings, enums as numbers, bytes in base64.
///
/// A line holds one `ResourceLogs` and ends where a frame does.
struct OTLPJSONEncoder: ~Copyable {
  private var group: OpenGroup?
  private var times = TimestampWriter()

  private struct OpenGroup {
    var resource: UInt32
    var scope: UInt32
  }

  /// Appends a record and ends it.
  mutating func append(
    _ record: LogRecord, of batch: borrowing LogBatch, to frames: inout FrameWriter
  ) throws(EncodeError) {
    if group?.scope == record.scope {
      frames.bytes.append(UInt8(ascii: ","))
    } else {
      open(record.scope, of: batch, in: &frames.bytes)
    }
    frames.bytes.appendOTLPJSON(record, of: batch, times: &times)
    if frames.isFrameFull { close(of: batch, in: &frames.bytes) }
    try frames.endRecord()
  }

  /// Ends the last line and the last frame.
  mutating func finish(_ batch: borrowing LogBatch, in frames: inout FrameWriter) throws(EncodeError) {
    close(of: batch, in: &frames.bytes)
    try frames.finish()
  }

  private mutating func open(_ scope: UInt32, of batch: borrowing LogBatch, in bytes: inout ByteWriter) {
    let resource = batch.scopes[Int(scope)].resource
    if let group, group.resource == resource {
      closeScope(group, of: batch, in: &bytes)
      bytes.append(UInt8(ascii: ","))
    } else {
      close(of: batch, in: &bytes)
      bytes.append("{\"resourceLogs\":[{\"resource\":")
      bytes.appendOTLPJSON(batch.resources[Int(resource)], of: batch)
      bytes.append(",\"scopeLogs\":[")
    }
    bytes.append("{\"scope\":")
    bytes.appendOTLPJSON(batch.scopes[Int(scope)], of: batch)
    bytes.append(",\"logRecords\":[")
    group = OpenGroup(resource: resource, scope: scope)
  }

  private func closeScope(_ group: OpenGroup, of batch: borrowing LogBatch, in bytes: inout ByteWriter) {
    bytes.append(UInt8(ascii: "]"))
    bytes.appendMember("schemaUrl", batch.scopes[Int(group.scope)].schemaURL, batch.store.span.bytes)
    bytes.append(UInt8(ascii: "}"))
  }

  private mutating func close(of batch: borrowing LogBatch, in bytes: inout ByteWriter) {
    guard let group else { return }
    closeScope(group, of: batch, in: &bytes)
    bytes.append(UInt8(ascii: "]"))
    bytes.appendMember("schemaUrl", batch.resources[Int(group.resource)].schemaURL, batch.store.span.bytes)
    bytes.append("}]}\n")
    self.group = nil
  }
}
