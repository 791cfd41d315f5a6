/// A request as frames.
extension SignalRequest {
  /// Appends the pieces as they are; a frame ends between two of them.
  func appendPieces(to frames: inout FrameWriter) throws(EncodeError) {
    for piece in pieces {
      withBytes(of: piece) { frames.bytes.append($0) }
      try frames.endRecords(piece.records)
    }
    try frames.finish()
  }

  /// Appends each piece as a line of OTLP's JSON; a frame ends between two of them.
  func appendLines(to frames: inout FrameWriter) throws(EncodeError) {
    for piece in pieces {
      appendLine(piece, to: &frames.bytes)
      try frames.endRecords(piece.records)
    }
    try frames.finish()
  }

  /// Appends each piece as a line of OTLP's JSON.
  func appendLines(to bytes: inout ByteWriter) {
    for piece in pieces { appendLine(piece, to: &bytes) }
  }

  private func appendLine(_ piece: BodyFormat.Piece, to bytes: inout ByteWriter) {
    guard let schema = WireSchema.of(signal) else { return }
    withBytes(of: piece) { ProtobufToJSON(schema: schema).appendLine($0, to: &bytes) }
  }
}
