import COTLP

/// A request that libprotobuf-c has unpacked, as text in the form that `BatchText` gives to a batch.
enum OracleText {
  typealias AnyValue = Opentelemetry__Proto__Common__V1__AnyValue
  typealias KeyValue = Opentelemetry__Proto__Common__V1__KeyValue
  typealias Record = Opentelemetry__Proto__Logs__V1__LogRecord

  static func text(of request: Opentelemetry__Proto__Collector__Logs__V1__ExportLogsServiceRequest) -> String {
    var text = ""
    for logs in list(request.resource_logs, request.n_resource_logs) {
      let resource = logs.resource?.pointee
      text += "R(\(string(logs.schema_url))|\(resource?.dropped_attributes_count ?? 0)|"
      text += pairs(list(resource?.attributes, resource?.n_attributes ?? 0)) + ")"
      for scopeLogs in list(logs.scope_logs, logs.n_scope_logs) {
        let scope = scopeLogs.scope?.pointee
        text += "S(\(string(scope?.name))|\(string(scope?.version))|\(string(scopeLogs.schema_url))|"
        text += "\(scope?.dropped_attributes_count ?? 0)|"
        text += pairs(list(scope?.attributes, scope?.n_attributes ?? 0)) + ")"
        for record in list(scopeLogs.log_records, scopeLogs.n_log_records) { text += self.text(of: record) }
      }
    }
    return text
  }

  private static func text(of record: Record) -> String {
    let traceID = octets(record.trace_id)
    let spanID = octets(record.span_id)
    let high = traceID.count == 16 ? bigEndian(traceID[..<8]) : 0
    let low = traceID.count == 16 ? bigEndian(traceID[8...]) : 0
    return "L(\(time(record.time_unix_nano))|\(time(record.observed_time_unix_nano))|"
      + "\(Int32(bitPattern: record.severity_number.rawValue))|"
      + "\(string(record.severity_text))|\(string(record.event_name))|"
      + "\(record.dropped_attributes_count)|\(record.flags)|\(high).\(low)|"
      + "\(spanID.count == 8 ? bigEndian(spanID[...]) : 0)|"
      + "\(value(record.body))|\(pairs(list(record.attributes, record.n_attributes))))"
  }

  private static func time(_ nanoseconds: UInt64) -> UInt64 { nanoseconds > UInt64(Int64.max) ? 0 : nanoseconds }

  private static func value(_ pointer: UnsafeMutablePointer<AnyValue>?) -> String {
    guard let value = pointer?.pointee else { return "-" }
    switch value.value_case.rawValue {
    case 1: return "s:\(string(value.string_value))"
    case 2: return "b:\(value.bool_value != 0)"
    case 3: return "i:\(value.int_value)"
    case 4: return "d:\(value.double_value.bitPattern)"
    case 5:
      let values = value.array_value?.pointee
      var text = "["
      for index in 0..<(values?.n_values ?? 0) { text += self.value(values?.values?[index]) + "," }
      return text + "]"
    case 6:
      let values = value.kvlist_value?.pointee
      return "{\(pairs(list(values?.values, values?.n_values ?? 0)))}"
    case 7: return "y:\(octets(value.bytes_value))"
    default: return "-"
    }
  }

  private static func pairs(_ entries: [KeyValue]) -> String {
    BatchText.lastOfEachKey(entries.map { (string($0.key), value($0.value)) })
  }

  private static func list<T>(_ base: UnsafeMutablePointer<UnsafeMutablePointer<T>?>?, _ count: Int) -> [T] {
    guard let base else { return [] }
    return (0..<count).compactMap { base[$0]?.pointee }
  }

  private static func string(_ text: UnsafeMutablePointer<CChar>?) -> String {
    text.map { String(cString: $0) } ?? ""
  }

  private static func octets(_ data: ProtobufCBinaryData) -> [UInt8] {
    Array(UnsafeBufferPointer(start: data.data, count: data.data == nil ? 0 : data.len))
  }

  private static func bigEndian(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
}
