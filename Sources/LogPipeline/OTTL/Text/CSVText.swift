/// One row of comma-separated values (RFC 4180, and what Go's reader makes of it), with a header that names its fields.
struct CSVText {
  /// What quotes mean.
  enum Mode: String, CaseIterable {
    /// A quote stands at both ends of a field, and twice inside one.
    case strict
    /// A quote may stand anywhere.
    case lazyQuotes
    /// A quote is a character as any other.
    case ignoreQuotes
  }

  let delimiter: UInt8
  let headerDelimiter: UInt8
  let mode: Mode

  /// Throws for delimiters that are not one ASCII character.
  init(delimiter: [UInt8], headerDelimiter: [UInt8], mode: [UInt8]) throws(TextFormatError) {
    guard let mode = Mode.allCases.first(where: { Array($0.rawValue.utf8) == mode }) else {
      throw TextFormatError("has a mode that is none of strict, lazyQuotes and ignoreQuotes")
    }
    for delimiter in [delimiter, headerDelimiter] {
      guard delimiter.count == 1, delimiter[0] < 0x80, ![0, 0x0A, 0x0D, 0x22].contains(delimiter[0]) else {
        throw TextFormatError("has a delimiter of \(delimiter.count) bytes: it must be one character, and no quote")
      }
    }
    self.delimiter = delimiter[0]
    self.headerDelimiter = headerDelimiter[0]
    self.mode = mode
  }

  /// Adds the fields of a row; false if quotes stand wrong, or it has not as many fields as the header.
  ///
  /// A text of several lines is one row all the same: each line goes on with the last field of the one before.
  func read(
    _ text: UnsafeRawBufferPointer, header: UnsafeRawBufferPointer, into found: inout FoundFields
  ) -> Bool {
    if text.isEmpty || header.isEmpty { return false }
    let start = found.written.count
    found.written.append(header)
    var names = Names(delimiter: headerDelimiter, start: start, end: found.written.count)
    let isRead = mode == .ignoreQuotes ? readPlain(text, &names, &found) : readLines(text, &names, &found)
    return isRead && names.isUsedUp && !found.isFull
  }

  /// The names of fields that are still to come, in what was written.
  private struct Names {
    let delimiter: UInt8
    var start: Int
    let end: Int
    /// Whether the last name was given.
    var isUsedUp = false

    mutating func next(_ written: borrowing ByteWriter) -> FoundFields.Piece? {
      if isUsedUp { return nil }
      let length = written.withUnsafeBytes(in: start..<end) { $0.first(delimiter) }
      let nameEnd = length.map { $0 &+ start } ?? end
      let piece = FoundFields.Piece(start..<nameEnd, isWritten: true)
      isUsedUp = length == nil
      start = nameEnd &+ 1
      return piece
    }
  }

  private func add(_ piece: FoundFields.Piece, _ names: inout Names, _ found: inout FoundFields) -> Bool {
    guard let name = names.next(found.written) else { return false }
    found.add(name, .text(piece))
    return true
  }

  private func readPlain(
    _ text: UnsafeRawBufferPointer, _ names: inout Names, _ found: inout FoundFields
  ) -> Bool {
    var start = 0
    while let end = text.first(delimiter, from: start) {
      guard add(FoundFields.Piece(start..<end), &names, &found) else { return false }
      start = end &+ 1
    }
    return add(FoundFields.Piece(start..<text.count), &names, &found)
  }

  private func readLines(
    _ text: UnsafeRawBufferPointer, _ names: inout Names, _ found: inout FoundFields
  ) -> Bool {
    var place = 0
    var last: FoundFields.Piece?
    while skipEmptyLines(text, &place) {
      var joinedStart = last.map { goOn($0, text, &found) }
      var isLineDone = false
      while !isLineDone {
        guard let field = readField(text, &place, &isLineDone, &found) else { return false }
        if let start = joinedStart {
          if !field.isWritten { found.written.append(text.part(field.range)) }
          let joined = found.piece(since: start)
          found.replaceLast(.text(joined))
          last = joined
        } else {
          guard add(field, &names, &found) else { return false }
          last = field
        }
        joinedStart = nil
      }
    }
    return last != nil
  }

  /// Goes to the next line that has something in it; false at the end.
  private func skipEmptyLines(_ text: UnsafeRawBufferPointer, _ place: inout Int) -> Bool {
    while place < text.count {
      if text[place] == 0x0A {
        place &+= 1
      } else if text[place] == 0x0D, place &+ 1 < text.count, text[place &+ 1] == 0x0A {
        place &+= 2
      } else {
        return true
      }
    }
    return false
  }

  /// Reads a field and what ends it; nil if quotes stand wrong.
  private func readField(
    _ text: UnsafeRawBufferPointer, _ place: inout Int, _ isLineDone: inout Bool, _ found: inout FoundFields
  ) -> FoundFields.Piece? {
    if place < text.count, text[place] == UInt8(ascii: "\"") {
      place &+= 1
      return readQuoted(text, &place, &isLineDone, &found)
    }
    let start = place
    while place < text.count, text[place] != delimiter, text[place] != 0x0A {
      if text[place] == UInt8(ascii: "\""), mode == .strict { return nil }
      place &+= 1
    }
    var end = place
    isLineDone = place >= text.count || text[place] == 0x0A
    if isLineDone, end > start, text[end &- 1] == 0x0D { end &-= 1 }
    if place < text.count { place &+= 1 }
    return FoundFields.Piece(start..<end)
  }

  /// Reads a field behind its first quote; it is written anew only if a quote stands in it.
  private func readQuoted(
    _ text: UnsafeRawBufferPointer, _ place: inout Int, _ isLineDone: inout Bool, _ found: inout FoundFields
  ) -> FoundFields.Piece? {
    let writtenStart = found.written.count
    var start = place
    var isWritten = false
    while let quote = text.first(UInt8(ascii: "\""), from: place) {
      let next = quote &+ 1 < text.count ? text[quote &+ 1] : 0x0A
      let isLineEnd = next == 0x0A || next == 0x0D && (quote &+ 2 >= text.count || text[quote &+ 2] == 0x0A)
      if next == delimiter || isLineEnd {
        isLineDone = next != delimiter
        place = min(quote &+ (next == 0x0D ? 3 : 2), text.count)
        if !isWritten { return FoundFields.Piece(start..<quote) }
        found.written.append(text.part(start..<quote))
        return found.piece(since: writtenStart)
      }
      let isDoubled = next == UInt8(ascii: "\"")
      guard isDoubled || mode == .lazyQuotes else { return nil }
      found.written.append(text.part(start..<quote &+ 1))
      isWritten = true
      place = quote &+ (isDoubled ? 2 : 1)
      start = place
    }
    guard mode == .lazyQuotes else { return nil }
    isLineDone = true
    place = text.count
    if !isWritten { return FoundFields.Piece(start..<text.count) }
    found.written.append(text.part(start..<text.count))
    return found.piece(since: writtenStart)
  }

  /// Writes a field that the next line goes on with, and a line feed, to the end of what is written; gives its start.
  private func goOn(_ field: FoundFields.Piece, _ text: UnsafeRawBufferPointer, _ found: inout FoundFields) -> Int {
    var start = Int(field.start)
    // What was written last stays where it is; else each line would copy all lines before it.
    if !field.isWritten || field.range.upperBound != found.written.count {
      start = found.written.count
      if field.isWritten {
        found.written.append(copyOf: field.range)
      } else {
        found.written.append(text.part(field.range))
      }
    }
    found.written.append(UInt8(0x0A))
    return start
  }
}
