/// A record that somebody looks at, as an `ExportLogsServiceRequest` of its own.
package enum TappedRecord: Sendable, Equatable {
  case passing([UInt8])
  /// As a processor found it, and as it left it; nil if it has removed it.
  case around(before: [UInt8], after: [UInt8]?)

  /// Bytes of memory that it takes.
  package var byteCount: Int {
    switch self {
    case .passing(let bytes): bytes.count &+ Self.overheadBytes
    case .around(let before, let after): before.count &+ (after?.count ?? 0) &+ Self.overheadBytes
    }
  }

  /// What a record takes beside its bytes.
  static let overheadBytes = 128
}

extension LogBatch {
  /// A record with its resource and scope as a request, if there is room for it; none is found before any is written.
  borrowing func request(of record: LogRecord, room: Int) throws(EncodeError) -> [UInt8] {
    let bytes = wireBytes(of: record)
    guard bytes <= room else { throw .tooLarge(bytes: bytes, limitBytes: room) }
    var frames = FrameWriter(maxBytes: room)
    var encoder = OTLPEncoder()
    try encoder.append(record, of: self, to: &frames)
    try encoder.finish(self, in: &frames)
    return frames.bytes.array
  }

  /// About how many bytes a record with its resource and scope comes to in OTLP's protobuf.
  private borrowing func wireBytes(of record: LogRecord) -> Int {
    let scope = scopes[Int(record.scope)]
    let resource = resources[Int(scope.resource)]
    var bytes = 256 &+ Int(record.severityText.count) &+ Int(record.eventName.count) &+ wireBytes(of: record.body)
    bytes &+= Int(scope.name.count) &+ Int(scope.version.count) &+ Int(scope.schemaURL.count)
    bytes &+= Int(resource.schemaURL.count) &+ Int(resource.entityRefs.count)
    for range in [record.attributes, scope.attributes, resource.attributes] where !range.isEmpty {
      for index in range.indices { bytes &+= wireBytes(of: attributes[index]) }
    }
    return bytes
  }

  private borrowing func wireBytes(of entry: Attribute) -> Int {
    Int(entry.key.count) &+ wireBytes(of: entry.value) &+ 8
  }

  /// Nesting is bounded.
  private borrowing func wireBytes(of value: Value) -> Int {
    switch value.kind {
    case .string, .bytes: return Int(value.slice.count) &+ 8
    case .array, .map:
      var bytes = 16
      if !value.entries.isEmpty { for index in value.entries.indices { bytes &+= wireBytes(of: nested[index]) } }
      return bytes
    case .empty, .bool, .int, .double: return 16
    }
  }
}
