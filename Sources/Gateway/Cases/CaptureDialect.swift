import LogExport
import LogPipeline
import Options
import Synchronization

/// Stands in for what an exporter speaks and keeps the records it was to encode, for tests of pipelines.
final class CaptureDialect: Dialect {
  private let captured = Mutex<[Constant]>([])

  /// The records so far, each with the fields of a case's record that it has.
  var records: [Constant] { captured.withLock { $0 } }

  func encode(_ batch: borrowing LogBatch, into frames: inout FrameWriter) throws(EncodeError) {
    var records: [Constant] = []
    for index in batch.records.indices { records.append(Constant(record: batch.records[index], of: batch)) }
    captured.withLock { $0 += records }
    try frames.endRecords(batch.records.count)
    try frames.finish()
  }

  var route: DialectRoute { .discard }

  func judge(_ answer: Answer, to body: UnsafeRawBufferPointer, records: Int) -> Verdict { .delivered(duplicates: 0) }

  func middle(of body: UnsafeRawBufferPointer) -> Split? { nil }
}

/// An exporter that keeps records in memory; nothing of it reaches a network or a disk.
struct CaptureOptions: ExporterOptions {
  static let doc = "Memory, for tests of pipelines."

  let dialect = CaptureDialect()
  var delivery: DeliveryOptions { DeliveryOptions() }
  var frameFormat: String { "capture" }

  init(_ options: ConfigReader) {}
  init() {}

  func makeDialect() throws -> any Dialect { dialect }

  func makeSender(id: String, of parts: SenderParts) throws -> any Sender { DiscardSender() }
}

extension Constant {
  /// A record with its resource and scope; what is unset or empty is left out.
  fileprivate init(record: LogRecord, of batch: borrowing LogBatch) {
    let scope = batch.scopes[Int(record.scope)]
    let resource = batch.resources[Int(scope.resource)]
    var fields = Members()
    fields.add("resource", Constant(attributes: resource.attributes, of: batch))
    var scopeFields = Members()
    scopeFields.add("name", Constant(text: scope.name, of: batch))
    scopeFields.add("version", Constant(text: scope.version, of: batch))
    scopeFields.add("attributes", Constant(attributes: scope.attributes, of: batch))
    fields.add("scope", .map(scopeFields.members))
    fields.add("severity", Constant(text: record.severityText, of: batch))
    fields.add("event_name", Constant(text: record.eventName, of: batch))
    fields.add("trace_id", record.traceID.isNone ? .empty : .hex(record.traceID))
    fields.add("span_id", record.spanID == 0 ? .empty : .hex(record.spanID))
    fields.add("severity_number", .int(Int64(record.severityNumber)))
    fields.add("time_unix_nano", .int(Int64(clamping: record.timeUnixNano)))
    fields.add("observed_time_unix_nano", .int(Int64(clamping: record.observedTimeUnixNano)))
    fields.add("flags", .int(Int64(record.flags)))
    fields.add("body", Constant(record.body, of: batch), keepsZero: true)
    fields.add("attributes", Constant(attributes: record.attributes, of: batch))
    self = .map(fields.members)
  }

  private struct Members {
    var members: [Member] = []

    mutating func add(_ name: String, _ value: Constant, keepsZero: Bool = false) {
      if value == .empty || value == .map([]) { return }
      if !keepsZero && (value == .int(0) || value == .string("")) { return }
      members.append(Member(name, value))
    }
  }

  private init(text slice: ByteSlice, of batch: borrowing LogBatch) {
    self = .string(String(decoding: batch.store[slice.range], as: UTF8.self))
  }

  private init(attributes range: EntryRange, of batch: borrowing LogBatch) {
    self = .map(Self.members(batch.attributes[range.indices], of: batch))
  }

  /// A value; bytes are shown in base64.
  private init(_ value: Value, of batch: borrowing LogBatch) {
    switch value.kind {
    case .empty: self = .empty
    case .string: self.init(text: value.slice, of: batch)
    case .bool: self = .bool(value.boolValue)
    case .int: self = .int(value.intValue)
    case .double: self = .double(value.doubleValue)
    case .bytes:
      var text = ByteWriter()
      batch.store.span.bytes.extracting(value.slice.range).withUnsafeBytes { text.appendBase64($0) }
      self = .string(String(decoding: text.array, as: UTF8.self))
    case .array: self = .array(Self.members(batch.nested[value.entries.indices], of: batch).map(\.value))
    case .map: self = .map(Self.members(batch.nested[value.entries.indices], of: batch))
    }
  }

  private static func members(_ entries: ArraySlice<Attribute>, of batch: borrowing LogBatch) -> [Member] {
    var members: [Member] = []
    for entry in entries {
      let key = String(decoding: batch.store[entry.key.range], as: UTF8.self)
      members.append(Member(key, Constant(entry.value, of: batch)))
    }
    return members
  }

  private static func hex(_ id: TraceID) -> Constant {
    var text = ByteWriter()
    text.appendHex(id)
    return .string(String(decoding: text.array, as: UTF8.self))
  }

  private static func hex(_ id: UInt64) -> Constant {
    var text = ByteWriter()
    text.appendHex(id)
    return .string(String(decoding: text.array, as: UTF8.self))
  }
}
