import LogPipeline

/// Writes the records of a case as a request in OTLP's JSON, so that they come in as those of senders do.
enum CaseRequest {
  /// A request of records, neighbours of one resource and scope together.
  static func bytes(of records: [Constant]) -> [UInt8] {
    var json = ByteWriter()
    json.append("{\"resourceLogs\":[")
    for (index, record) in records.enumerated() {
      let before = index > 0 ? records[index - 1] : nil
      if let before, before["resource"] == record["resource"], before["scope"] == record["scope"] {
        json.append(",")
      } else {
        if before != nil { json.append("]}]},") }
        json.append("{\"resource\":{")
        appendAttributes(record["resource"], to: &json)
        json.append("},\"scopeLogs\":[{\"scope\":{")
        appendScope(record["scope"], to: &json)
        json.append("},\"logRecords\":[")
      }
      append(record, to: &json)
    }
    json.append(text: records.isEmpty ? "]}" : "]}]}]}")
    return json.array
  }

  /// A request that the case spells out, as text or as the same structure in YAML.
  static func bytes(of request: Constant) -> [UInt8] {
    if case .string(let text) = request { return Array(text.utf8) }
    var json = ByteWriter()
    appendPlain(request, to: &json)
    return json.array
  }

  private static func append(_ record: Constant, to json: inout ByteWriter) {
    json.append("{")
    for (field, name) in [
      ("severity", "severityText"), ("event_name", "eventName"), ("trace_id", "traceId"), ("span_id", "spanId"),
      ("severity_number", "severityNumber"), ("time_unix_nano", "timeUnixNano"),
      ("observed_time_unix_nano", "observedTimeUnixNano"), ("flags", "flags"),
    ] {
      guard let value = record[field] else { continue }
      json.append(text: "\"\(name)\":")
      appendPlain(value, to: &json)
      json.append(",")
    }
    json.append("\"body\":")
    appendValue(record["body"] ?? .empty, to: &json)
    json.append(",")
    appendAttributes(record["attributes"], to: &json)
    json.append("}")
  }

  private static func appendScope(_ scope: Constant?, to json: inout ByteWriter) {
    for name in ["name", "version"] {
      guard let value = scope?[name] else { continue }
      json.append(text: "\"\(name)\":")
      appendPlain(value, to: &json)
      json.append(",")
    }
    appendAttributes(scope?["attributes"], to: &json)
  }

  private static func appendAttributes(_ attributes: Constant?, to json: inout ByteWriter) {
    json.append("\"attributes\":[")
    appendMembers(attributes, to: &json)
    json.append("]")
  }

  private static func appendMembers(_ map: Constant?, to json: inout ByteWriter) {
    guard case .map(let members) = map else { return }
    for (index, member) in members.enumerated() {
      json.append(text: index > 0 ? ",{\"key\":" : "{\"key\":")
      append(member.key, to: &json)
      json.append(",\"value\":")
      appendValue(member.value, to: &json)
      json.append("}")
    }
  }

  /// An `AnyValue` in OTLP's JSON.
  private static func appendValue(_ value: Constant, to json: inout ByteWriter) {
    switch value {
    case .empty: json.append("{")
    case .string: json.append("{\"stringValue\":")
    case .bool: json.append("{\"boolValue\":")
    case .int: json.append("{\"intValue\":")
    case .double: json.append("{\"doubleValue\":")
    case .array(let items):
      json.append("{\"arrayValue\":{\"values\":[")
      for (index, item) in items.enumerated() {
        if index > 0 { json.append(",") }
        appendValue(item, to: &json)
      }
      return json.append("]}}")
    case .map:
      json.append("{\"kvlistValue\":{\"values\":[")
      appendMembers(value, to: &json)
      return json.append("]}}")
    }
    if value != .empty { appendPlain(value, to: &json) }
    json.append("}")
  }

  /// A value as the JSON that looks like it.
  static func appendPlain(_ value: Constant, to json: inout ByteWriter) {
    switch value {
    case .empty: json.append("null")
    case .string(let text): append(text, to: &json)
    case .bool(let value): json.appendJSON(value)
    case .int(let value): json.appendDecimal(value)
    case .double(let value): json.appendJSON(value)
    case .array(let items):
      for (index, item) in items.enumerated() {
        json.append(text: index > 0 ? "," : "[")
        appendPlain(item, to: &json)
      }
      json.append(text: items.isEmpty ? "[]" : "]")
    case .map(let members):
      for (index, member) in members.enumerated() {
        json.append(text: index > 0 ? "," : "{")
        append(member.key, to: &json)
        json.append(":")
        appendPlain(member.value, to: &json)
      }
      json.append(text: members.isEmpty ? "{}" : "}")
    }
  }

  private static func append(_ text: String, to json: inout ByteWriter) {
    var text = text
    text.withUTF8 { json.appendJSON(string: UnsafeRawBufferPointer($0)) }
  }
}

extension Constant {
  /// The member of a map; nil if this is no map or has none.
  subscript(key: String) -> Constant? {
    guard case .map(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }
}
