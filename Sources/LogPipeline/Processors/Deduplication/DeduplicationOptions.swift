/// What `processors.log_dedup` does.
package struct DeduplicationOptions: Sendable {
  /// How long duplicates of a record are suppressed, in nanoseconds.
  package var intervalNano: UInt64 = 10_000_000_000
  /// The records that are looked at; others pass.
  package var selection = RecordSelection()
  /// Only records of which one of these holds are looked at; all if there are none.
  var conditions: CompiledConditions?
  package var fields = DuplicateFields.allBut(RecordFields())
  package var identity = RecordIdentity.standard
  /// The attribute that says how many records were suppressed.
  package var countAttribute = "log_count"
  /// Kinds of records that are watched at once; what comes beyond passes.
  package var maxWindows = 10_000
  /// Bytes of records kept to be told of; once there are as many, no further kind is suppressed.
  package var maxBytes = 16 << 20

  package init() {}
}

extension DeduplicationOptions {
  /// The record that tells of a window's duplicates, as a request; nil if what was kept cannot be read.
  func summary(of ended: DuplicateWindows.Ended, at now: UInt64) -> [UInt8]? {
    var batch = LogBatch()
    do { try batch.decode(protobuf: ended.record, limits: .ownRecords) } catch { return nil }
    guard batch.records.count == 1 else { return nil }
    if case .allBut(let fields) = fields { batch.remove(fields, fromRecord: 0) }
    var editor = AttributeEditor(batch.records[0].attributes)
    if let key = batch.store(countAttribute.utf8) {
      editor.set(Attribute(key: key, value: .int(Int64(ended.count))), in: &batch)
    }
    var text = ByteWriter(capacityBytes: 32)
    for (name, time) in [
      ("first_observed_timestamp", ended.firstUnixNano), ("last_observed_timestamp", ended.lastUnixNano),
    ] {
      text.removeAll()
      text.appendRFC3339Seconds(time)
      if let key = batch.store(name.utf8), let slice = batch.store(text) {
        editor.set(Attribute(key: key, value: .string(slice)), in: &batch)
      }
    }
    batch.records[0].attributes = editor.range
    batch.records[0].timeUnixNano = now
    batch.records[0].observedTimeUnixNano = ended.firstUnixNano
    var frames = FrameWriter()
    do { try batch.encode(record: 0, into: &frames) } catch { return nil }
    return frames.bytes.withUnsafeBytes { Array($0) }
  }
}

extension LogBatch {
  /// Removes the fields from a record's attributes and body.
  fileprivate mutating func remove(_ fields: RecordFields, fromRecord index: Int) {
    let record = records[index]
    records[index].attributes = remove(fields.attributes, from: record.attributes, isNested: false)
    if record.body.kind == .map {
      records[index].body = .map(remove(fields.body, from: record.body.entries, isNested: true))
    }
  }

  private mutating func remove(_ fields: FieldTree, from range: EntryRange, isNested: Bool) -> EntryRange {
    var kept = range.indices.lowerBound
    for index in range.indices {
      var entry = isNested ? nested[index] : attributes[index]
      let found = fields.find(entry.key, in: store.span.bytes)
      if found.isNamed { continue }
      if let below = found.below, entry.value.kind == .map {
        entry.value = .map(remove(below, from: entry.value.entries, isNested: true))
      }
      if isNested { nested[kept] = entry } else { attributes[kept] = entry }
      kept += 1
    }
    return EntryRange(range.indices.lowerBound..<kept)
  }
}

extension ByteWriter {
  /// Appends a time as RFC 3339 in UTC, to the second.
  fileprivate mutating func appendRFC3339Seconds(_ unixNano: UInt64) {
    var writer = TimestampWriter()
    let start = count
    writer.appendRFC3339(unixNano, to: &self)
    truncate(to: start + 19)
    append(UInt8(ascii: "Z"))
  }
}
