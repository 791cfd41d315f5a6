/// Finds the arrays that Elasticsearch rejects whatever it holds already: those in which one name is both a scalar and
/// an object.
///
/// It reads an array, and arrays in it, as several values of one field, so that all elements share their names:
/// `[1, {"a": 2}]` is rejected, and so is `[{"a": 1}, {"a": {"b": 2}}]`. A null is neither scalar nor object.
struct ArrayConflicts: ~Copyable {
  /// Whether `a.b` lies in an object `a`; so it does in all mappings but that of `otel` mode's templates.
  private let partsKeys: Bool
  private let maxNamesBytes: Int
  /// The hash of each name, whose lowest bit says whether an object stands there. Names that share a hash make an
  /// array text that need not be, no more.
  private var names: [UInt64] = []
  private var namesBytes = 0
  private var text = ByteWriter(capacityBytes: 1 << 10)

  private static let seed: UInt64 = 0xCBF2_9CE4_8422_2325

  init(_ options: ElasticsearchOptions) {
    partsKeys = options.mappingMode != .otel
    maxNamesBytes = options.maxFieldNamesBytes
  }

  /// Appends the JSON text of an array as one string, if one of its names is both a scalar and an object or its names
  /// are too long together to tell; else appends nothing and says false.
  mutating func appendText(of array: Value, _ batch: borrowing LogBatch, to bytes: inout ByteWriter) -> Bool {
    guard hasConflict(array, batch) else { return false }
    text.removeAll()
    text.appendJSONText(array, of: batch)
    text.withUnsafeBytes { bytes.appendJSON(string: $0) }
    return true
  }

  private mutating func hasConflict(_ array: Value, _ batch: borrowing LogBatch) -> Bool {
    var hasContainer = false
    for index in array.entries.indices where batch.nested[index].value.isContainer { hasContainer = true }
    guard hasContainer else { return false }
    names.removeAll(keepingCapacity: true)
    namesBytes = 0
    add(array, as: Self.seed, batch)
    guard namesBytes <= maxNamesBytes else { return true }
    names.sort()
    for index in names.indices.dropFirst() where names[index] ^ names[index &- 1] == 1 { return true }
    return false
  }

  /// Adds the names that a value has or holds; nesting is bounded by the decoder.
  private mutating func add(_ value: Value, as name: UInt64, _ batch: borrowing LogBatch) {
    let store = batch.store.span.bytes
    switch value.kind {
    case .empty: return
    case .double where !value.doubleValue.isFinite: return
    case .array:
      for index in value.entries.indices { add(batch.nested[index].value, as: name, batch) }
    case .map:
      names.append(name | 1)
      for index in value.entries.indices where namesBytes <= maxNamesBytes {
        let member = batch.nested[index]
        if member.value.kind == .empty { continue }
        let key = store.extracting(member.key.range)
        let inner = key.withUnsafeBytes { self.name(of: $0, in: name) }
        add(member.value, as: inner, batch)
      }
    default: names.append(name & ~1)
    }
  }

  /// The hash of a member's name, the names before it included; adds the objects that its dots open. A part without a
  /// character is hashed as what is written for it, `_`.
  private mutating func name(of key: UnsafeRawBufferPointer, in outer: UInt64) -> UInt64 {
    namesBytes &+= key.count
    let dot = UInt8(ascii: ".")
    var start = Self.hash(outer, dot)
    var hash = start
    var isBlank = true
    for byte in key {
      if byte == dot {
        if isBlank { hash = Self.hash(start, UInt8(ascii: "_")) }
        if partsKeys && namesBytes <= maxNamesBytes { names.append(hash | 1) }
        start = Self.hash(hash, dot)
        (hash, isBlank) = (start, true)
      } else {
        hash = Self.hash(hash, byte)
        isBlank = isBlank && KeyParts.isWhiteSpace(byte)
      }
    }
    return isBlank ? Self.hash(start, UInt8(ascii: "_")) : hash
  }

  /// FNV-1a with 64 bits.
  @inline(__always)
  private static func hash(_ hash: UInt64, _ byte: UInt8) -> UInt64 {
    (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
  }
}
