/// Writes `AnyValue` and `KeyValue` messages (common.proto) with exact lengths.
///
/// A scalar's length is known at once. Those of arrays and maps are found by one walk before the writing walk and
/// kept in the order of both, so that any nesting costs time linear in its size.
struct OTLPValueWriter: ~Copyable {
  /// Levels of nesting that are kept; an array or map below becomes its JSON text.
  let maxDepth: Int
  /// Whether values are written as VictoriaLogs stores them right: without attributes and map members that are empty,
  /// with arrays as their JSON text, and with what is no number as text.
  let isForRows: Bool
  /// The lengths of the contents of nested arrays, maps and JSON texts, in the order of the walk.
  private var sizes: [Int] = []
  private var nextSize = 0
  /// The JSON texts, back to back.
  private var texts = ByteWriter(capacityBytes: 64)
  private var nextText = 0

  init(maxDepth: Int = .max, isForRows: Bool = false) {
    self.maxDepth = maxDepth
    self.isForRows = isForRows
  }

  /// Whether an array or map becomes its JSON text.
  @inline(__always)
  private func isText(_ value: Value, depth: Int) -> Bool { depth > maxDepth || isForRows && value.kind == .array }

  /// Whether an attribute or map member of this value is left out.
  @inline(__always)
  private func isLeftOut(_ value: Value) -> Bool {
    guard isForRows else { return false }
    switch value.kind {
    case .empty: return true
    case .string, .bytes: return value.slice.isEmpty
    case .bool, .int, .double, .array, .map: return false
    }
  }

  /// Appends a `KeyValue` as a field of the message that is being written.
  @inline(__always)
  mutating func append(
    _ entry: Attribute, tag: UInt8, prefix: [UInt8], of batch: borrowing LogBatch, to bytes: inout ByteWriter
  ) {
    if entry.value.isContainer { measure(entry.value, from: 1, of: batch) }
    appendEntry(entry, tag: tag, prefix: prefix, depth: 1, of: batch, to: &bytes)
  }

  /// Appends the body of a record unless it is empty. One that is a map is none that could be text.
  @inline(__always)
  mutating func append(body: Value, of batch: borrowing LogBatch, to bytes: inout ByteWriter) {
    let store = batch.store.span.bytes
    if body.kind == .empty { return }
    if body.isContainer {
      let depth = min(maxDepth, 1)
      measure(body, from: depth, of: batch)
      bytes.appendTag(0x2A, count: size(of: body))
      return appendContainer(body, depth: depth, of: batch, to: &bytes)
    }
    bytes.write(atMost: 11 &+ Pen.maxBytes(ofContent: body)) { pen in
      pen.put(tag: 0x2A, count: scalarSize(body))
      pen.put(content: body, isForRows: isForRows, in: store)
    }
  }

  // MARK: Sizes

  private mutating func measure(_ value: Value, from depth: Int, of batch: borrowing LogBatch) {
    sizes.removeAll(keepingCapacity: true)
    nextSize = 0
    texts.removeAll()
    nextText = 0
    _ = measure(value, depth: depth, of: batch)
  }

  /// The length of an `AnyValue` message, with those of the arrays and maps in it noted.
  private mutating func measure(_ value: Value, depth: Int, of batch: borrowing LogBatch) -> Int {
    guard value.isContainer else { return scalarSize(value) }
    let slot = sizes.count
    sizes.append(0)
    var size = 0
    if isText(value, depth: depth) {
      let start = texts.count
      texts.appendJSONText(value, of: batch)
      size = texts.count &- start
    } else {
      for index in value.entries.indices {
        let entry = batch.nested[index]
        if value.kind == .map && isLeftOut(entry.value) { continue }
        let content = measure(entry.value, depth: depth &+ 1, of: batch)
        let element = value.kind == .array ? content : entrySize(entry.key, prefix: 0, value: content)
        size &+= ByteWriter.fieldBytes(element)
      }
    }
    sizes[slot] = size
    return ByteWriter.fieldBytes(size)
  }

  /// The length of an `AnyValue` message whose arrays and maps were measured and are written next.
  @inline(__always)
  private func size(of value: Value) -> Int {
    value.isContainer ? ByteWriter.fieldBytes(sizes[nextSize]) : scalarSize(value)
  }

  @inline(__always)
  private func scalarSize(_ value: Value) -> Int {
    switch value.kind {
    case .string, .bytes: ByteWriter.fieldBytes(Int(value.slice.count))
    case .bool: 2
    case .int: 1 &+ ByteWriter.varintBytes(UInt64(bitPattern: value.intValue))
    case .double: isForRows ? Pen.noNumber(value.doubleValue).map { 2 &+ $0.utf8CodeUnitCount } ?? 9 : 9
    case .empty, .array, .map: isForRows ? 2 : 0
    }
  }

  /// The length of a `KeyValue` message.
  @inline(__always)
  private func entrySize(_ key: ByteSlice, prefix: Int, value: Int) -> Int {
    let name = prefix &+ Int(key.count)
    return (name == 0 ? 0 : ByteWriter.fieldBytes(name)) &+ ByteWriter.fieldBytes(value)
  }

  // MARK: Writing

  @inline(__always)
  private mutating func appendEntry(
    _ entry: Attribute, tag: UInt8, prefix: [UInt8], depth: Int, of batch: borrowing LogBatch,
    to bytes: inout ByteWriter
  ) {
    let store = batch.store.span.bytes
    let value = entry.value
    if isLeftOut(value) { return }
    let valueSize = size(of: value)
    let nameBytes = prefix.count &+ Int(entry.key.count)
    bytes.write(atMost: 33 &+ nameBytes &+ Pen.maxBytes(ofContent: value)) { pen in
      pen.put(tag: tag, count: entrySize(entry.key, prefix: prefix.count, value: valueSize))
      if nameBytes > 0 {
        pen.put(tag: 0x0A, count: nameBytes)
        if !prefix.isEmpty { prefix.withUnsafeBytes { pen.put($0) } }
        pen.put(entry.key, in: store)
      }
      pen.put(tag: 0x12, count: valueSize)
      pen.put(content: value, isForRows: isForRows, in: store)
    }
    if value.isContainer { appendContainer(value, depth: depth, of: batch, to: &bytes) }
  }

  private mutating func appendContainer(
    _ value: Value, depth: Int, of batch: borrowing LogBatch, to bytes: inout ByteWriter
  ) {
    let store = batch.store.span.bytes
    let size = sizes[nextSize]
    nextSize &+= 1
    if isText(value, depth: depth) {
      bytes.appendTag(0x0A, count: size)
      texts.withUnsafeBytes(in: nextText..<nextText &+ size) { bytes.append($0) }
      nextText &+= size
      return
    }
    bytes.appendTag(value.kind == .array ? 0x2A : 0x32, count: size)
    for index in value.entries.indices {
      let entry = batch.nested[index]
      if value.kind == .map {
        appendEntry(entry, tag: 0x0A, prefix: [], depth: depth &+ 1, of: batch, to: &bytes)
      } else {
        let value = entry.value
        bytes.write(atMost: 11 &+ Pen.maxBytes(ofContent: value)) { pen in
          pen.put(tag: 0x0A, count: self.size(of: value))
          pen.put(content: value, isForRows: isForRows, in: store)
        }
        if value.isContainer { appendContainer(value, depth: depth &+ 1, of: batch, to: &bytes) }
      }
    }
  }
}

extension Value {
  /// Whether the value has members.
  @inline(__always)
  var isContainer: Bool { kind == .array || kind == .map }
}

extension ByteWriter {
  /// Appends a `KeyValue` of a key and a string that are so short that all lengths take one byte; false for others, and
  /// where one of them is empty.
  @inline(__always)
  mutating func appendShort(_ entry: Attribute, tag: UInt8, _ store: RawSpan) -> Bool {
    let slice = entry.value.slice
    // Beside the two texts six bytes: three tags and lengths. A length of zero wraps around.
    guard entry.value.kind == .string, UInt64(entry.key.count &- 1) &+ UInt64(slice.count &- 1) < 120 else {
      return false
    }
    write(atMost: 130) { pen in
      let size = entry.key.count &+ slice.count &+ 6
      pen.put(word: UInt64(UInt32(tag) | size &<< 8 | 0x0A &<< 16 | entry.key.count &<< 24), count: 4)
      pen.put(entry.key, in: store)
      pen.put(word: UInt64(0x12 | (slice.count &+ 2) &<< 8 | 0x0A &<< 16 | slice.count &<< 24), count: 4)
      pen.put(slice, in: store)
    }
    return true
  }
}

extension Pen {
  /// Bytes that the content of an `AnyValue` takes at most if it is no array or map.
  @inline(__always)
  fileprivate static func maxBytes(ofContent value: Value) -> Int {
    value.kind == .string || value.kind == .bytes ? 11 &+ Int(value.slice.count) : 11
  }

  /// The text of a double that is no number; nil for one that is.
  @inline(__always)
  fileprivate static func noNumber(_ double: Double) -> StaticString? {
    if double.isFinite { return nil }
    if double.isNaN { return "NaN" }
    return double < 0 ? "-Infinity" : "Infinity"
  }

  /// Puts the member of an `AnyValue` that is set; nothing for an array or map.
  @inline(__always)
  fileprivate mutating func put(content value: Value, isForRows: Bool, in store: RawSpan) {
    if value.kind == .string { return put(tag: 0x0A, value.slice, in: store) }
    switch value.kind {
    case .bool:
      put(0x10)
      put(value.boolValue ? 1 : 0)
    case .int:
      put(0x18)
      put(varint: UInt64(bitPattern: value.intValue))
    case .double:
      if isForRows, let text = Self.noNumber(value.doubleValue) {
        put(tag: 0x0A, count: text.utf8CodeUnitCount)
        return put(text)
      }
      put(tag: 0x21, fixed64: value.doubleValue.bitPattern)
    case .bytes: put(tag: 0x3A, value.slice, in: store)
    case .empty: if isForRows { put(tag: 0x0A, count: 0) }
    case .string, .array, .map: return
    }
  }
}
