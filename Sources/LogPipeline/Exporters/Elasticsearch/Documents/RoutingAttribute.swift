/// The attributes that instruct this exporter; they are never part of a document, at whatever level they stand.
enum RoutingAttribute {
  case dataset, namespace, type, index, documentID, pipeline, hints, mappingMode

  /// The instruction that a key stands for, if it is one.
  static func of(_ key: RawSpan) -> RoutingAttribute? {
    switch key.byteCount {
    case 16: key.isEqual(to: "data_stream.type") ? .type : nil
    case 19:
      key.isEqual(to: "data_stream.dataset") ? .dataset : key.isEqual(to: "elasticsearch.index") ? .index : nil
    case 20: key.isEqual(to: "elastic.mapping.mode") ? .mappingMode : nil
    case 21: key.isEqual(to: "data_stream.namespace") ? .namespace : nil
    case 25: key.isEqual(to: "elasticsearch.document_id") ? .documentID : nil
    case 27: key.isEqual(to: "elasticsearch.mapping.hints") ? .hints : nil
    case 29: key.isEqual(to: "elasticsearch.ingest_pipeline") ? .pipeline : nil
    default: nil
    }
  }
}

/// What the routing attributes of one level say, as slices of the batch's store; an empty slice says nothing.
struct RoutingValues {
  var dataset = ByteSlice.empty
  var namespace = ByteSlice.empty
  var type = ByteSlice.empty
  var index = ByteSlice.empty
  var documentID = ByteSlice.empty
  var pipeline = ByteSlice.empty
  /// The tenant of the resource, which no attribute says.
  var tenant = ByteSlice.empty
  /// The hints hold `_noindex`: the sender does not want the record indexed.
  var isNotIndexed = false

  init() {}

  /// Reads a level's attributes; of a key that repeats the last counts, and only strings do.
  init(_ attributes: EntryRange, of batch: borrowing LogBatch) {
    let store = batch.store.span.bytes
    for index in attributes.indices {
      let attribute = batch.attributes[index]
      guard let instruction = RoutingAttribute.of(store.extracting(attribute.key.range)) else { continue }
      let value = attribute.value
      let text = value.kind == .string ? value.slice : .empty
      switch instruction {
      case .dataset: dataset = text
      case .namespace: namespace = text
      case .type: type = text
      case .index: self.index = text
      case .documentID: documentID = text
      case .pipeline: pipeline = text
      case .hints: isNotIndexed = Self.forbidsIndexing(value, batch)
      case .mappingMode: break
      }
    }
  }

  private static func forbidsIndexing(_ hints: Value, _ batch: borrowing LogBatch) -> Bool {
    let store = batch.store.span.bytes
    guard hints.kind == .array else { return false }
    for index in hints.entries.indices {
      let hint = batch.nested[index].value
      if hint.kind == .string && store.extracting(hint.slice.range).isEqual(to: "_noindex") { return true }
    }
    return false
  }

  /// Whether the level says where its records go.
  var routes: Bool { !(dataset.isEmpty && namespace.isEmpty && index.isEmpty && type.isEmpty) }

  /// These values, and where they say nothing those of the level outside.
  func over(_ outer: RoutingValues) -> RoutingValues {
    var values = self
    if dataset.isEmpty { values.dataset = outer.dataset }
    if namespace.isEmpty { values.namespace = outer.namespace }
    if type.isEmpty { values.type = outer.type }
    if index.isEmpty { values.index = outer.index }
    values.tenant = outer.tenant
    return values
  }
}

extension RawSpan {
  /// Whether the bytes are those of a constant.
  @inline(__always)
  func isEqual(to text: StaticString) -> Bool {
    guard byteCount == text.utf8CodeUnitCount else { return false }
    return withUnsafeBytes { bytes in
      guard let bytes = bytes.baseAddress else { return true }
      return UnsafeRawPointer.sharedBytes(bytes, UnsafeRawPointer(text.utf8Start), byteCount) == byteCount
    }
  }

  /// Whether the bytes are the same as others.
  @inline(__always)
  func isEqual(to other: RawSpan) -> Bool {
    guard byteCount == other.byteCount else { return false }
    return withUnsafeBytes { left in
      other.withUnsafeBytes { right in
        guard let left = left.baseAddress, let right = right.baseAddress else { return true }
        return UnsafeRawPointer.sharedBytes(left, right, byteCount) == byteCount
      }
    }
  }

  /// Whether the bytes end with a constant.
  func hasSuffix(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    return byteCount >= count && extracting(last: count).isEqual(to: text)
  }
}
