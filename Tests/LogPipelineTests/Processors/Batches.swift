import LogPipeline

extension LogBatch {
  /// A batch of one resource and one scope, decoded from messages.
  static func decoded(
    resource: Message = Message(), scope: Message = Message(), _ records: Message...
  ) throws -> LogBatch {
    var scopeLogs = Message.message(1, scope)
    for record in records { scopeLogs = scopeLogs + Message.message(2, record) }
    return try decoded(
      request: Message.message(1, Message(Message.message(1, resource), Message.message(2, scopeLogs))))
  }

  /// A batch decoded from an `ExportLogsServiceRequest`.
  static func decoded(request: Message) throws -> LogBatch {
    var batch = LogBatch()
    try batch.decode(protobuf: request.bytes, limits: DecodeLimits())
    return batch
  }

  /// The attributes of each record.
  var recordAttributes: [[Readable.Pair]] { records.map { readable($0.attributes) } }
  /// The attributes of each resource.
  var resourceAttributes: [[Readable.Pair]] { resources.map { readable($0.attributes) } }
  /// The bodies of the records.
  var bodies: [Readable] { records.map { readable($0.body) } }
}

/// The attributes of a record, scope or resource, as fields of the number that it has in its message.
func attributes(_ field: UInt64, _ pairs: [(String, Message)]) -> Message {
  pairs.reduce(Message()) { $0 + Message.message(field, Message.pair($1.0, $1.1)) }
}

/// A `LogRecord` with these attributes.
func record(_ pairs: (String, Message)..., body: String = "", severity: UInt64 = 0, text: String = "") -> Message {
  var record = attributes(6, pairs)
  if !body.isEmpty { record = record + Message.message(5, Message.text(body)) }
  if severity > 0 { record = record + Message.int(2, severity) }
  return text.isEmpty ? record : record + Message.string(3, text)
}

/// A `Resource` with these attributes.
func resource(_ pairs: (String, Message)...) -> Message { attributes(1, pairs) }

extension Message {
  /// `AnyValue.int_value`.
  static func number(_ value: Int64) -> Message { integer(value) }
  /// `AnyValue.array_value`.
  static func array(_ items: Message...) -> Message { list(items) }
  /// `AnyValue.kvlist_value`.
  static func map(_ pairs: (String, Message)...) -> Message { map(pairs.map { pair($0.0, $0.1) }) }
}
