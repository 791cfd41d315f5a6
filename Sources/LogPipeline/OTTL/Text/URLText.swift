/// The parts of a URL (RFC 3986), under the names of OpenTelemetry's conventions.
enum URLText {
  /// Adds the parts of a URL; false if it is empty or is none.
  static func read(_ text: UnsafeRawBufferPointer, into found: inout FoundFields) -> Bool {
    if text.isEmpty || text.contains(where: { $0 < 0x20 || $0 == 0x7F }) { return false }
    guard let scheme = scheme(of: text) else { return false }
    var start = scheme.isEmpty ? 0 : scheme.upperBound &+ 1
    let fragmentMark = text.first(UInt8(ascii: "#"), from: start)
    let fragmentStart = fragmentMark ?? text.count
    let queryMark = text.first(UInt8(ascii: "?"), from: start).flatMap { $0 < fragmentStart ? $0 : nil }
    let end = queryMark ?? fragmentStart
    let rest = text.part(start..<end)
    if scheme.isEmpty, !rest.hasPrefix("/"), hasColonInFirstSegment(rest) { return false }
    var authority: Range<Int>?
    if rest.hasPrefix("//"), !scheme.isEmpty || !rest.hasPrefix("///") {
      let authorityEnd = text.first(UInt8(ascii: "/"), from: start &+ 2).flatMap { $0 < end ? $0 : nil } ?? end
      authority = start &+ 2..<authorityEnd
      start = authorityEnd
    }
    // Behind a scheme what starts with no slash is opaque, and no path.
    let isOpaque = !scheme.isEmpty && authority == nil && !rest.hasPrefix("/")
    found.add("url.original", FoundFields.Piece(0..<text.count))
    guard add(authority: authority, of: text, to: &found) else { return false }
    addScheme(text.part(scheme), to: &found)
    guard add(path: isOpaque ? end..<end : start..<end, of: text, to: &found) else { return false }
    if fragmentStart &+ 1 < text.count {
      guard let piece = decoded(fragmentStart &+ 1..<text.count, of: text, &found) else { return false }
      found.add("url.fragment", piece)
    }
    if let queryMark, queryMark &+ 1 < fragmentStart {
      found.add("url.query", FoundFields.Piece(queryMark &+ 1..<fragmentStart))
    }
    return true
  }

  /// The scheme without its colon, empty if there is none; nil if a colon stands where one would.
  private static func scheme(of text: UnsafeRawBufferPointer) -> Range<Int>? {
    for place in 0..<text.count {
      let byte = text[place]
      if byte == UInt8(ascii: ":") { return place == 0 ? nil : 0..<place }
      let mayFollow = byte.isDigit || byte == 0x2B || byte == 0x2D || byte == 0x2E
      if !byte.isLetter, place == 0 || !mayFollow { return 0..<0 }
    }
    return 0..<0
  }

  private static func hasColonInFirstSegment(_ rest: UnsafeRawBufferPointer) -> Bool {
    rest.part(0..<(rest.first(UInt8(ascii: "/")) ?? rest.count)).contains(UInt8(ascii: ":"))
  }

  private static func addScheme(_ scheme: UnsafeRawBufferPointer, to found: inout FoundFields) {
    let start = found.written.count
    for byte in scheme { found.written.append(byte.lowercased) }
    found.add("url.scheme", found.piece(since: start))
  }

  private static func add(path: Range<Int>, of text: UnsafeRawBufferPointer, to found: inout FoundFields) -> Bool {
    guard let piece = decoded(path, of: text, &found) else { return false }
    found.add("url.path", piece)
    let point =
      piece.isWritten
      ? found.written.withUnsafeBytes(in: piece.range) { $0.last(UInt8(ascii: ".")) }
      : text.part(piece.range).last(UInt8(ascii: "."))
    if let point, point &+ 1 < piece.range.count {
      let extensionStart = piece.range.lowerBound &+ point &+ 1
      found.add(
        "url.extension", FoundFields.Piece(extensionStart..<piece.range.upperBound, isWritten: piece.isWritten))
    }
    return true
  }

  private static func add(
    authority: Range<Int>?, of text: UnsafeRawBufferPointer, to found: inout FoundFields
  ) -> Bool {
    let authority = authority ?? 0..<0
    var host = authority
    if let at = text.part(authority).last(UInt8(ascii: "@")) {
      let user = authority.lowerBound..<authority.lowerBound &+ at
      host = user.upperBound &+ 1..<authority.upperBound
      guard add(user: user, of: text, to: &found) else { return false }
    }
    guard let (name, port) = hostAndPort(host, of: text) else { return false }
    guard let domain = decoded(name, of: text, &found) else { return false }
    found.add("url.domain", domain)
    if port.isEmpty { return true }
    guard let number = GoNumber.int(text.part(port)) else { return false }
    found.add(found.write("url.port"), .int(number))
    return true
  }

  private static func add(user: Range<Int>, of text: UnsafeRawBufferPointer, to found: inout FoundFields) -> Bool {
    found.add("url.user_info", FoundFields.Piece(user))
    let colon = text.part(user).first(UInt8(ascii: ":")).map { $0 &+ user.lowerBound }
    guard let name = decoded(user.lowerBound..<(colon ?? user.upperBound), of: text, &found) else { return false }
    if name.count > 0 { found.add("url.username", name) }
    guard let colon else { return true }
    guard let password = decoded(colon &+ 1..<user.upperBound, of: text, &found) else { return false }
    found.add("url.password", password)
    return true
  }

  /// A host without brackets and its port without colon; nil if they are none.
  private static func hostAndPort(
    _ range: Range<Int>, of text: UnsafeRawBufferPointer
  ) -> (host: Range<Int>, port: Range<Int>)? {
    let host = text.part(range)
    var hostEnd = host.count
    var name = range
    if host.first == UInt8(ascii: "[") {
      guard let bracket = host.last(UInt8(ascii: "]")) else { return nil }
      hostEnd = bracket &+ 1
      name = range.lowerBound &+ 1..<range.lowerBound &+ bracket
    } else if let colon = host.last(UInt8(ascii: ":")) {
      hostEnd = colon
      name = range.lowerBound..<range.lowerBound &+ colon
    }
    if hostEnd == host.count { return (name, 0..<0) }
    guard host[hostEnd] == UInt8(ascii: ":") else { return nil }
    let port = range.lowerBound &+ hostEnd &+ 1..<range.upperBound
    return text.part(port).allSatisfy(\.isDigit) ? (name, port) : nil
  }

  /// A part with its percent signs decoded; nil if one has no two hexadecimal digits behind it.
  private static func decoded(
    _ range: Range<Int>, of text: UnsafeRawBufferPointer, _ found: inout FoundFields
  ) -> FoundFields.Piece? {
    let part = text.part(range)
    guard part.contains(UInt8(ascii: "%")) else { return FoundFields.Piece(range) }
    let start = found.written.count
    var place = 0
    while place < part.count {
      if part[place] == UInt8(ascii: "%") {
        guard place &+ 2 < part.count, let high = HexText.nibble(part[place &+ 1]),
          let low = HexText.nibble(part[place &+ 2])
        else { return nil }
        found.written.append(high << 4 | low)
        place &+= 3
      } else {
        found.written.append(part[place])
        place &+= 1
      }
    }
    return found.piece(since: start)
  }
}
