/// Text in other cases.
enum CaseText: String, CaseIterable {
  case lower, upper, snake, camel

  /// Appends a text, which has to be valid UTF-8, in this case.
  func append(_ text: UnsafeRawBufferPointer, to writer: inout ByteWriter) {
    switch self {
    case .lower, .upper: appendLetters(text, to: &writer)
    case .snake: Self.appendSnake(text.part(text.trimmed(0..<text.count)), to: &writer)
    case .camel: Self.appendCamel(text.part(text.trimmed(0..<text.count)), to: &writer)
    }
  }

  /// Letter by letter, so that a text keeps its number of characters.
  private func appendLetters(_ text: UnsafeRawBufferPointer, to writer: inout ByteWriter) {
    var place = 0
    while place < text.count {
      let byte = text[place]
      if byte < 0x80 {
        writer.append(self == .lower ? byte.lowercased : byte.uppercased)
        place &+= 1
        continue
      }
      let (scalar, length) = Self.scalar(of: text, at: place)
      place &+= length
      writer.append(scalar: self == .lower ? Self.lowercased(scalar) : Self.uppercased(scalar))
    }
  }

  /// The mapping of one character to one; a mapping to several is left undone.
  private static func lowercased(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    single(scalar.properties.lowercaseMapping) ?? scalar
  }

  private static func uppercased(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    single(scalar.properties.uppercaseMapping) ?? scalar
  }

  private static func single(_ mapping: String) -> Unicode.Scalar? {
    let scalars = mapping.unicodeScalars
    guard let first = scalars.first, scalars.dropFirst().isEmpty else { return nil }
    return first
  }

  /// The character at a place of valid UTF-8, and its length.
  static func scalar(of text: UnsafeRawBufferPointer, at place: Int) -> (scalar: Unicode.Scalar, length: Int) {
    let first = text[place]
    let length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
    guard length > 1, place &+ length <= text.count else { return (Unicode.Scalar(min(first, 0x7F)), 1) }
    var number = UInt32(first) & (0x7F &>> UInt32(length))
    for offset in 1..<length { number = number << 6 | UInt32(text[place &+ offset] & 0x3F) }
    return (Unicode.Scalar(number) ?? "\u{FFFD}", length)
  }

  // MARK: Words

  private static func isSeparator(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
  }

  /// Words in small letters with `_` between them; a word ends where small and capital letters and digits change, and
  /// a row of capitals is one word but for the last, which begins the next.
  private static func appendSnake(_ text: UnsafeRawBufferPointer, to writer: inout ByteWriter) {
    for place in 0..<text.count {
      let byte = text[place]
      let next = place &+ 1 < text.count ? text[place &+ 1] : 0
      let isChange =
        byte.isUpper && (next.isLower || next.isDigit) || byte.isLower && (next.isUpper || next.isDigit)
        || byte.isDigit && next.isLetter
      if isChange {
        let beginsWord = byte.isUpper && next.isLower && place > 0 && text[place &- 1].isUpper
        if beginsWord { writer.append(UInt8(ascii: "_")) }
        writer.append(byte.lowercased)
        if byte.isLower || byte.isDigit || next.isDigit { writer.append(UInt8(ascii: "_")) }
      } else {
        writer.append(isSeparator(byte) ? UInt8(ascii: "_") : byte.lowercased)
      }
    }
  }

  /// Words that begin with a capital, with nothing between them; only ASCII letters and digits stay.
  private static func appendCamel(_ text: UnsafeRawBufferPointer, to writer: inout ByteWriter) {
    var beginsWord = true
    var wasUpper = false
    for byte in text {
      let isUpper = byte.isUpper
      if byte.isLetter {
        writer.append(beginsWord ? byte.uppercased : wasUpper ? byte.lowercased : byte)
        beginsWord = false
      } else if byte.isDigit {
        writer.append(byte)
        beginsWord = true
      } else {
        beginsWord = isSeparator(byte)
      }
      wasUpper = isUpper
    }
  }
}

extension UInt8 {
  @inline(__always) var uppercased: UInt8 { isLower ? self & 0xDF : self }
}

extension ByteWriter {
  /// Appends a character in UTF-8.
  mutating func append(scalar: Unicode.Scalar) {
    for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { append(byte) }
  }
}
