import LogPipeline

/// Writes records as lines of JSON in the way of VictoriaLogs: one flat object each, all values strings.
package struct RecordLineWriter: ~Copyable {
  private let fields = StoredFields()
  private var times = TimestampWriter()
  private var bytes = ByteWriter(capacityBytes: 16 << 10)
  /// The fields that are written; nil for all.
  private let only: Set<String>?

  package init(fields only: [String]? = nil) { self.only = only.map { Set($0) } }

  package var byteCount: Int { bytes.count }
  /// What was written.
  package var array: [UInt8] { bytes.array }

  package mutating func removeAll() { bytes.removeAll() }

  /// Appends a record: `_time`, `_stream_id`, `_stream` and its other fields, each name once.
  package mutating func append(_ record: StoredRecord) {
    var names: Set<String> = []
    bytes.append(UInt8(ascii: "{"))
    if isWanted("_time") {
      names.insert("_time")
      bytes.append("\"_time\":\"")
      times.appendRFC3339(record.unixNano, to: &bytes)
      bytes.append(UInt8(ascii: "\""))
    }
    append("_stream_id", HexBytes.text(of: record.streamID), &names)
    if isWanted("_stream") { append("_stream", fields.stream(of: record), &names) }
    var others: [(String, String)] = []
    fields.forEach(of: record) { others.append(($0, $1)) }
    for (name, value) in others { append(name, value, &names) }
    bytes.append("}\n")
  }

  private func isWanted(_ name: String) -> Bool { only?.contains(name) ?? true }

  private mutating func append(_ name: String, _ value: String, _ names: inout Set<String>) {
    guard isWanted(name), names.insert(name).inserted else { return }
    if names.count > 1 { bytes.append(UInt8(ascii: ",")) }
    bytes.appendJSON(string: name)
    bytes.append(UInt8(ascii: ":"))
    bytes.appendJSON(string: value)
  }
}
