import Options

/// Cuts the text of a statement into tokens, in one pass.
struct OTTLLexer {
  let text: [UInt8]
  var position = 0

  private init(_ text: [UInt8]) { self.text = text }

  /// The tokens of a text of at most `OTTLTextLimits.maxBytes`; the last is `end`.
  static func tokens(of text: String) throws(OTTLLoadError) -> [OTTLToken] {
    let bytes = Array(text.utf8)
    if bytes.count > OTTLTextLimits.maxBytes {
      throw OTTLLoadError("\(bytes.count) bytes of text: the limit is \(OTTLTextLimits.maxBytes)", at: 0)
    }
    var lexer = OTTLLexer(bytes)
    var tokens: [OTTLToken] = []
    repeat { tokens.append(try lexer.next()) } while tokens.last?.kind != .end
    return tokens
  }

  /// The byte that is `distance` further on; nil behind the end.
  private func byte(_ distance: Int = 0) -> UInt8? {
    position + distance < text.count ? text[position + distance] : nil
  }

  private mutating func skip(while isWanted: (UInt8) -> Bool) {
    while let next = byte(), isWanted(next) { position += 1 }
  }

  private mutating func next() throws(OTTLLoadError) -> OTTLToken {
    skip { $0 == 0x20 || (0x09...0x0d).contains($0) }
    let start = position
    let kind = try kind()
    return OTTLToken(kind: kind, span: OTTLSpan(start: start, end: position))
  }

  private mutating func kind() throws(OTTLLoadError) -> OTTLToken.Kind {
    guard let first = byte() else { return .end }
    switch first {
    case UInt8(ascii: "0") where byte(1) == UInt8(ascii: "x"): return .bytes(try hexadecimal())
    case _ where first.isASCIIDigit || first == UInt8(ascii: ".") && byte(1)?.isASCIIDigit == true: return try number()
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "a")...UInt8(ascii: "z"): return word()
    case UInt8(ascii: "A")...UInt8(ascii: "Z"):
      let start = position
      skip { (0x41...0x5a).contains($0) || $0.isASCIIDigit || $0 == UInt8(ascii: "_") }
      return .upper(String(decoding: text[start..<position], as: UTF8.self))
    default: return try sign(first)
    }
  }

  private mutating func word() -> OTTLToken.Kind {
    let start = position
    skip { (0x61...0x7a).contains($0) || $0.isASCIIDigit || $0 == UInt8(ascii: "_") }
    let word = String(decoding: text[start..<position], as: UTF8.self)
    let goesOn = byte().map { (0x41...0x5a).contains($0) } ?? false
    if !goesOn, let keyword = OTTLToken.Keyword(rawValue: word) { return .keyword(keyword) }
    return .lower(word)
  }

  private mutating func hexadecimal() throws(OTTLLoadError) -> [UInt8] {
    let start = position
    position += 2
    let first = position
    skip { HexText.nibble($0) != nil }
    let digits = text[first..<position]
    if digits.isEmpty { throw OTTLLoadError("expected hexadecimal digits after 0x", at: start) }
    if digits.count % 2 == 1 {
      throw OTTLLoadError("\(digits.count) hexadecimal digits: bytes need an even number", at: start)
    }
    var bytes: [UInt8] = []
    for index in stride(from: first, to: position, by: 2) {
      bytes.append((HexText.nibble(text[index]) ?? 0) << 4 | (HexText.nibble(text[index + 1]) ?? 0))
    }
    return bytes
  }

  private mutating func number() throws(OTTLLoadError) -> OTTLToken.Kind {
    let start = position
    skip { $0.isASCIIDigit }
    let isWhole = byte() != UInt8(ascii: ".")
    if isWhole {
      let digits = String(decoding: text[start..<position], as: UTF8.self)
      guard let number = Int64(digits) else {
        throw OTTLLoadError("the number \(digits.forDisplay(maxCharacters: 32)) is above \(Int64.max)", at: start)
      }
      if digits.utf8.count > 1, digits.utf8.first == UInt8(ascii: "0") {
        throw OTTLLoadError("a whole number does not begin with 0: the Collector reads it as octal", at: start)
      }
      if byte() == UInt8(ascii: "_") { throw OTTLLoadError("a number has digits only, found _ in it", at: position) }
      if byte() == UInt8(ascii: "e") || byte() == UInt8(ascii: "E"), byte(1).map({ $0.isASCIIDigit }) == true {
        throw OTTLLoadError("a number with an exponent needs a point: write \(number).0e…", at: start)
      }
      return .int(number)
    }
    position += 1
    skip { $0.isASCIIDigit }
    skipExponent()
    let digits = String(decoding: text[start..<position], as: UTF8.self)
    guard let number = Double(digits), number.isFinite else {
      throw OTTLLoadError("the number \(digits.forDisplay(maxCharacters: 32)) is too large", at: start)
    }
    return .double(number)
  }

  private mutating func skipExponent() {
    guard byte() == UInt8(ascii: "e") || byte() == UInt8(ascii: "E") else { return }
    let hasSign = byte(1) == UInt8(ascii: "+") || byte(1) == UInt8(ascii: "-")
    guard byte(hasSign ? 2 : 1)?.isASCIIDigit == true else { return }
    position += hasSign ? 2 : 1
    skip { $0.isASCIIDigit }
  }

  private mutating func sign(_ first: UInt8) throws(OTTLLoadError) -> OTTLToken.Kind {
    if let next = byte(1) {
      let two = String(decoding: [first, next], as: UTF8.self)
      if let comparison = OTTLComparison(rawValue: two) {
        position += 2
        return .comparison(comparison)
      }
      if two == "=>" {
        position += 2
        return .arrow
      }
    }
    let one = String(Character(Unicode.Scalar(first)))
    if let comparison = OTTLComparison(rawValue: one) {
      position += 1
      return .comparison(comparison)
    }
    if let op = OTTLOperator(rawValue: one) {
      position += 1
      return .op(op)
    }
    if let sign = OTTLToken.Sign(rawValue: first) {
      position += 1
      return .sign(sign)
    }
    throw OTTLLoadError(unknown(first), at: position)
  }

  /// What is said of a byte that begins no token.
  private func unknown(_ first: UInt8) -> String {
    switch first {
    case UInt8(ascii: "'"), UInt8(ascii: "`"): "texts stand in double quotes"
    case UInt8(ascii: "&"): "unexpected &: write and"
    case UInt8(ascii: "|"): "unexpected |: write or"
    case UInt8(ascii: "!"): "unexpected !: write not, or != between two values"
    case UInt8(ascii: "#"): "unexpected #: there are no comments here"
    default: "unexpected \(character(at: position))"
    }
  }

  /// The character that begins at a byte, for a message.
  func character(at position: Int) -> String {
    String(String(decoding: text[position...].prefix(8), as: UTF8.self).prefix(1)).forDisplay(maxCharacters: 8)
  }
}
