/// Access logs of web servers: the Common Log Format, and the combined one with referer and user agent.
enum CLFText: String, CaseIterable {
  case clf, combined

  /// Adds the fields of a line; false if it does not have this form.
  func read(_ text: UnsafeRawBufferPointer, into found: inout FoundFields) -> Bool {
    var place = 0
    for name: StaticString in ["clf.remote_host", "clf.rfc931", "clf.auth_user"] {
      guard let word = Self.word(of: text, &place) else { return false }
      found.add(name, FoundFields.Piece(word))
    }
    guard place < text.count, text[place] == UInt8(ascii: "["), let end = text.first(UInt8(ascii: "]"), from: place)
    else { return false }
    found.add("clf.timestamp", FoundFields.Piece(place &+ 1..<end))
    place = end &+ 1
    guard Self.takeSpace(text, &place), let request = Self.quoted(text, &place, &found) else { return false }
    found.add("clf.request", request)
    Self.addRequest(request, of: text, to: &found)
    guard Self.takeSpace(text, &place), addNumbers(text, &place, &found) else { return false }
    if self == .clf { return place == text.count }
    for name: StaticString in ["clf.referer", "clf.user_agent"] {
      guard Self.takeSpace(text, &place), let value = Self.quoted(text, &place, &found) else { return false }
      found.add(name, value)
    }
    return place == text.count
  }

  /// The status, and the bytes of the answer unless there are none.
  private func addNumbers(
    _ text: UnsafeRawBufferPointer, _ place: inout Int, _ found: inout FoundFields
  ) -> Bool {
    guard let statusEnd = text.first(0x20, from: place), statusEnd == place &+ 3,
      let status = GoNumber.int(text.part(place..<statusEnd)), text[place].isDigit
    else { return false }
    found.add(found.write("clf.status"), .int(status))
    place = statusEnd &+ 1
    let end = text.first(0x20, from: place) ?? text.count
    let size = text.part(place..<end)
    place = end
    if size.isEqual("-") { return true }
    guard size.first?.isDigit == true, let bytes = GoNumber.int(size) else { return false }
    found.add(found.write("clf.bytes"), .int(bytes))
    return true
  }

  /// The next word and the space behind it.
  private static func word(of text: UnsafeRawBufferPointer, _ place: inout Int) -> Range<Int>? {
    guard let end = text.first(0x20, from: place), end > place else { return nil }
    defer { place = end &+ 1 }
    return place..<end
  }

  private static func takeSpace(_ text: UnsafeRawBufferPointer, _ place: inout Int) -> Bool {
    guard place < text.count, text[place] == 0x20 else { return false }
    place &+= 1
    return true
  }

  /// What stands between quotes, with what its backslashes stand for.
  private static func quoted(
    _ text: UnsafeRawBufferPointer, _ place: inout Int, _ found: inout FoundFields
  ) -> FoundFields.Piece? {
    guard place < text.count, text[place] == UInt8(ascii: "\"") else { return nil }
    let start = place &+ 1
    var end = start
    var hasEscapes = false
    while end < text.count, text[end] != UInt8(ascii: "\"") {
      let isEscape = text[end] == UInt8(ascii: "\\")
      hasEscapes = hasEscapes || isEscape
      end &+= isEscape ? 2 : 1
    }
    guard end < text.count else { return nil }
    place = end &+ 1
    return hasEscapes ? unescaped(text.part(start..<end), &found) : FoundFields.Piece(start..<end)
  }

  private static func unescaped(_ part: UnsafeRawBufferPointer, _ found: inout FoundFields) -> FoundFields.Piece {
    let start = found.written.count
    var place = 0
    while place < part.count {
      guard part[place] == UInt8(ascii: "\\"), place &+ 1 < part.count else {
        found.written.append(part[place])
        place &+= 1
        continue
      }
      let next = part[place &+ 1]
      if next == UInt8(ascii: "x"), place &+ 3 < part.count, let high = HexText.nibble(part[place &+ 2]),
        let low = HexText.nibble(part[place &+ 3])
      {
        found.written.append(high << 4 | low)
        place &+= 4
        continue
      }
      if let meant = control(next) {
        found.written.append(meant)
      } else {
        found.written.append(UInt8(ascii: "\\"))
        found.written.append(next)
      }
      place &+= 2
    }
    return found.piece(since: start)
  }

  private static func control(_ letter: UInt8) -> UInt8? {
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): letter
    case UInt8(ascii: "n"): 0x0A
    case UInt8(ascii: "t"): 0x09
    case UInt8(ascii: "r"): 0x0D
    case UInt8(ascii: "b"): 0x08
    case UInt8(ascii: "f"): 0x0C
    case UInt8(ascii: "v"): 0x0B
    case UInt8(ascii: "a"): 0x07
    default: nil
    }
  }

  /// Method, target and protocol of a request line, if it is made of these three.
  private static func addRequest(
    _ request: FoundFields.Piece, of text: UnsafeRawBufferPointer, to found: inout FoundFields
  ) {
    let spaces =
      request.isWritten
      ? found.written.withUnsafeBytes(in: request.range) { Self.spaces(in: $0) }
      : Self.spaces(in: text.part(request.range))
    guard let (first, second) = spaces else { return }
    let start = request.range.lowerBound
    func piece(_ range: Range<Int>) -> FoundFields.Piece {
      FoundFields.Piece(range.lowerBound &+ start..<range.upperBound &+ start, isWritten: request.isWritten)
    }
    found.add("clf.method", piece(0..<first))
    found.add("clf.request_uri", piece(first &+ 1..<second))
    found.add("clf.protocol", piece(second &+ 1..<request.range.count))
  }

  /// The two spaces of three words.
  private static func spaces(in line: UnsafeRawBufferPointer) -> (Int, Int)? {
    guard let first = line.first(0x20), let second = line.first(0x20, from: first &+ 1), first > 0,
      second > first &+ 1, second &+ 1 < line.count, line.first(0x20, from: second &+ 1) == nil
    else { return nil }
    return (first, second)
  }
}
