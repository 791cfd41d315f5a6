/// Entity references of a resource as JSON, from the protobuf fields that a batch keeps.
extension ByteWriter {
  /// Appends `entityRefs` (resource.proto); those that are malformed are left out.
  mutating func appendEntityRefs(_ bytes: UnsafeRawBufferPointer) {
    if bytes.isEmpty { return }
    let start = count
    appendName("entityRefs")
    let list = count
    var refs = ProtobufFields(bytes)
    while let ref = refs.next() {
      let before = count
      append(UInt8(ascii: ","))
      if ref.number != 3 || !appendEntityRef(bytes, ref.content) { truncate(to: before) }
    }
    if count == list {
      truncate(to: start)
    } else {
      base.storeBytes(of: UInt8(ascii: "["), toByteOffset: list, as: UInt8.self)
      append(UInt8(ascii: "]"))
    }
  }

  /// Appends an `EntityRef`: `schema_url` (1), `type` (2), `id_keys` (3), `description_keys` (4), common.proto.
  private mutating func appendEntityRef(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Bool {
    let start = count
    for (number, name) in [(1, "schemaUrl"), (2, "type")] as [(UInt64, StaticString)] {
      var fields = ProtobufFields(bytes, in: range)
      var text: Range<Int>?
      while let field = fields.next() {
        if field.number == number { text = field.content }
      }
      if fields.isMalformed { return false }
      guard let text, !text.isEmpty else { continue }
      appendName(name)
      if !appendChecked(bytes, text) { return false }
    }
    for (number, name) in [(3, "idKeys"), (4, "descriptionKeys")] as [(UInt64, StaticString)] {
      if !appendKeys(name, number, bytes, range) { return false }
    }
    closeObject(from: start)
    return true
  }

  private mutating func appendKeys(
    _ name: StaticString, _ number: UInt64, _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>
  ) -> Bool {
    var fields = ProtobufFields(bytes, in: range)
    var isFirst = true
    while let field = fields.next() {
      guard field.number == number else { continue }
      if isFirst { appendName(name) }
      append(isFirst ? UInt8(ascii: "[") : UInt8(ascii: ","))
      isFirst = false
      if !appendChecked(bytes, field.content) { return false }
    }
    if !isFirst { append(UInt8(ascii: "]")) }
    return !fields.isMalformed
  }

  /// Appends a string if it is UTF-8.
  private mutating func appendChecked(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Bool {
    let text = UnsafeRawBufferPointer(rebasing: bytes[range])
    guard UTF8Text.firstInvalid(in: text) == nil else { return false }
    appendJSON(string: text)
    return true
  }
}
