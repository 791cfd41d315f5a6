/// Log Event Extended Format of QRadar, versions 1.0 and 2.0.
enum LEEFText {
  private static var headers: [StaticString] {
    ["leef.vendor", "leef.product.name", "leef.product.version", "leef.event.id"]
  }

  /// Adds the fields of a message, which may stand behind a header of syslog; false if it is none.
  static func read(_ text: UnsafeRawBufferPointer, into found: inout FoundFields) -> Bool {
    guard let mark = text.first("LEEF:"), let versionEnd = text.first(UInt8(ascii: "|"), from: mark) else {
      return false
    }
    let version = text.part(mark &+ 5..<versionEnd)
    let isSecond = version.isEqual("2.0")
    guard isSecond || version.isEqual("1.0") else { return false }
    found.add("leef.version", FoundFields.Piece(mark &+ 5..<versionEnd))
    var place = versionEnd &+ 1
    for (index, name) in headers.enumerated() {
      let end = text.first(UInt8(ascii: "|"), from: place)
      guard let end = end ?? (index == headers.count - 1 && !isSecond ? text.count : nil) else { return false }
      found.add(name, FoundFields.Piece(place..<end))
      place = min(end &+ 1, text.count)
    }
    guard let delimiter = isSecond ? delimiter(of: text, &place) : 0x09 else { return false }
    let key = found.write("leef.attributes")
    found.begin(key, .map)
    addAttributes(text, from: place, delimiter, to: &found)
    found.end()
    return !found.isFull
  }

  /// The delimiter that version 2.0 says, a tab if it says none; nil if it is no single byte.
  private static func delimiter(of text: UnsafeRawBufferPointer, _ place: inout Int) -> UInt8? {
    let end = text.first(UInt8(ascii: "|"), from: place) ?? text.count
    let part = text.part(place..<end)
    // Where the delimiter is left out, the first attribute stands in its place.
    if part.count > 1, part.contains(UInt8(ascii: "=")) { return 0x09 }
    place = min(end &+ 1, text.count)
    if part.isEmpty { return 0x09 }
    if part.count == 1 { return part[0] }
    guard part.count == 4, part[0] == UInt8(ascii: "0"), part[1] | 0x20 == UInt8(ascii: "x"),
      let high = HexText.nibble(part[2]), let low = HexText.nibble(part[3])
    else { return nil }
    return high << 4 | low
  }

  private static func addAttributes(
    _ text: UnsafeRawBufferPointer, from start: Int, _ delimiter: UInt8, to found: inout FoundFields
  ) {
    var place = start
    while place < text.count {
      let end = text.first(delimiter, from: place) ?? text.count
      if let equals = text.part(place..<end).first(UInt8(ascii: "=")), equals > 0 {
        let value = FoundFields.Piece(place &+ equals &+ 1..<end)
        found.add(FoundFields.Piece(place..<place &+ equals), .text(value))
      }
      place = end &+ 1
    }
  }
}
