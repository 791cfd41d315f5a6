/// The Extended Log File Format of the W3C: directives, then lines of values.
struct ELFText {
  private static var directives: [(StaticString, StaticString)] {
    [
      ("Version", "elf.version"), ("Software", "elf.software"), ("Date", "elf.date"), ("Start-Date", "elf.start_date"),
      ("End-Date", "elf.end_date"), ("Remark", "elf.remark"),
    ]
  }

  /// What the last `#Fields` says.
  private var names = 0..<0
  private var hasVersion = false

  /// Adds the fields of a block; false if it has no `#Version`.
  static func read(_ text: UnsafeRawBufferPointer, into found: inout FoundFields) -> Bool {
    var block = ELFText()
    block.addDirectives(of: text, to: &found)
    guard block.hasVersion else { return false }
    let fields = found.write("elf.fields")
    found.begin(fields, .list)
    var place = block.names.lowerBound
    while let name = nextWord(of: text, in: block.names, &place) {
      found.add(.empty, .text(FoundFields.Piece(name)))
    }
    found.end()
    let entries = found.write("elf.entries")
    found.begin(entries, .list)
    block.addEntries(of: text, to: &found)
    found.end()
    return !found.isFull
  }

  /// Calls `body` with each line that is not empty, without white space around it.
  private static func forEachLine(of text: UnsafeRawBufferPointer, _ body: (Range<Int>) -> Void) {
    var place = 0
    while place < text.count {
      let end = text.first(0x0A, from: place) ?? text.count
      let line = text.trimmed(place..<end)
      if !line.isEmpty { body(line) }
      place = end &+ 1
    }
  }

  /// The next word of a line, which may hold white space if it stands in quotes; nil if there is none.
  private static func nextWord(
    of text: UnsafeRawBufferPointer, in line: Range<Int>, _ place: inout Int
  ) -> Range<Int>? {
    while place < line.upperBound, text[place].isGoSpace { place &+= 1 }
    guard place < line.upperBound else { return nil }
    let isQuoted = text[place] == UInt8(ascii: "\"")
    let start = isQuoted ? place &+ 1 : place
    place = start
    while place < line.upperBound, isQuoted ? text[place] != UInt8(ascii: "\"") : !text[place].isGoSpace { place &+= 1 }
    defer { if isQuoted { place &+= 1 } }
    return start..<place
  }

  /// The name and the value of a directive.
  private static func directive(
    _ line: Range<Int>, of text: UnsafeRawBufferPointer
  ) -> (name: UnsafeRawBufferPointer, value: Range<Int>)? {
    guard text[line.lowerBound] == UInt8(ascii: "#"), let colon = text.part(line).first(UInt8(ascii: ":")) else {
      return nil
    }
    let end = line.lowerBound &+ colon
    return (text.part(line.lowerBound &+ 1..<end), text.trimmed(end &+ 1..<line.upperBound))
  }

  private mutating func addDirectives(of text: UnsafeRawBufferPointer, to found: inout FoundFields) {
    Self.forEachLine(of: text) { line in
      guard let (name, value) = Self.directive(line, of: text) else { return }
      if name.isEqual("Fields") { names = value }
      if name.isEqual("Version") { hasVersion = true }
      for (directive, key) in Self.directives where name.isEqual(directive) {
        found.add(key, FoundFields.Piece(value))
      }
    }
  }

  private mutating func addEntries(of text: UnsafeRawBufferPointer, to found: inout FoundFields) {
    names = 0..<0
    Self.forEachLine(of: text) { line in
      if text[line.lowerBound] == UInt8(ascii: "#") {
        if let (name, value) = Self.directive(line, of: text), name.isEqual("Fields") { names = value }
      } else if !names.isEmpty, !found.isFull {
        Self.addEntry(line, names, of: text, to: &found)
      }
    }
  }

  /// Gives each name its value, `-` if the line has no more.
  private static func addEntry(
    _ line: Range<Int>, _ names: Range<Int>, of text: UnsafeRawBufferPointer, to found: inout FoundFields
  ) {
    found.begin(.empty, .map)
    var place = line.lowerBound
    var namePlace = names.lowerBound
    while !found.isFull, let name = nextWord(of: text, in: names, &namePlace) {
      if let value = nextWord(of: text, in: line, &place) {
        found.add(FoundFields.Piece(name), .text(FoundFields.Piece(value)))
      } else {
        let dash = found.write("-")
        found.add(FoundFields.Piece(name), .text(dash))
      }
    }
    found.end()
  }
}
