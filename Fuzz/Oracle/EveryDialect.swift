package import LogPipeline

/// Sends a request through every dialect, for what only a sanitizer or a crash would show.
package struct EveryDialect {
  private let dialects: [any Dialect]

  package init() {
    var dialects: [any Dialect] = [
      OTLPDialect(transport: .grpc), FileDialect(), FileDialect(format: .flat), DebugDialect(verbosity: .detailed),
      VictoriaLogsDialect(VictoriaLogsOptions()),
    ]
    for mode in ElasticsearchOptions.MappingMode.allCases {
      var options = ElasticsearchOptions()
      options.mappingMode = mode
      if let dialect = try? ElasticsearchDialect(options) { dialects.append(dialect) }
    }
    self.dialects = dialects
  }

  /// Decodes a body and encodes what it holds; returns how many bytes came out of all dialects.
  package func encode(_ body: [UInt8], as encoding: BodyEncoding) -> Int {
    var batch = LogBatch()
    batch.receivedUnixNano = 1_700_000_000_000_000_000
    do {
      try batch.decode(body, as: encoding)
    } catch {
      return 0
    }
    return encode(batch)
  }

  /// Encodes a batch; returns how many bytes came out of all dialects.
  package func encode(_ batch: borrowing LogBatch) -> Int {
    var bytes = 0
    for dialect in dialects {
      var frames = FrameWriter(frameBytes: 1024)
      try? dialect.encode(batch, into: &frames)
      bytes += frames.bytes.count
    }
    return bytes
  }
}

extension LogBatch {
  /// Decodes a body within the limits that receivers have by default.
  mutating func decode(_ body: [UInt8], as encoding: BodyEncoding) throws(DecodeError) {
    switch encoding {
    case .protobuf: try decode(protobuf: body, limits: DecodeLimits())
    case .json: try decode(json: body, limits: DecodeLimits())
    }
  }
}
