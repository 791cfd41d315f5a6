/// What a document is written with beside what it has.
struct XMLEdits {
  /// By node: whether it is left out.
  var removed: Set<Int> = []
  /// By entry of `XMLTree.attributes`: whether it is left out.
  var removedAttributes: Set<Int> = []
  /// Attributes that become elements at the end of their element.
  var elements: Set<Int> = []
  /// By node: whether what is inserted comes before its end.
  var grown: Set<Int> = []
  /// What is inserted.
  var insertion = UnsafeRawBufferPointer.empty
  /// By node: whether a text is put into an element of this name.
  var wrapped: Set<Int> = []
  var wrapper: [UInt8] = []
}

extension XMLTree {
  /// The most bytes that a document may grow to.
  static let maxOutputBytes = 16 << 20

  /// Appends a node with all that is in it; false if that would get too large.
  func append(_ index: Int, _ edits: XMLEdits = XMLEdits(), to writer: inout ByteWriter) -> Bool {
    if edits.removed.contains(index) { return true }
    guard writer.count <= Self.maxOutputBytes else { return false }
    let node = nodes[index]
    switch node.kind {
    case .document: return appendChildren(of: index, edits, to: &writer)
    case .element: return appendElement(index, edits, to: &writer)
    case .text: appendText(index, edits, to: &writer)
    case .data: append("<![CDATA[", node.content, "]]>", to: &writer)
    case .comment: append("<!--", node.content, "-->", to: &writer)
    case .instruction: append("<?", node.content, "?>", to: &writer)
    }
    return true
  }

  private func append(
    _ start: StaticString, _ content: Range<Int>, _ end: StaticString, to writer: inout ByteWriter
  ) {
    writer.append(start)
    writer.append(text.part(content))
    writer.append(end)
  }

  private func appendChildren(of index: Int, _ edits: XMLEdits, to writer: inout ByteWriter) -> Bool {
    var child = index + 1
    while child < nodes[index].end {
      guard append(child, edits, to: &writer) else { return false }
      child = nodes[child].end
    }
    if edits.grown.contains(index) { writer.append(edits.insertion) }
    return true
  }

  private func appendText(_ index: Int, _ edits: XMLEdits, to writer: inout ByteWriter) {
    let isWrapped = edits.wrapped.contains(index)
    if isWrapped { appendTag("<", edits.wrapper, to: &writer) }
    writer.append(text.part(nodes[index].content))
    if isWrapped { appendTag("</", edits.wrapper, to: &writer) }
  }

  private func appendTag(_ start: StaticString, _ name: [UInt8], to writer: inout ByteWriter) {
    writer.append(start)
    writer.append(name)
    writer.append(">")
  }

  private func appendElement(_ index: Int, _ edits: XMLEdits, to writer: inout ByteWriter) -> Bool {
    let node = nodes[index]
    writer.append("<")
    writer.append(text.part(node.name))
    for place in node.attributes where !edits.removedAttributes.contains(place) && !edits.elements.contains(place) {
      let attribute = attributes[place]
      writer.append(" ")
      writer.append(text.part(attribute.name))
      writer.append("=")
      writer.append(attribute.quote)
      writer.append(text.part(attribute.value))
      writer.append(attribute.quote)
    }
    writer.append(">")
    guard appendChildren(of: index, edits, to: &writer) else { return false }
    for place in node.attributes where edits.elements.contains(place) {
      append("<", attributes[place].name, ">", to: &writer)
      writer.append(text.part(attributes[place].value))
      append("</", attributes[place].name, ">", to: &writer)
    }
    append("</", node.name, ">", to: &writer)
    return true
  }
}
