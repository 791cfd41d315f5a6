/// Tests values of one block; what it needs for that is made once.
struct FieldMatcher {
  private let test: QueryTest
  private let keepsText: Bool
  private let text = LeafText()
  /// The text of what passed last, if it is to be kept.
  private(set) var found = ""

  init(_ test: QueryTest, keepsText: Bool = false) {
    self.test = test
    self.keepsText = keepsText
  }

  /// Whether a scalar passes.
  mutating func matches(_ leaf: Leaf) -> Bool {
    switch (test, leaf) {
    case (.present, .bytes(let bytes)):
      // They have no text, and that of a value before, perhaps of another's record, is not theirs.
      found = ""
      return !bytes.isEmpty
    case (.compare(let comparison), .integer(let number)):
      return comparison.number.map { comparison.comparison.holds(Double(number), $0) } ?? false
    case (.compare(let comparison), .number(let number)):
      return comparison.number.map { comparison.comparison.holds(number, $0) } ?? false
    case (.compare, .truth), (_, .bytes): return false
    default:
      if !keepsText { return text.with(leaf) { Self.matches($0, test) } }
      let text = text.with(leaf) { Self.matches($0, test) ? String(decoding: $0, as: UTF8.self) : nil }
      found = text ?? found
      return text != nil
    }
  }

  func matches(text: UnsafeRawBufferPointer) -> Bool { Self.matches(text, test) }

  /// An empty text is as good as none.
  private static func matches(_ text: UnsafeRawBufferPointer, _ test: QueryTest) -> Bool {
    if text.isEmpty { return false }
    switch test {
    case .present: return true
    case .words(let needle): return needle.matches(text)
    case .exact(let bytes): return text.elementsEqual(bytes)
    case .pattern(let pattern): return pattern.matches(text)
    case .compare(let comparison):
      guard let number = comparison.number else {
        return comparison.comparison.holds(order(of: text, comparison.text), 0)
      }
      guard text.count <= 32, let own = Double(String(decoding: text, as: UTF8.self)) else { return false }
      return comparison.comparison.holds(own, number)
    }
  }

  /// Below zero if `text` comes before `other`, byte by byte.
  private static func order(of text: UnsafeRawBufferPointer, _ other: [UInt8]) -> Int {
    text.elementsEqual(other) ? 0 : text.lexicographicallyPrecedes(other) ? -1 : 1
  }

  // MARK: Values

  /// Whether any scalar of an `AnyValue` passes.
  mutating func matches(value: Range<Int>, of bytes: UnsafeRawBufferPointer, depth: Int = 0) -> Bool {
    var fields = WireFields(bytes, in: value)
    while let field = fields.next() {
      if let leaf = Leaves.leaf(field, of: bytes) {
        if matches(leaf) { return true }
      } else if field.number == 5 || field.number == 6, depth < Leaves.maxDepth {
        var items = WireFields(bytes, in: field.content)
        while let item = items.next() {
          let inner = field.number == 5 ? item.content : Leaves.pair(item.content, of: bytes).value
          if item.number == 1, matches(value: inner, of: bytes, depth: depth + 1) { return true }
        }
      }
    }
    return false
  }

  /// Whether any value of a repeated field of `KeyValue` passes, whatever its key.
  mutating func matches(anyOf number: UInt64, in range: Range<Int>, of bytes: UnsafeRawBufferPointer) -> Bool {
    var fields = WireFields(bytes, in: range)
    while let field = fields.next() {
      guard field.number == number else { continue }
      if matches(value: Leaves.pair(field.content, of: bytes).value, of: bytes) { return true }
    }
    return false
  }

  /// Whether a value passes whose path of keys, with dots between, is `name`.
  mutating func matches(
    _ name: UnsafeRawBufferPointer, in pairs: Pairs, of bytes: UnsafeRawBufferPointer
  ) -> Bool {
    var fields = WireFields(bytes, in: pairs.range)
    while let field = fields.next() {
      guard field.number == pairs.field else { continue }
      let (key, value) = Leaves.pair(field.content, of: bytes)
      guard key.count <= name.count, bytes.part(key).elementsEqual(name.prefix(key.count)) else { continue }
      if key.count == name.count {
        if matches(value: value, of: bytes) { return true }
      } else if name[key.count] == UInt8(ascii: "."), pairs.depth < Leaves.maxDepth {
        let rest = name.part(key.count + 1..<name.count)
        var members = WireFields(bytes, in: value)
        while let member = members.next() {
          if member.number == 6, matches(rest, in: Pairs(1, member.content, pairs.depth + 1), of: bytes) { return true }
        }
      }
    }
    return false
  }

  /// A repeated field of `KeyValue` in a message.
  struct Pairs {
    let field: UInt64
    let range: Range<Int>
    var depth: Int

    init(_ field: UInt64, _ range: Range<Int>, _ depth: Int = 0) {
      self.field = field
      self.range = range
      self.depth = depth
    }
  }
}
