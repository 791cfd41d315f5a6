import LogPipeline

/// A batch as text in the form that `OracleText` gives to the same request.
enum BatchText {
  static func text(of batch: borrowing LogBatch) -> String {
    var text = ""
    for resource in batch.resources.indices { append(resource: resource, of: batch, to: &text) }
    return text
  }

  private static func append(resource index: Int, of batch: borrowing LogBatch, to text: inout String) {
    let resource = batch.resources[index]
    text += "R(\(string(resource.schemaURL, batch))|\(resource.droppedAttributesCount)|"
    text += attributes(resource.attributes, batch) + ")"
    for scope in batch.scopes.indices where batch.scopes[scope].resource == index {
      append(scope: scope, of: batch, to: &text)
    }
  }

  private static func append(scope index: Int, of batch: borrowing LogBatch, to text: inout String) {
    let scope = batch.scopes[index]
    text += "S(\(string(scope.name, batch))|\(string(scope.version, batch))|\(string(scope.schemaURL, batch))|"
    text += "\(scope.droppedAttributesCount)|\(attributes(scope.attributes, batch)))"
    for record in batch.records where record.scope == index {
      text += "L(\(record.timeUnixNano)|\(record.observedTimeUnixNano)|\(record.severityNumber)|"
      text += "\(string(record.severityText, batch))|\(string(record.eventName, batch))|"
      text += "\(record.droppedAttributesCount)|\(record.flags)|"
      text += "\(record.traceID.high).\(record.traceID.low)|\(record.spanID)|"
      text += "\(value(record.body, batch))|\(attributes(record.attributes, batch)))"
    }
  }

  private static func attributes(_ range: EntryRange, _ batch: borrowing LogBatch) -> String {
    pairs(batch.attributes[range.indices], batch)
  }

  private static func pairs(_ entries: ArraySlice<Attribute>, _ batch: borrowing LogBatch) -> String {
    lastOfEachKey(entries.map { (string($0.key, batch), value($0.value, batch)) })
  }

  /// Pairs as text; of those whose keys are the same up to a NUL byte the last.
  static func lastOfEachKey(_ pairs: [(key: String, value: String)]) -> String {
    var places: [String: Int] = [:]
    for (place, pair) in pairs.enumerated() { places[pair.key] = place }
    return pairs.enumerated().filter { places[$1.key] == $0 }.map { "\($1.key)=\($1.value);" }.joined()
  }

  private static func value(_ value: Value, _ batch: borrowing LogBatch) -> String {
    switch value.kind {
    case .empty: return "-"
    case .string: return "s:\(string(value.slice, batch))"
    case .bool: return "b:\(value.boolValue)"
    case .int: return "i:\(value.intValue)"
    case .double: return "d:\(value.doubleValue.bitPattern)"
    case .bytes: return "y:\(Array(batch.store[value.slice.range]))"
    case .map: return "{\(pairs(batch.nested[value.entries.indices], batch))}"
    case .array:
      var text = "["
      for entry in batch.nested[value.entries.indices] { text += self.value(entry.value, batch) + "," }
      return text + "]"
    }
  }

  /// A string up to its first NUL byte.
  private static func string(_ slice: ByteSlice, _ batch: borrowing LogBatch) -> String {
    String(decoding: batch.store[slice.range].prefix { $0 != 0 }, as: UTF8.self)
  }
}
