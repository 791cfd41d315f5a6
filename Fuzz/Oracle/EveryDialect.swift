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
      switch encoding {
      case .protobuf: try batch.decode(protobuf: body, limits: DecodeLimits())
      case .json: try batch.decode(json: body, limits: DecodeLimits())
      }
    } catch {
      return 0
    }
    var bytes = 0
    for dialect in dialects {
      var frames = FrameWriter(frameBytes: 1024)
      try? dialect.encode(batch, into: &frames)
      bytes += frames.bytes.count
    }
    return bytes
  }
}
