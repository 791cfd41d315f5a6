/// The values of one field in one block, as text.
struct FieldReader {
  private let block: Block
  private let name: FieldName
  /// What the streams of the block have, by their index; nil for fields that are the record's own.
  private var ofStreams: [String?] = []
  private var matcher = FieldMatcher(.present, keepsText: true)
  /// The text of what has passed last; nil if it has none.
  private var found: String? { matcher.found.isEmpty ? nil : matcher.found }

  init(_ name: String, of block: Block) throws {
    self.block = block
    self.name = FieldName(name)
    guard case .field(let field) = self.name else { return }
    for stream in try block.streams().streams { ofStreams.append(value(of: field, in: stream)) }
  }

  /// The value that a record has; nil for none.
  mutating func value(_ row: Int) throws -> String? {
    switch name {
    case .time: return nil
    case .severity, .level: return Severity.name(try block.severities().severities[row])
    case .stream:
      let (streams, streamOf) = try block.streams()
      return HexBytes.text(of: streams[Int(streamOf[row])].id)
    case .field(let field): return try value(of: field, row) ?? ofStreams[Int(try block.streams().streamOf[row])]
    }
  }

  private mutating func value(of field: QueryField, in stream: BlockStream) -> String? {
    switch field {
    case .named(let name):
      return value(of: name, in: stream.resource, field: 1) ?? value(of: name, in: stream.scope, field: 3)
    case .scopeName, .scopeVersion: return Self.text(field == .scopeName ? 1 : 2, in: stream.scope)
    default: return nil
    }
  }

  private mutating func value(of name: String, in message: [UInt8], field: UInt64) -> String? {
    var name = name
    return name.withUTF8 { name in
      message.withUnsafeBytes { message in
        let pairs = FieldMatcher.Pairs(field, 0..<message.count)
        return matcher.matches(UnsafeRawBufferPointer(name), in: pairs, of: message) ? found : nil
      }
    }
  }

  private static func text(_ number: UInt64, in message: [UInt8]) -> String? {
    message.withUnsafeBytes { bytes in
      var fields = WireFields(bytes)
      while let field = fields.next() {
        if field.number == number, !field.content.isEmpty {
          return String(decoding: bytes.part(field.content), as: UTF8.self)
        }
      }
      return nil
    }
  }

  private mutating func value(of field: QueryField, _ row: Int) throws -> String? {
    switch field {
    case .named(let name):
      let attributes = try block.attributes()
      let own = attributes.withUnsafeBytes { value(of: name, FieldMatcher.Pairs(6, attributes.range(row)), $0) }
      return try own ?? bodyMember(name, row)
    case .message: return try message(row)
    case .severityText:
      let texts = try block.severities().texts
      return texts.range(row).isEmpty ? nil : texts.text(row)
    case .eventName: return Self.text(12, in: Array(try block.others().text(row).utf8))
    case .traceID, .spanID:
      let ids = try block.ids()
      let (start, count) = field == .traceID ? (0, 16) : (16 * block.records, 8)
      if ids.isEmpty { return nil }
      let id = ids[start + row * count..<start + row * count + count]
      return id.allSatisfy { $0 == 0 } ? nil : HexBytes.text(of: id)
    case .anywhere, .scopeName, .scopeVersion: return nil
    }
  }

  private mutating func value(
    of name: String, _ pairs: FieldMatcher.Pairs, _ bytes: UnsafeRawBufferPointer
  ) -> String? {
    var name = name
    return name.withUTF8 { name in
      matcher.matches(UnsafeRawBufferPointer(name), in: pairs, of: bytes) ? found : nil
    }
  }

  private mutating func bodyMember(_ name: String, _ row: Int) throws -> String? {
    let (kinds, texts) = try block.bodies()
    guard kinds[row] == BodyKind.value.rawValue else { return nil }
    return texts.withUnsafeBytes { bytes in
      var fields = WireFields(bytes, in: texts.range(row))
      guard let field = fields.next(), field.number == 6 else { return nil }
      return value(of: name, FieldMatcher.Pairs(1, field.content), bytes)
    }
  }

  private mutating func message(_ row: Int) throws -> String? {
    let (kinds, texts) = try block.bodies()
    if texts.range(row).isEmpty { return nil }
    if kinds[row] == BodyKind.text.rawValue { return texts.text(row) }
    return texts.withUnsafeBytes { bytes in
      var fields = WireFields(bytes, in: texts.range(row))
      guard let field = fields.next(), let leaf = Leaves.leaf(field, of: bytes) else { return nil }
      return matcher.matches(leaf) ? found : nil
    }
  }
}

extension Texts {
  /// A text; bytes that are no UTF-8 are replaced.
  func text(_ row: Int) -> String {
    withUnsafeBytes { String(decoding: $0.part(range(row)), as: UTF8.self) }
  }
}

extension HexBytes {
  /// A number as 16 digits.
  static func text(of number: UInt64) -> String {
    withUnsafeBytes(of: number.bigEndian) { text(of: $0) }
  }
}
