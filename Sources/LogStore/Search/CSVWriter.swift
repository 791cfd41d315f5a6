import LogPipeline

/// Writes rows of CSV: RFC 4180.
package struct CSVWriter: ~Copyable {
  private var bytes = ByteWriter(capacityBytes: 16 << 10)
  /// Whether a cell that a spreadsheet would take for a formula gets an apostrophe before it.
  private let disarmsFormulas: Bool

  package init(disarmsFormulas: Bool = false) { self.disarmsFormulas = disarmsFormulas }

  /// What was written.
  package var array: [UInt8] { bytes.array }
  package var byteCount: Int { bytes.count }

  package mutating func append(_ cells: some Sequence<String>) {
    for (index, cell) in cells.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      append(cell)
    }
    bytes.append("\r\n")
  }

  private mutating func append(_ cell: String) {
    let isFormula = disarmsFormulas && Self.mayBeFormula(cell)
    guard isFormula || cell.utf8.contains(where: { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }) else {
      return bytes.append(text: cell)
    }
    bytes.append(UInt8(ascii: "\""))
    if isFormula { bytes.append(UInt8(ascii: "'")) }
    bytes.append(text: cell.replacing("\"", with: "\"\""))
    bytes.append(UInt8(ascii: "\""))
  }

  /// What spreadsheets begin a formula with, in letters of full width too, or pass over before it.
  private static let beginnings: [Unicode.Scalar] = [
    "=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "\u{FEFF}",
  ]

  /// A number is none, whatever its sign.
  private static func mayBeFormula(_ cell: String) -> Bool {
    guard let first = cell.unicodeScalars.first, beginnings.contains(first) else { return false }
    return Double(cell) == nil
  }
}

/// Records as a table: a row each, and a column for each field that one of them has.
package struct RecordTable {
  /// Columns at most, the first that are found; cells of records with many fields of their own are many times as many.
  package static let maxColumns = 200
  /// Columns that come first, if there are such.
  private static let first = ["_time", "severity", "service.name", "_msg"]
  /// The fields in the order of columns.
  package let columns: [String]
  /// Whether there are fields that have no column.
  package let isCut: Bool
  private let records: [StoredRecord]

  /// A table of these fields, or of all but those that only say which stream a record is of.
  package init(_ records: [StoredRecord], fields: [String]? = nil) {
    self.records = records
    if let fields {
      columns = fields
      isCut = false
      return
    }
    var (firsts, others): (Set<String>, Set<String>) = (["_time"], [])
    for record in records {
      StoredFields().forEach(of: record) { name, _ in
        if Self.first.contains(name) {
          firsts.insert(name)
        } else if others.count <= Self.maxColumns {
          others.insert(name)
        }
      }
    }
    let room = Self.maxColumns - firsts.count
    columns = Self.first.filter(firsts.contains) + others.sorted().prefix(room)
    isCut = others.count > room
  }

  /// Writes the names of the columns and the records, up to so many bytes; false if there are more.
  @discardableResult
  package func write(to writer: inout CSVWriter, limitBytes: Int = .max) -> Bool {
    writer.append(columns)
    for record in records {
      if writer.byteCount > limitBytes { return false }
      var values: [String: String] = [:]
      StoredFields().forEach(of: record) { name, value in if values[name] == nil { values[name] = value } }
      values["_time"] = Self.time(of: record)
      values["_stream_id"] = HexBytes.text(of: record.streamID)
      if columns.contains("_stream") { values["_stream"] = StoredFields().stream(of: record) }
      writer.append(columns.map { values[$0] ?? "" })
    }
    return true
  }

  private static func time(of record: StoredRecord) -> String {
    var writer = ByteWriter(capacityBytes: 64)
    var times = TimestampWriter()
    times.appendRFC3339(record.unixNano, to: &writer)
    return String(decoding: writer.array, as: UTF8.self)
  }
}
