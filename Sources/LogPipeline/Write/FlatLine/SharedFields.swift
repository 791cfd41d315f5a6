/// The fields that all records of one resource or scope share, no name twice, for those of a record to be compared
/// with.
struct SharedNames: ~Copyable {
  /// Sorted, in the table that they were added to.
  private(set) var fields = 0..<0
  private var marks = MarkTable(bits: 9)

  /// Takes the fields that were just added as those that are shared.
  mutating func take(_ fields: inout LineFields) {
    fields.sort()
    self.fields = fields.own
    marks.removeAll()
    for index in self.fields { _ = marks.set(fields.flat.table.entries[index].hint) }
  }

  /// Where a field of the same name is.
  @inline(__always)
  func find(_ field: FieldEntry, in table: borrowing FieldTable<FingerprintOrder>) -> Int? {
    marks.mayHold(field.hint) ? table.position(of: field, in: fields) : nil
  }
}

/// Shared fields as JSON, encoded once and copied into each line.
struct SharedFields: ~Copyable {
  private(set) var names = SharedNames()
  /// The fields back to back, each with its leading comma.
  private(set) var bytes = ByteWriter(capacityBytes: 1024)
  /// Where in `bytes` those lie that the current line does not take, as it has its own.
  private var overridden: [Range<Int>] = []
  private var overriddenBytes = 0

  /// Fields of the current line that come from here.
  var count: Int { names.fields.count &- overridden.count }
  /// Bytes of the current line that come from here.
  var byteCount: Int { bytes.count &- overriddenBytes }

  /// Takes the fields that were just added, whose text is the place of each in what was written from `start` on, which
  /// is taken away.
  mutating func take(_ fields: inout LineFields, from writer: inout ByteWriter, start: Int) {
    bytes.removeAll()
    bytes.append(writer.pointer(to: start..<writer.count))
    writer.truncate(to: start)
    names.take(&fields)
    overridden.removeAll(keepingCapacity: true)
    overriddenBytes = 0
  }

  /// Finds which fields the line has itself.
  mutating func override(by own: borrowing LineFields) {
    overridden.removeAll(keepingCapacity: true)
    overriddenBytes = 0
    for index in own.own {
      guard let found = names.find(own.flat.table.entries[index], in: own.flat.table) else { continue }
      let range = own.flat.table.entries[found].value.slice.range
      overridden.append(range)
      overriddenBytes &+= range.count
    }
  }

  /// Appends the fields that the line does not have itself.
  mutating func append(to writer: inout ByteWriter) {
    overridden.sort { $0.lowerBound < $1.lowerBound }
    var next = 0
    for range in overridden {
      writer.append(bytes.pointer(to: next..<range.lowerBound))
      next = range.upperBound
    }
    writer.append(bytes.pointer(to: next..<bytes.count))
  }
}
