import Testing

@testable import LogPipeline

/// What parsers find, as a text that tests can compare.
enum ShownFields {
  /// The fields of a text in their order, `{a: x, b: {c: 1}}`; nil if it was refused.
  static func of(_ text: String, _ read: (UnsafeRawBufferPointer, inout FoundFields) -> Bool) -> String? {
    of(bytes: Array(text.utf8), read)
  }

  static func of(bytes: [UInt8], _ read: (UnsafeRawBufferPointer, inout FoundFields) -> Bool) -> String? {
    bytes.withUnsafeBytes { text in
      var found = FoundFields()
      guard read(text, &found) else { return nil }
      return "{\(shown(0..<found.fields.count, of: found, text, isList: false))}"
    }
  }

  private static func shown(
    _ range: Range<Int>, of found: borrowing FoundFields, _ text: UnsafeRawBufferPointer, isList: Bool
  ) -> String {
    func part(_ piece: FoundFields.Piece) -> String {
      let bytes = piece.isWritten ? found.written.array : Array(text)
      return String(decoding: bytes[piece.range], as: UTF8.self)
    }
    var parts: [String] = []
    var index = range.lowerBound
    while index < range.upperBound {
      let field = found.fields[index]
      let value =
        switch field.value {
        case .text(let piece): part(piece)
        case .int(let number): "\(number)"
        case .double(let number): "\(number)"
        case .bool(let truth): "\(truth)"
        case .map: "{\(shown(index + 1..<field.end, of: found, text, isList: false))}"
        case .list: "[\(shown(index + 1..<field.end, of: found, text, isList: true))]"
        }
      parts.append(isList ? value : "\(part(field.key)): \(value)")
      index = field.end
    }
    return parts.joined(separator: ", ")
  }
}

/// Bytes written by what is tested, as a text.
func written(_ write: (inout ByteWriter) -> Void) -> String {
  var writer = ByteWriter(capacityBytes: 64)
  write(&writer)
  return String(decoding: writer.array, as: UTF8.self)
}

extension String {
  /// Calls `body` with the text's UTF-8.
  func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try Array(utf8).withUnsafeBytes { try body($0) }
  }
}

/// How long something takes, the best of three.
func bestTime(_ body: () -> Void) -> Duration {
  (0..<3).map { _ in ContinuousClock().measure(body) }.min() ?? .zero
}
