/// The parts of a key between dots, each of which Elasticsearch takes for a name of its own; it rejects one that is
/// only white space, and a key that is empty.
enum KeyParts {
  /// Whether a part has bytes, all of them white space.
  @inline(__always)
  static func isAnyBlank(_ key: RawSpan) -> Bool { key.withUnsafeBytes { isAnyBlank($0) } }

  static func isAnyBlank(_ key: UnsafeRawBufferPointer) -> Bool {
    var isBlank = true
    var count = 0
    for byte in key {
      if byte == UInt8(ascii: ".") {
        if isBlank && count > 0 { return true }
        (isBlank, count) = (true, 0)
      } else {
        isBlank = isBlank && isWhiteSpace(byte)
        count &+= 1
      }
    }
    return isBlank && count > 0
  }

  @inline(__always)
  static func isWhiteSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

  /// Appends a quoted key and a colon, with `_` for each blank part and for an empty key.
  static func append(_ key: RawSpan, to bytes: inout ByteWriter) { key.withUnsafeBytes { append($0, to: &bytes) } }

  static func append(_ key: UnsafeRawBufferPointer, to bytes: inout ByteWriter) {
    bytes.append(UInt8(ascii: "\""))
    if key.isEmpty { bytes.append(UInt8(ascii: "_")) }
    var isFirst = true
    for part in key.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) where !key.isEmpty {
      if !isFirst { bytes.append(UInt8(ascii: ".")) }
      isFirst = false
      if !part.isEmpty && part.allSatisfy(isWhiteSpace) {
        bytes.append(UInt8(ascii: "_"))
      } else {
        bytes.appendJSONEscaped(UnsafeRawBufferPointer(rebasing: part))
      }
    }
    bytes.append("\":")
  }
}
