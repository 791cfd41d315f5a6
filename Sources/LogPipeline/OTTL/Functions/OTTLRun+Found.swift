/// What parsers of texts found, as values.
extension OTTLRun {
  /// The map of the fields that a parser finds in a text; a fault if it finds that the text is none of its own.
  @inline(__always)
  mutating func parsed(
    _ text: OTTLText, _ parse: (UnsafeRawBufferPointer, inout FoundFields) -> Bool
  ) throws(OTTLFault) -> OTTLValue {
    var found = FoundFields()
    guard parse(bytes(text), &found) else { throw found.isFull ? tooMany(of: found) : .badText }
    return try fields(of: found, in: text)
  }

  /// The map of an XML document's elements.
  mutating func parsedXML(
    _ text: OTTLText, _ add: (XMLTree, inout FoundFields) -> Bool
  ) throws(OTTLFault) -> OTTLValue {
    let tree = try tree(text)
    return try parsed(text) { add(tree, &$1) }
  }

  /// The document that a text is.
  mutating func tree(_ text: OTTLText) throws(OTTLFault) -> XMLTree {
    do throws(XMLTree.Fault) { return try XMLTree(bytes(text)) } catch {
      switch error {
      case .malformed: throw .badText
      case .tooDeep: throw tooDeep(XMLTree.maxDepth)
      case .tooManyNodes:
        excess = OTTLExcess(wanted: XMLTree.maxNodes + 1, allowed: XMLTree.maxNodes, unit: .nodes)
        throw .noRoom
      }
    }
  }

  /// The fault of fields that are more, or deeper in each other, than is taken.
  private mutating func tooMany(of found: borrowing FoundFields) -> OTTLFault {
    if found.fields.count < FoundFields.maxFields { return tooDeep(FoundFields.maxDepth) }
    excess = OTTLExcess(wanted: FoundFields.maxFields + 1, allowed: FoundFields.maxFields, unit: .fields)
    return .noRoom
  }

  private mutating func fields(of found: borrowing FoundFields, in text: OTTLText) throws(OTTLFault) -> OTTLValue {
    // What was written anew becomes a text of its own, of which fields are parts.
    let written = try self.text(of: found.written)
    return try fields(0..<found.fields.count, of: found, in: text, written)
  }

  private mutating func text(of written: borrowing ByteWriter) throws(OTTLFault) -> OTTLText {
    if written.count == 0 { return .empty }
    try makeRoom(written.count)
    written.withUnsafeBytes { out.append($0) }
    return try finishText()
  }

  /// The map of some fields; nesting is bounded by `FoundFields.maxDepth`.
  private mutating func fields(
    _ range: Range<Int>, of found: borrowing FoundFields, in text: OTTLText, _ written: OTTLText
  ) throws(OTTLFault) -> OTTLValue {
    let start = begin()
    try addFields(range, of: found, in: text, written)
    return uniqueMap(from: start)
  }

  private mutating func addFields(
    _ range: Range<Int>, of found: borrowing FoundFields, in text: OTTLText, _ written: OTTLText
  ) throws(OTTLFault) {
    func part(_ piece: FoundFields.Piece) -> OTTLText { (piece.isWritten ? written : text).part(piece.range) }
    var index = range.lowerBound
    while index < range.upperBound {
      let field = found.fields[index]
      let key = part(field.key)
      switch field.value {
      case .text(let piece): try add(key, .string(part(piece)))
      case .int(let number): try add(key, .int(number))
      case .double(let number): try add(key, .double(number))
      case .bool(let truth): try add(key, .bool(truth))
      case .map: try add(key, try fields(index &+ 1..<field.end, of: found, in: text, written))
      case .list:
        let start = begin()
        try addFields(index &+ 1..<field.end, of: found, in: text, written)
        try add(key, list(from: start))
      }
      index = field.end
    }
  }
}
