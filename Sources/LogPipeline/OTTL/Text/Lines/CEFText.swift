/// Common Event Format of ArcSight: `CEF:0|vendor|product|version|class|name|severity|key=value …`.
enum CEFText {
  private static var headers: [StaticString] {
    [
      "cef.device_vendor", "cef.device_product", "cef.device_version", "cef.device_event_class_id", "cef.name",
      "cef.severity",
    ]
  }

  /// Adds the fields of a message, which may stand behind a header of syslog; false if it is none.
  static func read(_ text: UnsafeRawBufferPointer, into found: inout FoundFields) -> Bool {
    guard let mark = text.first("CEF:") else { return false }
    var place = mark &+ 4
    guard let versionEnd = headerEnd(of: text, from: place) else { return false }
    let version = text.trimmed(place..<versionEnd)
    guard !version.isEmpty, text.part(version).allSatisfy(\.isDigit) else { return false }
    found.add("cef.version", FoundFields.Piece(version))
    place = versionEnd &+ 1
    for (index, name) in headers.enumerated() {
      let end = headerEnd(of: text, from: place)
      // The last bar may be missing if no extension follows.
      guard let end = end ?? (index == headers.count - 1 ? text.count : nil) else { return false }
      let value = unescaped(place..<end, of: text, isHeader: true, &found)
      found.add(name, value)
      place = min(end &+ 1, text.count)
    }
    let key = found.write("cef.extensions")
    found.begin(key, .map)
    addExtensions(place..<text.count, of: text, to: &found)
    found.end()
    return !found.isFull
  }

  /// Where a bar stands that is not escaped.
  private static func headerEnd(of text: UnsafeRawBufferPointer, from start: Int) -> Int? {
    var place = start
    while place < text.count, text[place] != UInt8(ascii: "|") {
      place &+= text[place] == UInt8(ascii: "\\") ? 2 : 1
    }
    return place < text.count ? place : nil
  }

  /// A value ends where a space and the next key with its `=` follow.
  private static func addExtensions(
    _ range: Range<Int>, of text: UnsafeRawBufferPointer, to found: inout FoundFields
  ) {
    var key: Range<Int>?
    var valueStart = range.lowerBound
    var wordStart = range.lowerBound
    var isKey = true
    var place = range.lowerBound
    while place < range.upperBound {
      let byte = text[place]
      if byte == UInt8(ascii: "=") {
        if isKey, place > wordStart {
          if let key { add(key, valueStart..<wordStart, of: text, to: &found) }
          key = wordStart..<place
          valueStart = place &+ 1
        }
        isKey = false
      } else if byte == 0x20 {
        wordStart = place &+ 1
        isKey = true
      } else if byte == UInt8(ascii: "\\") {
        isKey = false
        place &+= 1
      } else if !isKeyByte(byte) {
        isKey = false
      }
      place &+= 1
    }
    if let key { add(key, valueStart..<range.upperBound, of: text, to: &found) }
  }

  private static func isKeyByte(_ byte: UInt8) -> Bool {
    byte.isWord || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "[")
      || byte == UInt8(ascii: "]")
  }

  private static func add(
    _ key: Range<Int>, _ value: Range<Int>, of text: UnsafeRawBufferPointer, to found: inout FoundFields
  ) {
    let piece = unescaped(text.trimmed(value), of: text, isHeader: false, &found)
    found.add(FoundFields.Piece(key), .text(piece))
  }

  /// A value with what its backslashes stand for; one before another character stays.
  private static func unescaped(
    _ range: Range<Int>, of text: UnsafeRawBufferPointer, isHeader: Bool, _ found: inout FoundFields
  ) -> FoundFields.Piece {
    let part = text.part(range)
    guard part.contains(UInt8(ascii: "\\")) else { return FoundFields.Piece(range) }
    let start = found.written.count
    var place = 0
    while place < part.count {
      let next = place &+ 1 < part.count ? part[place &+ 1] : 0
      guard part[place] == UInt8(ascii: "\\"), let meant = meaning(of: next, isHeader: isHeader) else {
        found.written.append(part[place])
        place &+= 1
        continue
      }
      found.written.append(meant)
      place &+= 2
    }
    return found.piece(since: start)
  }

  private static func meaning(of byte: UInt8, isHeader: Bool) -> UInt8? {
    switch byte {
    case UInt8(ascii: "\\"): byte
    case UInt8(ascii: "|"): isHeader ? byte : nil
    case UInt8(ascii: "="): isHeader ? nil : byte
    case UInt8(ascii: "n"): isHeader ? nil : 0x0A
    case UInt8(ascii: "r"): isHeader ? nil : 0x0D
    default: nil
    }
  }
}
