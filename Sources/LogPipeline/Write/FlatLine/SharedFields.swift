/// The fields that all records of one resource or scope share, encoded once and copied into each line.
struct SharedFields: ~Copyable {
  /// The fields back to back, each with its leading comma.
  private(set) var bytes = ByteWriter(capacityBytes: 1024)
  /// The fields, no name twice, sorted by name.
  private var fields: [FlatField] = []
  private var marks = MarkTable(bits: 9)
  /// Indices into `fields` of those that the current line does not take, as it has its own.
  private var overridden: [Int] = []
  private var overriddenBytes = 0

  /// Fields of the current line that come from here.
  var count: Int { fields.count &- overridden.count }
  /// Bytes of the current line that come from here.
  var byteCount: Int { bytes.count &- overriddenBytes }

  /// Takes the fields that `index` holds, no name twice, from the end of `writer`, where they start at `start`.
  mutating func take(_ index: inout FieldIndex, from writer: inout ByteWriter, start: Int) {
    bytes.removeAll()
    writer.withUnsafeBytes(in: start..<writer.count) { bytes.append($0) }
    writer.truncate(to: start)
    index.shift(by: start)
    index.sortByName(in: bytes)
    fields = index.fields
    marks.removeAll()
    for field in fields { _ = marks.set(field.fingerprint) }
    overridden.removeAll(keepingCapacity: true)
    overriddenBytes = 0
  }

  /// Finds which fields the line in `writer` has itself; `own` holds no name twice.
  mutating func override(by own: borrowing FieldIndex, in writer: borrowing ByteWriter) {
    overridden.removeAll(keepingCapacity: true)
    overriddenBytes = 0
    for field in own.fields where marks.mayHold(field.fingerprint) {
      guard let index = find(field, in: writer) else { continue }
      overridden.append(index)
      overriddenBytes += fields[index].end - fields[index].start
    }
  }

  /// Appends the fields that the line does not have itself.
  mutating func append(to writer: inout ByteWriter) {
    if overridden.isEmpty {
      bytes.withUnsafeBytes { writer.append($0) }
      return
    }
    overridden.sort { fields[$0].start < fields[$1].start }
    var next = 0
    for index in overridden {
      bytes.withUnsafeBytes(in: next..<fields[index].start) { writer.append($0) }
      next = fields[index].end
    }
    bytes.withUnsafeBytes(in: next..<bytes.count) { writer.append($0) }
  }

  /// Whether a field of this name is here; the field lies in `writer`.
  func holds(_ field: FlatField, in writer: borrowing ByteWriter) -> Bool {
    marks.mayHold(field.fingerprint) && find(field, in: writer) != nil
  }

  private func find(_ field: FlatField, in writer: borrowing ByteWriter) -> Int? {
    var low = 0
    var high = fields.count
    while low < high {
      let middle = (low + high) / 2
      let order = bytes.order(of: fields[middle], field, in: writer)
      if order == 0 { return middle }
      if order < 0 { low = middle + 1 } else { high = middle }
    }
    return nil
  }
}
