/// Measures the rows that VictoriaLogs makes of OTLP records, so that none is sent that it would drop in silence.
///
/// Counts fields and bytes as the server does: nested maps flattened with dots, arrays as JSON text, for each field
/// that has a value its name and value with six bytes of punctuation, and `baseBytes` for the row. Counted are the
/// fields of any version of it.
struct RowMeter: ~Copyable {
  /// Bytes that the server counts for braces and time.
  static let baseBytes = 48

  /// What the fields of a row add up to.
  struct Size: Equatable {
    var fields = 0
    var bytes = 0
    var longestName = 0

    @inline(__always)
    mutating func add(name: Int, value: Int) {
      fields &+= 1
      if value > 0 { bytes &+= name &+ value &+ 6 }
      longestName = max(longestName, name)
    }
  }

  /// How many bytes names start with, and how deep the attributes lie that have them: 1 outside of any map.
  private struct Prefix {
    var bytes: Int
    var depth = 1
  }

  private let options: VictoriaLogsOptions
  private let resourcePrefix: Prefix
  private let attributePrefix: Prefix
  private var resource = Size()
  private var resourceIndex: UInt32?
  /// The resource and scope of the records that are being measured.
  private var shared = Size()
  private var scopeIndex: UInt32?
  /// What is being measured.
  private var size = Size()
  /// Scratch for values whose length shows only when they are written.
  private var text = ByteWriter(capacityBytes: 512)

  init(_ options: VictoriaLogsOptions) {
    self.options = options
    resourcePrefix = Prefix(bytes: options.resourcePrefix.utf8.count)
    attributePrefix = Prefix(bytes: options.attributePrefix.utf8.count)
  }

  /// Why the server would drop the record; nil if it takes it.
  mutating func problem(with record: LogRecord, of batch: borrowing LogBatch) -> DropReason? {
    if scopeIndex != record.scope { share(record.scope, of: batch) }
    size = shared
    addOwn(record, of: batch)
    if size.longestName > options.maxFieldNameBytes { return .fieldNameTooLong }
    if size.fields > options.maxFields { return .tooManyFields }
    return size.bytes &+ Self.baseBytes > VictoriaLogsOptions.maxRowBytes ? .lineTooLong : nil
  }

  private mutating func share(_ index: UInt32, of batch: borrowing LogBatch) {
    let scope = batch.scopes[Int(index)]
    if resourceIndex != scope.resource {
      let attributes = batch.resources[Int(scope.resource)].attributes
      size = Size()
      add(attributes, under: resourcePrefix, of: batch)
      resource = size
      resourceIndex = scope.resource
    }
    size = resource
    size.add(name: "scope.name".utf8.count, value: max(Int(scope.name.count), "unknown".utf8.count))
    size.add(name: "scope.version".utf8.count, value: max(Int(scope.version.count), "unknown".utf8.count))
    add(scope.attributes, under: Prefix(bytes: "scope.attributes.".utf8.count), of: batch)
    shared = size
    scopeIndex = index
  }

  private mutating func addOwn(_ record: LogRecord, of batch: borrowing LogBatch) {
    if record.body.kind == .map {
      addMembers(of: record.body, under: Prefix(bytes: 0, depth: 2), of: batch)
    } else {
      let value = record.body.kind == .empty ? 0 : valueBytes(record.body, of: batch)
      size.add(name: "_msg".utf8.count, value: value)
    }
    size.add(name: "severity_text".utf8.count, value: Int(record.severityText.count))
    size.add(name: "severity_number".utf8.count, value: 2)
    if !record.traceID.isNone { size.add(name: "trace_id".utf8.count, value: 32) }
    if record.spanID != 0 { size.add(name: "span_id".utf8.count, value: 16) }
    if !record.eventName.isEmpty { size.add(name: "event_name".utf8.count, value: Int(record.eventName.count)) }
    add(record.attributes, under: attributePrefix, of: batch)
  }

  @inline(__always)
  private mutating func add(_ entries: EntryRange, under prefix: Prefix, of batch: borrowing LogBatch) {
    for index in entries.indices { add(batch.attributes[index], under: prefix, of: batch) }
  }

  @inline(__always)
  private mutating func add(_ entry: Attribute, under prefix: Prefix, of batch: borrowing LogBatch) {
    let name = prefix.bytes &+ Int(entry.key.count)
    if entry.value.kind == .empty { return }
    if entry.value.kind == .map && prefix.depth <= options.flattenDepth {
      let inner = Prefix(bytes: name == 0 ? 0 : name &+ 1, depth: prefix.depth &+ 1)
      addMembers(of: entry.value, under: inner, of: batch)
    } else {
      size.add(name: name, value: valueBytes(entry.value, of: batch))
    }
  }

  private mutating func addMembers(of map: Value, under prefix: Prefix, of batch: borrowing LogBatch) {
    for index in map.entries.indices { add(batch.nested[index], under: prefix, of: batch) }
  }

  @inline(__always)
  private mutating func valueBytes(_ value: Value, of batch: borrowing LogBatch) -> Int {
    switch value.kind {
    case .string: return Int(value.slice.count)
    case .bytes: return (Int(value.slice.count) &+ 2) / 3 &* 4
    case .bool: return 5
    case .empty, .int, .double, .array, .map:
      text.removeAll()
      text.appendJSONText(value, of: batch)
      return text.count
    }
  }
}
