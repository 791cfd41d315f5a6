/// How the fields of a line are written.
enum LineForm {
  /// Maps are flattened.
  case flat
  /// Maps stay JSON text.
  case short
  /// Maps stay JSON text, and attributes whose names would be too many share one field.
  case gathering
}

/// Names: those that are reserved, and as many as a stream may have.
extension FlatLineWriter {
  /// The field of attributes that share one.
  static var gatheredName: StaticString { "other_attributes" }

  static func fingerprint(_ name: [UInt8]) -> UInt64 {
    var writer = ByteWriter(capacityBytes: 64)
    name.withUnsafeBytes { writer.appendJSONEscaped($0) }
    return writer.withUnsafeBytes { Fingerprint.of($0) }
  }

  /// Puts something behind a name that was just written, from two bytes after `start` on, if it is reserved.
  mutating func rename(from start: Int, rank: FieldRank, in bytes: inout ByteWriter) {
    let name = start &+ 2..<bytes.count
    let isReserved = bytes.withUnsafeBytes(in: name) { name in
      // The body's own message.
      if rank == .body && name.elementsEqual("_msg".utf8) { return false }
      return layout.reserved.contains { $0.count == name.count && name.elementsEqual($0) }
    }
    guard isReserved else { return }
    bytes.append(FlatLayout.reservedSuffix)
    lineChanges.renamedFields &+= 1
  }

  /// Finds the stream of a resource whose fields were just written.
  mutating func enterStream(at nanos: UInt64, in bytes: borrowing ByteWriter) {
    guard let names else { return }
    var hash: UInt64 = 0
    for name in layout.streamFields {
      let field = own.fields.first { $0.fingerprint == name }
      let value = field.map { field in bytes.withUnsafeBytes(in: field.start..<field.end) { Fingerprint.of($0) } } ?? 0
      hash = (hash ^ value) &* 0xD6E8_FEB8_6659_FD93
      hash ^= hash &>> 32
    }
    stream = names.stream(hash, at: nanos)
    streamStart = lineStart
  }

  /// Counts the bytes of the stream's records, which end there.
  mutating func leaveStream(at end: Int) {
    if let names, let stream { names.count(bytes: max(end &- streamStart, 0), of: stream) }
    stream = nil
  }

  /// Whether the line may keep the names that it has, which are counted then; `problem` is what else is wrong with it,
  /// and there are `others` that its records share.
  mutating func fitsNames(_ problem: DropReason?, others: Int) -> Bool {
    if let problem { return problem == .lineTooLong }
    if own.count &+ others > layout.maxFields { return false }
    guard let names, let stream else { return true }
    var new = 0
    var isKnown = true
    for field in own.fields {
      if names.holdsNow(field.fingerprint, in: stream) { continue }
      isKnown = false
      if !names.holds(field.fingerprint, in: stream) { new &+= 1 }
    }
    if isKnown { return true }
    if new > 0 && names.count(of: stream) &+ new > names.flatLimit { return false }
    addNames()
    return true
  }

  /// Counts the names of the line.
  mutating func addNames() {
    guard let names, let stream else { return }
    for field in own.fields { names.add(field.fingerprint, to: stream) }
  }

  /// Takes note of a field that was written, from `start` on, to a line that is short of names; takes it back if it is
  /// to share one.
  mutating func makeShort(_ entry: Attribute, from start: Int, in bytes: inout ByteWriter) {
    if entry.value.kind == .map { lineChanges.keepsMaps = true }
    guard form == .gathering, let names, let stream, let field = own.fields.last else { return }
    if names.holds(field.fingerprint, in: stream) || names.count(of: stream) < names.attributeLimit {
      return names.add(field.fingerprint, to: stream)
    }
    own.removeLast()
    bytes.truncate(to: start)
    gathered.append(entry)
  }

  /// Appends the attributes that share a field, as a JSON object.
  mutating func appendGathered(of batch: borrowing LogBatch, to bytes: inout ByteWriter) {
    let store = batch.store.span.bytes
    if gathered.isEmpty { return }
    defer { gathered.removeAll(keepingCapacity: true) }
    text.removeAll()
    for (index, entry) in gathered.enumerated() {
      text.append(UInt8(ascii: index == 0 ? "{" : ","))
      text.appendJSON(entry.key, in: store)
      text.append(UInt8(ascii: ":"))
      text.appendJSONText(entry.value, of: batch)
    }
    text.append(UInt8(ascii: "}"))
    guard fits(text.count, in: bytes) else { return }
    let start = appendHead(Self.gatheredName, to: &bytes)
    text.withUnsafeBytes { bytes.appendJSON(string: $0) }
    let nameEnd = start &+ 2 &+ Self.gatheredName.utf8CodeUnitCount
    own.note(from: start, nameEnd: nameEnd, rank: .attribute, in: bytes)
    lineChanges.keepsMaps = true
  }
}
