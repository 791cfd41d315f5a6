/// All fields of records, with the names that flat lines give them.
struct FieldWalk {
  private let block: Block
  private let text = LeafText()
  /// The fields of each stream of the block.
  private var ofStreams: [[(name: String, value: String)]] = []

  init(_ block: Block) throws {
    self.block = block
    for stream in try block.streams().streams {
      var fields: [(name: String, value: String)] = []
      stream.resource.withUnsafeBytes { bytes in
        visit(1, in: 0..<bytes.count, of: bytes, under: "") { fields.append(($0, $1)) }
      }
      stream.scope.withUnsafeBytes { bytes in
        visit(3, in: 0..<bytes.count, of: bytes, under: "scope.attributes.") { fields.append(($0, $1)) }
      }
      ofStreams.append(fields)
    }
  }

  /// Calls `found` with name and value of each field of a record but its time and its text; ids by name only.
  func forEach(_ row: Int, _ found: (String, String) -> Void) throws {
    let (_, streamOf) = try block.streams()
    for field in ofStreams[Int(streamOf[row])] { found(field.name, field.value) }
    let (_, severities, severityTexts) = try block.severities()
    if let name = Severity.name(severities[row]) { found("severity", name) }
    if !severityTexts.range(row).isEmpty { found("severity_text", severityTexts.text(row)) }
    let attributes = try block.attributes()
    attributes.withUnsafeBytes { visit(6, in: attributes.range(row), of: $0, under: "", found) }
    let (kinds, bodies) = try block.bodies()
    if kinds[row] == BodyKind.value.rawValue {
      bodies.withUnsafeBytes { bytes in
        var fields = WireFields(bytes, in: bodies.range(row))
        if let field = fields.next(), field.number == 6 { visit(1, in: field.content, of: bytes, under: "", found) }
      }
    }
  }

  private func visit(
    _ field: UInt64, in range: Range<Int>, of bytes: UnsafeRawBufferPointer, under prefix: String,
    depth: Int = 0, _ found: (String, String) -> Void
  ) {
    var pairs = WireFields(bytes, in: range)
    while let pair = pairs.next() {
      guard pair.number == field else { continue }
      let (key, value) = Leaves.pair(pair.content, of: bytes)
      let name = prefix + String(decoding: bytes.part(key), as: UTF8.self)
      var values = WireFields(bytes, in: value)
      while let value = values.next() {
        if let leaf = Leaves.leaf(value, of: bytes) {
          let text = text.with(leaf) { String(decoding: $0, as: UTF8.self) }
          if !text.isEmpty { found(name, text) }
        } else if value.number == 6, depth < Leaves.maxDepth {
          visit(1, in: value.content, of: bytes, under: name + ".", depth: depth + 1, found)
        }
      }
    }
  }
}
