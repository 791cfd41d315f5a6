/// `processors.required_attributes`: marks, drops or rejects records that lack what every record should have.
package struct RequiredAttributesProcessor: Processor {
  /// What becomes of a record that lacks something.
  package enum Action: String, Sendable, CaseIterable {
    /// It gets an attribute that names what it lacks, separated by commas.
    case mark
    case drop
    /// Its sender is told that it was rejected, and what it may lack.
    case reject
  }

  package let id: String
  private let options: RequiredAttributesOptions
  private let keys: [[UInt8]]
  private let markKey: [UInt8]
  private let rejection: String

  package init(id: String, options: RequiredAttributesOptions) {
    self.id = id
    self.options = options
    keys = options.keys.map { Array($0.utf8) }
    markKey = Array(options.markKey.utf8)
    let wanted = options.keys + (options.needsTraceID ? ["trace_id"] : [])
    rejection = "\(id): without \(wanted.joined(separator: " or "))"
  }

  package func process(_ batch: inout LogBatch, of request: inout RequestContext) {
    switch options.action {
    case .mark: mark(&batch)
    case .drop: batch.keepRecords(complete(in: batch))
    case .reject: batch.rejectRecords(exceptWhere: complete(in: batch), because: rejection, of: &request)
    }
  }

  /// For each record whether it lacks nothing.
  private func complete(in batch: borrowing LogBatch) -> [Bool] {
    var complete = [Bool](repeating: true, count: batch.records.count)
    for index in complete.indices { complete[index] = isComplete(batch.records[index], in: batch) }
    return complete
  }

  private func isComplete(_ record: LogRecord, in batch: borrowing LogBatch) -> Bool {
    if options.needsTraceID && record.traceID.isNone { return false }
    return keys.allSatisfy { has($0, record, in: batch) }
  }

  private func has(_ key: [UInt8], _ record: LogRecord, in batch: borrowing LogBatch) -> Bool {
    let resource = batch.resources[Int(batch.scopes[Int(record.scope)].resource)]
    return key.withUnsafeBytes { key in
      for attributes in [record.attributes, resource.attributes] {
        guard let found = AttributeEditor(attributes).index(of: key, in: batch) else { continue }
        let value = batch.attributes[found].value
        if value.kind != .empty && !(value.kind == .string && value.slice.isEmpty) { return true }
      }
      return false
    }
  }

  private func mark(_ batch: inout LogBatch) {
    var storedKey: ByteSlice?
    var scratch = ByteWriter(capacityBytes: 256)
    for index in batch.records.indices where !isComplete(batch.records[index], in: batch) {
      let record = batch.records[index]
      scratch.removeAll()
      for key in keys where !has(key, record, in: batch) { scratch.append(item: key) }
      if options.needsTraceID && record.traceID.isNone { scratch.append(item: Self.traceID) }
      storedKey = storedKey ?? batch.store(markKey)
      guard let storedKey, let text = batch.store(scratch) else { return }
      var editor = AttributeEditor(record.attributes)
      editor.set(Attribute(key: storedKey, value: .string(text)), in: &batch)
      batch.records[index].attributes = editor.range
    }
  }

  private static let traceID = Array("trace_id".utf8)
}

extension ByteWriter {
  /// Appends one item of a list that is separated by commas.
  fileprivate mutating func append(item: [UInt8]) {
    if count > 0 { append(UInt8(ascii: ",")) }
    append(item)
  }
}
