/// Writes the objects of a batch as they are: keys with their dots, in the order they came, of a repeated key the
/// last value only.
///
/// NaN and infinities, which JSON cannot express, become `null`, which Elasticsearch takes for any mapping; a string
/// would clash with a numeric one. Bytes become hexadecimal digits. An empty key, and a part of a key that is only
/// blank, become `_`.
struct ObjectWriter: ~Copyable {
  private var table = FieldTable<WholeKeyOrder>()
  /// What becomes of the entries of the objects being written, for those objects whose keys needed sorting.
  private var fates: [Fate] = []
  /// Tells arrays that are written as text; nil if none are.
  private var conflicts: ArrayConflicts?
  /// Whether the next array is to be looked at. Those inside one that was need no second look.
  private var watchesArrays: Bool

  /// What becomes of one entry of an object.
  private enum Fate {
    case written
    /// A later entry has the same key, or another entry writes this one's value too.
    case skipped
    /// A latitude that is written as a point with this longitude.
    case located(longitude: Value)
  }

  init(_ options: ElasticsearchOptions) {
    watchesArrays = options.conflicts == .stringify
    conflicts = watchesArrays ? ArrayConflicts(options) : nil
  }

  /// Writes attributes as the member `attributes` and a comma before it, without routing attributes and with pairs of
  /// `geo.location.lat` and `.lon` merged into `geo.location: [lon, lat]`; writes nothing if none is left.
  mutating func writeAttributes(
    _ entries: EntryRange, survey: KeySurvey, _ batch: borrowing LogBatch, to bytes: inout ByteWriter
  ) {
    let store = batch.store.span.bytes
    let start = bytes.count
    bytes.append(",\"attributes\":{")
    let first = bytes.count
    let fatesStart = fates.count
    let isPlain = !(survey.mayRepeat || survey.mayLocate)
    if !isPlain { judge(batch.attributes.span.extracting(entries.indices), store, locate: survey.mayLocate) }
    for index in entries.indices {
      let attribute = batch.attributes[index]
      let key = store.extracting(attribute.key.range)
      if survey.mayRoute && RoutingAttribute.of(key) != nil { continue }
      if !isPlain {
        let fate = fates[fatesStart &+ index &- entries.indices.lowerBound]
        if case .skipped = fate { continue }
        if case .located(let longitude) = fate {
          bytes.appendPoint(attribute, longitude: longitude, store)
          continue
        }
      }
      writeKey(key, to: &bytes)
      write(attribute.value, batch, to: &bytes)
      bytes.append(UInt8(ascii: ","))
    }
    fates.removeLast(fates.count &- fatesStart)
    guard bytes.count > first else { return bytes.truncate(to: start) }
    bytes.truncate(to: bytes.count &- 1)
    bytes.append("}")
  }

  /// Writes a value of any kind; nesting is bounded by the decoder.
  mutating func write(_ value: Value, _ batch: borrowing LogBatch, to bytes: inout ByteWriter) {
    switch value.kind {
    case .array where watchesArrays: writeWatched(value, batch, to: &bytes)
    case .array: writeArray(value.entries, batch, to: &bytes)
    case .map: writeMap(value.entries, batch, to: &bytes)
    default: bytes.appendScalar(value, batch.store.span.bytes)
    }
  }

  /// Writes an array, as text if it has to be.
  @inline(never)
  private mutating func writeWatched(_ array: Value, _ batch: borrowing LogBatch, to bytes: inout ByteWriter) {
    if conflicts?.appendText(of: array, batch, to: &bytes) != true { writeAsIs(array, batch, to: &bytes) }
  }

  /// Writes a value with its arrays as they are, whatever they hold.
  mutating func writeAsIs(_ value: Value, _ batch: borrowing LogBatch, to bytes: inout ByteWriter) {
    let watched = watchesArrays
    watchesArrays = false
    write(value, batch, to: &bytes)
    watchesArrays = watched
  }

  /// Writes the members of a map value.
  mutating func writeMap(_ entries: EntryRange, _ batch: borrowing LogBatch, to bytes: inout ByteWriter) {
    let store = batch.store.span.bytes
    bytes.append(UInt8(ascii: "{"))
    let survey = KeySurvey(entries, of: batch.nested, store)
    let fatesStart = fates.count
    if survey.mayRepeat { judge(batch.nested.span.extracting(entries.indices), store, locate: false) }
    for index in entries.indices {
      if survey.mayRepeat, case .skipped = fates[fatesStart &+ index &- entries.indices.lowerBound] { continue }
      let member = batch.nested[index]
      writeKey(store.extracting(member.key.range), to: &bytes)
      write(member.value, batch, to: &bytes)
      bytes.append(UInt8(ascii: ","))
    }
    fates.removeLast(fates.count &- fatesStart)
    if !entries.isEmpty { bytes.truncate(to: bytes.count &- 1) }
    bytes.append(UInt8(ascii: "}"))
  }

  private mutating func writeArray(_ entries: EntryRange, _ batch: borrowing LogBatch, to bytes: inout ByteWriter) {
    bytes.append(UInt8(ascii: "["))
    for index in entries.indices {
      write(batch.nested[index].value, batch, to: &bytes)
      bytes.append(UInt8(ascii: ","))
    }
    if !entries.isEmpty { bytes.truncate(to: bytes.count &- 1) }
    bytes.append(UInt8(ascii: "]"))
  }

  @inline(__always)
  private func writeKey(_ key: RawSpan, to bytes: inout ByteWriter) {
    if key.isEmpty || KeyParts.isAnyBlank(key) {
      KeyParts.append(key, to: &bytes)
    } else {
      bytes.appendJSON(key: key)
    }
  }

  /// Adds the fates of an object's entries, in O(n log n) however its keys repeat.
  @inline(never)
  private mutating func judge(_ entries: Span<Attribute>, _ store: RawSpan, locate: Bool) {
    let fatesStart = fates.count
    let mark = table.mark
    for index in entries.indices {
      fates.append(.skipped)
      table.add(.empty, store.extracting(entries[index].key.range), order: UInt32(truncatingIfNeeded: index))
    }
    table.sort(from: mark.entries)
    table.dropRepeated(from: mark.entries)
    for entry in table.entries[mark.entries...] { fates[fatesStart &+ Int(entry.order)] = .written }
    if locate {
      for entry in table.entries[mark.entries...] {
        locateLatitude(at: Int(entry.order), of: entries, store, sortedFrom: mark.entries)
      }
    }
    table.truncate(to: mark)
  }

  /// Pairs a latitude with its longitude, if both are numbers and no entry has the name of the point itself. The fates
  /// of the entries are the last ones, their keys stand in the table from `first` on.
  private mutating func locateLatitude(
    at position: Int, of entries: Span<Attribute>, _ store: RawSpan, sortedFrom first: Int
  ) {
    let latitude = entries[position]
    let key = store.extracting(latitude.key.range)
    let name: StaticString = "geo.location.lat"
    guard latitude.value.kind == .double, latitude.value.doubleValue.isFinite, key.hasSuffix(name) else { return }
    let before = key.byteCount &- name.utf8CodeUnitCount
    guard before == 0 || key.unsafeLoad(fromByteOffset: before &- 1, as: UInt8.self) == UInt8(ascii: ".") else {
      return
    }
    let point = key.extracting(first: key.byteCount &- 4)
    guard table.position(of: point, "", from: first) == nil,
      let place = table.position(of: point, ".lon", from: first)
    else { return }
    let order = Int(table.entries[place].order)
    let longitude = entries[order].value
    guard longitude.kind == .double, longitude.doubleValue.isFinite else { return }
    let fatesStart = fates.count &- entries.count
    fates[fatesStart &+ order] = .skipped
    fates[fatesStart &+ position] = .located(longitude: longitude)
  }
}

extension ByteWriter {
  /// Appends a quoted key and a colon.
  @inline(__always)
  mutating func appendJSON(key: RawSpan) {
    appendJSON(string: key)
    append(UInt8(ascii: ":"))
  }

  /// Appends the member that a latitude makes with its longitude, and a comma.
  fileprivate mutating func appendPoint(_ latitude: Attribute, longitude: Value, _ store: RawSpan) {
    let key = store.extracting(latitude.key.range)
    appendJSON(key: key.extracting(first: key.byteCount &- 4))
    append("[")
    appendScalar(longitude, store)
    append(",")
    appendScalar(latitude.value, store)
    append("],")
  }

  /// Appends a value that has no members; `null` for one that has.
  @inline(__always)
  mutating func appendScalar(_ value: Value, _ store: RawSpan) {
    write(atMost: Pen.maxBytes(ofScalar: value)) { $0.put(scalar: value, in: store) }
  }
}

extension Pen {
  /// Bytes that a value without members takes at most.
  @inline(__always)
  static func maxBytes(ofScalar value: Value) -> Int {
    value.kind == .string || value.kind == .bytes ? maxBytes(ofJSON: Int(value.slice.count)) : maxDoubleBytes
  }

  /// Puts a value that has no members; `null` for one that has.
  @inline(__always)
  mutating func put(scalar value: Value, in store: RawSpan) {
    if value.kind == .string { return put(json: value.slice, in: store) }
    switch value.kind {
    case .int: put(decimal: value.intValue)
    case .bool: put(value.boolValue)
    case .double:
      if value.doubleValue.isFinite { self = putting(jsonWithPoint: value.doubleValue) } else { put("null") }
    case .bytes: self = putting(hex: store, value.slice)
    case .empty, .string, .array, .map: put("null")
    }
  }

  /// A pen that has put bytes as a string of hexadecimal digits.
  @inline(never)
  private func putting(hex store: RawSpan, _ slice: ByteSlice) -> Pen {
    var pen = self
    pen.put(UInt8(ascii: "\""))
    store.extracting(slice.range).withUnsafeBytes { pen.put(hex: $0) }
    pen.put(UInt8(ascii: "\""))
    return pen
  }
}
