import LogPipeline

/// One scalar of an `AnyValue`.
enum Leaf {
  case text(UnsafeRawBufferPointer)
  case integer(Int64)
  case number(Double)
  case truth(Bool)
  case bytes(UnsafeRawBufferPointer)
}

/// Values as they came: `AnyValue` and `KeyValue` messages (common.proto).
enum Leaves {
  /// Levels of nested values that are read; a receiver takes no more than it is told, at most as many.
  static let maxDepth = 256

  /// Calls `visit` for each scalar in an `AnyValue`, however deep.
  static func visit(_ range: Range<Int>, of bytes: UnsafeRawBufferPointer, depth: Int = 0, _ visit: (Leaf) -> Void) {
    var fields = WireFields(bytes, in: range)
    while let field = fields.next() {
      if let leaf = leaf(field, of: bytes) {
        visit(leaf)
      } else if field.number == 5, depth < maxDepth {
        forEachValue(field.content, of: bytes) { Self.visit($0, of: bytes, depth: depth + 1, visit) }
      } else if field.number == 6, depth < maxDepth {
        forEachPair(field.content, of: bytes) { _, value in Self.visit(value, of: bytes, depth: depth + 1, visit) }
      }
    }
  }

  /// The scalar that a field of an `AnyValue` is; nil for arrays and maps.
  @inline(__always)
  static func leaf(_ field: WireFields.Field, of bytes: UnsafeRawBufferPointer) -> Leaf? {
    switch field.number {
    case 1: .text(bytes.part(field.content))
    case 2: .truth(field.value != 0)
    case 3: .integer(Int64(bitPattern: field.value))
    case 4: .number(Double(bitPattern: field.value))
    case 7: .bytes(bytes.part(field.content))
    default: nil
    }
  }

  /// Calls `visit` with the content of each message of a field that repeats, by default of `ArrayValue.values`.
  static func forEachValue(
    _ range: Range<Int>, of bytes: UnsafeRawBufferPointer, field number: UInt64 = 1, _ visit: (Range<Int>) -> Void
  ) {
    var fields = WireFields(bytes, in: range)
    while let field = fields.next() {
      if field.number == number { visit(field.content) }
    }
  }

  /// Calls `visit` with key and value of each pair of a `KeyValueList`.
  static func forEachPair(
    _ range: Range<Int>, of bytes: UnsafeRawBufferPointer, field number: UInt64 = 1,
    _ visit: (_ key: Range<Int>, _ value: Range<Int>) -> Void
  ) {
    var fields = WireFields(bytes, in: range)
    while let field = fields.next() {
      if field.number == number {
        let pair = pair(field.content, of: bytes)
        visit(pair.key, pair.value)
      }
    }
  }

  /// Where key and value of a `KeyValue` lie.
  @inline(__always)
  static func pair(_ range: Range<Int>, of bytes: UnsafeRawBufferPointer) -> (key: Range<Int>, value: Range<Int>) {
    var fields = WireFields(bytes, in: range)
    var key = range.lowerBound..<range.lowerBound
    var value = key
    while let field = fields.next() {
      if field.number == 1 { key = field.content }
      if field.number == 2 { value = field.content }
    }
    return (key, value)
  }
}

/// Leaves as text: strings as they are, numbers as JSON writes them, bytes not at all.
final class LeafText {
  private var writer = ByteWriter(capacityBytes: 128)

  @inline(__always)
  func with<R>(_ leaf: Leaf, _ body: (UnsafeRawBufferPointer) -> R) -> R {
    if case .text(let text) = leaf { return body(text) }
    writer.removeAll()
    switch leaf {
    case .text, .bytes: break
    case .integer(let number): writer.appendDecimal(number)
    case .number(let number): writer.appendJSON(number)
    case .truth(let value): writer.appendJSON(value)
    }
    return writer.withUnsafeBytes(body)
  }
}
