extension LogBatch {
  /// Decodes an `ExportLogsServiceRequest` in OTLP's JSON mapping into this batch, which must be empty.
  package mutating func decode(json body: consuming [UInt8], limits: DecodeLimits) throws(DecodeError) {
    throw DecodeError(.malformed("JSON is not decoded yet"), at: 0)
  }
}
