/// Classes of ASCII bytes in the text of options.
extension UInt8 {
  package var isASCIILetter: Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20)
  }

  package var isASCIIDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

  package var isASCIILetterOrDigit: Bool { isASCIILetter || isASCIIDigit }
}

extension String {
  /// Where the ASCII text `needle` first stands.
  package func firstRange(ofText needle: StaticString) -> Range<String.Index>? {
    let needle = needle.withUTF8Buffer { Array($0) }
    var start = utf8.startIndex
    while start < utf8.endIndex {
      if utf8[start...].starts(with: needle) {
        return start..<utf8.index(start, offsetBy: needle.count)
      }
      start = utf8.index(after: start)
    }
    return nil
  }

  /// Without spaces and tabs at both ends.
  package var trimmingSpaces: String {
    let isSpace: (UInt8) -> Bool = { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    guard let start = utf8.firstIndex(where: { !isSpace($0) }), let end = utf8.lastIndex(where: { !isSpace($0) })
    else { return "" }
    return String(self[start...end])
  }

  /// This text for a message: control characters escaped, quotes kept, cut after `maxCharacters`.
  package func forDisplay(maxCharacters: Int) -> String {
    var shown = ""
    var count = 0
    for scalar in unicodeScalars {
      if count == maxCharacters { return shown + "…" }
      count += 1
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned:
        shown += "\\u{\(String(scalar.value, radix: 16))}"
      default: shown.unicodeScalars.append(scalar)
      }
    }
    return shown
  }
}
