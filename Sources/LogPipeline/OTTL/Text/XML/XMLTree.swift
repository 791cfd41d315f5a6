/// A document of XML (1.0), or a part of one: its nodes in their order, each an interval of the text.
///
/// Nothing is copied and nothing is resolved but the five entities that XML has and characters by number; a document
/// type is skipped, and what it declares is not known, so that no entity grows.
struct XMLTree {
  /// Levels of elements in each other.
  static let maxDepth = 256
  /// Nodes of a document.
  static let maxNodes = 1 << 18

  enum Kind: Equatable { case document, element, text, data, comment, instruction }

  /// An element or something between tags.
  struct Node {
    let kind: Kind
    /// The name of an element.
    let name: Range<Int>
    /// What stands inside a text, data section, comment or instruction, as it is written.
    let content: Range<Int>
    /// Entries of `attributes`.
    var attributes: Range<Int>
    /// The index behind the last node inside this one.
    var end: Int
  }

  /// An attribute with its value as it is written between its quotes.
  struct Attribute {
    let name: Range<Int>
    let value: Range<Int>
    let quote: UInt8
  }

  let text: UnsafeRawBufferPointer
  /// The first is the document.
  private(set) var nodes: [Node] = []
  private(set) var attributes: [Attribute] = []

  /// Why a text is not read.
  enum Fault: Error, Equatable {
    /// Tags do not fit together.
    case malformed
    case tooDeep
    case tooManyNodes
  }

  /// Reads a text.
  init(_ text: UnsafeRawBufferPointer) throws(Fault) {
    self.text = text
    nodes.append(Node(kind: .document, name: 0..<0, content: 0..<0, attributes: 0..<0, end: 0))
    var open: [Int] = []
    var place = 0
    while place < text.count {
      guard nodes.count < Self.maxNodes else { throw .tooManyNodes }
      guard step(&place, &open) else { throw .malformed }
      guard open.count <= Self.maxDepth else { throw .tooDeep }
    }
    guard open.isEmpty else { throw .malformed }
    nodes[0].end = nodes.count
  }

  /// Reads the next tag or text.
  private mutating func step(_ place: inout Int, _ open: inout [Int]) -> Bool {
    guard text[place] == UInt8(ascii: "<") else {
      let end = text.first(UInt8(ascii: "<"), from: place) ?? text.count
      // White space between tags is for the eye.
      if !text.trimmed(place..<end).isEmpty { add(.text, content: place..<end) }
      place = end
      return true
    }
    let rest = text.part(place..<text.count)
    if rest.hasPrefix("<!--") { return section(.comment, &place, from: 4, to: "-->") }
    if rest.hasPrefix("<![CDATA[") { return section(.data, &place, from: 9, to: "]]>") }
    if rest.hasPrefix("<?") { return section(.instruction, &place, from: 2, to: "?>") }
    if rest.hasPrefix("<!") { return skipDeclaration(&place) }
    return rest.hasPrefix("</") ? close(&place, &open) : start(&place, &open)
  }

  private mutating func add(_ kind: Kind, content: Range<Int>) {
    nodes.append(Node(kind: kind, name: 0..<0, content: content, attributes: 0..<0, end: nodes.count + 1))
  }

  private mutating func section(_ kind: Kind, _ place: inout Int, from: Int, to end: StaticString) -> Bool {
    guard let found = text.first(end.rawBytes, from: place + from) else { return false }
    add(kind, content: place + from..<found)
    place = found + end.utf8CodeUnitCount
    return true
  }

  /// Skips a document type with what it declares in brackets.
  private func skipDeclaration(_ place: inout Int) -> Bool {
    var depth = 0
    while place < text.count {
      switch text[place] {
      case UInt8(ascii: "<"): depth += 1
      case UInt8(ascii: ">"): depth -= 1
      default: break
      }
      place += 1
      if depth == 0 { return true }
    }
    return false
  }

  private mutating func close(_ place: inout Int, _ open: inout [Int]) -> Bool {
    guard let end = text.first(UInt8(ascii: ">"), from: place), let last = open.popLast() else { return false }
    let name = text.trimmed(place + 2..<end)
    guard text.part(name).elementsEqual(text.part(nodes[last].name)) else { return false }
    nodes[last].end = nodes.count
    place = end + 1
    return true
  }

  private mutating func start(_ place: inout Int, _ open: inout [Int]) -> Bool {
    place += 1
    guard let name = readName(&place) else { return false }
    let first = attributes.count
    guard let isEmpty = readAttributes(&place) else { return false }
    nodes.append(
      Node(kind: .element, name: name, content: 0..<0, attributes: first..<attributes.count, end: nodes.count + 1))
    if isEmpty { return true }
    open.append(nodes.count - 1)
    return true
  }

  private func readName(_ place: inout Int) -> Range<Int>? {
    let start = place
    while place < text.count, Self.isOfName(text[place]) { place += 1 }
    guard place > start, !text[start].isDigit, text[start] != UInt8(ascii: "-"), text[start] != UInt8(ascii: ".") else {
      return nil
    }
    return start..<place
  }

  static func isOfName(_ byte: UInt8) -> Bool {
    byte.isWord || byte >= 0x80 || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
  }

  /// Reads up to the end of a tag; whether the element is empty, nil if there is no end.
  private mutating func readAttributes(_ place: inout Int) -> Bool? {
    while true {
      skipSpace(&place)
      guard place < text.count else { return nil }
      if text[place] == UInt8(ascii: ">") {
        place += 1
        return false
      }
      if text.part(place..<text.count).hasPrefix("/>") {
        place += 2
        return true
      }
      guard let name = readName(&place) else { return nil }
      skipSpace(&place)
      guard place < text.count, text[place] == UInt8(ascii: "=") else { return nil }
      place += 1
      skipSpace(&place)
      guard place < text.count, text[place].isQuote, let end = text.first(text[place], from: place + 1) else {
        return nil
      }
      attributes.append(Attribute(name: name, value: place + 1..<end, quote: text[place]))
      place = end + 1
    }
  }

  private func skipSpace(_ place: inout Int) {
    while place < text.count, text[place].isSpace { place += 1 }
  }

  // MARK: Reading

  /// The name without its prefix.
  func localName(_ name: Range<Int>) -> Range<Int> {
    guard let colon = text.part(name).last(UInt8(ascii: ":")) else { return name }
    return name.lowerBound + colon + 1..<name.upperBound
  }

  /// Whether a node has elements right inside it.
  func hasElements(_ node: Int) -> Bool {
    var child = node + 1
    while child < nodes[node].end {
      if nodes[child].kind == .element { return true }
      child = nodes[child].end
    }
    return false
  }

  /// Appends what a text or a value of an attribute stands for.
  static func append(decoding part: UnsafeRawBufferPointer, to writer: inout ByteWriter) {
    var place = 0
    while let mark = part.first(UInt8(ascii: "&"), from: place) {
      writer.append(part.part(place..<mark))
      guard let end = part.part(mark..<min(mark + 12, part.count)).first(UInt8(ascii: ";")),
        let scalar = scalar(part.part(mark + 1..<mark + end))
      else {
        writer.append(UInt8(ascii: "&"))
        place = mark + 1
        continue
      }
      writer.append(scalar: scalar)
      place = mark + end + 1
    }
    writer.append(part.part(place..<part.count))
  }

  /// The character that a reference stands for.
  private static func scalar(_ name: UnsafeRawBufferPointer) -> Unicode.Scalar? {
    let entities: [(StaticString, Unicode.Scalar)] = [
      ("lt", "<"), ("gt", ">"), ("amp", "&"), ("apos", "'"), ("quot", "\""),
    ]
    if let entity = entities.first(where: { name.isEqual($0.0) }) { return entity.1 }
    guard name.first == UInt8(ascii: "#") else { return nil }
    let isHexadecimal = name.count > 1 && name[1] | 0x20 == UInt8(ascii: "x")
    let digits = name.part((isHexadecimal ? 2 : 1)..<name.count)
    guard digits.first?.isHexDigit == true, let number = IntegerText.parse(digits, base: isHexadecimal ? 16 : 10) else {
      return nil
    }
    return UInt32(exactly: number).flatMap { Unicode.Scalar($0) }
  }
}
