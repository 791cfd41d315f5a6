package import LogPipeline

/// The fields of records as texts, under the names that queries use.
struct StoredFields {
  private let text = LeafText()

  /// Calls `found` with name and value of each field but `_time`, `_stream` and `_stream_id`: `_msg` if the body is no
  /// map, what the record has, then what its resource and its scope have. The first of one name is the one meant.
  func forEach(of record: StoredRecord, _ found: (String, String) -> Void) {
    record.message.withUnsafeBytes { ofMessage($0, found) }
    record.stream.parts.resource.withUnsafeBytes { pairs(1, in: 0..<$0.count, of: $0, under: "", found) }
    record.stream.parts.scope.withUnsafeBytes { bytes in
      texts([1: "scope.name", 2: "scope.version"], in: bytes, found)
      pairs(3, in: 0..<bytes.count, of: bytes, under: "scope.attributes.", found)
    }
  }

  /// The attributes of the record's resource, in order, as `{name="value",…}`.
  func stream(of record: StoredRecord) -> String {
    var list: [(name: String, value: String)] = []
    record.stream.parts.resource.withUnsafeBytes { bytes in
      pairs(1, in: 0..<bytes.count, of: bytes, under: "") { list.append(($0, $1)) }
    }
    let members = list.sorted { $0.name < $1.name }.map { "\($0.name)=\(Self.quoted($0.value))" }
    return "{\(members.joined(separator: ","))}"
  }

  private static func quoted(_ text: String) -> String {
    var writer = ByteWriter(capacityBytes: 64)
    writer.appendJSON(string: text)
    return String(decoding: writer.array, as: UTF8.self)
  }

  private func ofMessage(_ bytes: UnsafeRawBufferPointer, _ found: (String, String) -> Void) {
    var (number, severityText) = (UInt8(0), 0..<0)
    var fields = WireFields(bytes)
    while let field = fields.next() {
      switch field.number {
      case 2: number = UInt8(clamping: field.value)
      case 3: severityText = field.content
      case 5: body(field.content, of: bytes, found)
      default: break
      }
    }
    if let name = Severity.name(Severity.of(number: number, text: bytes.part(severityText))) { found("severity", name) }
    if number > 0 { found("severity_number", "\(number)") }
    texts([3: "severity_text", 12: "event_name"], in: bytes, found)
    ids(in: bytes, found)
    pairs(6, in: 0..<bytes.count, of: bytes, under: "", found)
  }

  private func body(_ range: Range<Int>, of bytes: UnsafeRawBufferPointer, _ found: (String, String) -> Void) {
    var fields = WireFields(bytes, in: range)
    while let field = fields.next() {
      if field.number == 6 {
        pairs(1, in: field.content, of: bytes, under: "", found)
      } else if let value = value(field, of: bytes) {
        found("_msg", value)
      }
    }
  }

  private func texts(
    _ names: [UInt64: String], in bytes: UnsafeRawBufferPointer, _ found: (String, String) -> Void
  ) {
    var fields = WireFields(bytes)
    while let field = fields.next() {
      if let name = names[field.number], !field.content.isEmpty {
        found(name, String(decoding: bytes.part(field.content), as: UTF8.self))
      }
    }
  }

  private func ids(in bytes: UnsafeRawBufferPointer, _ found: (String, String) -> Void) {
    var fields = WireFields(bytes)
    while let field = fields.next() {
      guard field.number == 9 || field.number == 10 else { continue }
      let id = bytes.part(field.content)
      if id.contains(where: { $0 != 0 }) { found(field.number == 9 ? "trace_id" : "span_id", HexBytes.text(of: id)) }
    }
  }

  /// Attributes as `KeyValue` messages; those that are maps by their members, with dots.
  private func pairs(
    _ number: UInt64, in range: Range<Int>, of bytes: UnsafeRawBufferPointer, under prefix: String, depth: Int = 0,
    _ found: (String, String) -> Void
  ) {
    var fields = WireFields(bytes, in: range)
    while let field = fields.next() {
      guard field.number == number else { continue }
      let (key, content) = Leaves.pair(field.content, of: bytes)
      let name = prefix + String(decoding: bytes.part(key), as: UTF8.self)
      var values = WireFields(bytes, in: content)
      while let inner = values.next() {
        if inner.number == 6, depth < Leaves.maxDepth {
          pairs(1, in: inner.content, of: bytes, under: name + ".", depth: depth + 1, found)
        } else if let value = value(inner, of: bytes) {
          found(name, value)
        }
      }
    }
  }

  /// A value that is no map: texts and numbers as they are, bytes in base64, arrays as JSON; nil if it is empty.
  private func value(_ field: WireFields.Field, of bytes: UnsafeRawBufferPointer) -> String? {
    switch Leaves.leaf(field, of: bytes) {
    case .bytes(let content): return content.isEmpty ? nil : Base64Text.text(of: content)
    case .some(let leaf):
      let text = text.with(leaf) { String(decoding: $0, as: UTF8.self) }
      return text.isEmpty ? nil : text
    case nil:
      if field.number != 5 { return nil }
      var writer = ByteWriter(capacityBytes: 256)
      array(field.content, of: bytes, depth: 0, to: &writer)
      return String(decoding: writer.array, as: UTF8.self)
    }
  }

  // MARK: JSON of arrays

  private func array(
    _ range: Range<Int>, of bytes: UnsafeRawBufferPointer, depth: Int, to writer: inout ByteWriter
  ) {
    writer.append(UInt8(ascii: "["))
    var isFirst = true
    var fields = WireFields(bytes, in: range)
    while let field = fields.next() {
      guard field.number == 1 else { continue }
      if !isFirst { writer.append(UInt8(ascii: ",")) }
      isFirst = false
      any(field.content, of: bytes, depth: depth + 1, to: &writer)
    }
    writer.append(UInt8(ascii: "]"))
  }

  private func any(_ range: Range<Int>, of bytes: UnsafeRawBufferPointer, depth: Int, to writer: inout ByteWriter) {
    var fields = WireFields(bytes, in: range)
    guard let field = fields.next(), depth < Leaves.maxDepth else { return writer.append("null") }
    switch Leaves.leaf(field, of: bytes) {
    case .text(let content): writer.appendJSON(string: content)
    case .bytes(let content): writer.appendJSON(string: Base64Text.text(of: content))
    case .some(let leaf): text.with(leaf) { writer.append($0) }
    case nil where field.number == 5: array(field.content, of: bytes, depth: depth, to: &writer)
    case nil where field.number == 6: map(field.content, of: bytes, depth: depth, to: &writer)
    case nil: writer.append("null")
    }
  }

  private func map(_ range: Range<Int>, of bytes: UnsafeRawBufferPointer, depth: Int, to writer: inout ByteWriter) {
    writer.append(UInt8(ascii: "{"))
    var isFirst = true
    var fields = WireFields(bytes, in: range)
    while let field = fields.next() {
      guard field.number == 1 else { continue }
      if !isFirst { writer.append(UInt8(ascii: ",")) }
      isFirst = false
      let (key, value) = Leaves.pair(field.content, of: bytes)
      writer.appendJSON(string: bytes.part(key))
      writer.append(UInt8(ascii: ":"))
      any(value, of: bytes, depth: depth + 1, to: &writer)
    }
    writer.append(UInt8(ascii: "}"))
  }
}

extension ByteWriter {
  /// Appends a text as JSON.
  package mutating func appendJSON(string text: String) {
    var text = text
    text.withUTF8 { appendJSON(string: UnsafeRawBufferPointer($0)) }
  }
}

/// Base64 with padding: RFC 4648 section 4.
enum Base64Text {
  private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func text(of bytes: UnsafeRawBufferPointer) -> String {
    var text: [UInt8] = []
    var index = 0
    while index < bytes.count {
      let group = (0..<3).map { index + $0 < bytes.count ? UInt32(bytes[index + $0]) : 0 }
      let bits = group[0] << 16 | group[1] << 8 | group[2]
      for digit in 0..<4 {
        let isThere = index + digit - 1 < bytes.count
        text.append(isThere ? digits[Int(bits >> UInt32(18 - 6 * digit) & 63)] : UInt8(ascii: "="))
      }
      index += 3
    }
    return String(decoding: text, as: UTF8.self)
  }
}
