/// Documents as maps.
extension XMLTree {
  /// The first element of the document.
  private var root: Int? {
    var child = 1
    while child < nodes.count {
      if nodes[child].kind == .element { return child }
      child = nodes[child].end
    }
    return nil
  }

  /// Adds the root element as `tag`, `attributes`, `content` and `children`; false if there is none.
  func addElements(to found: inout FoundFields) -> Bool {
    guard let root else { return false }
    addElement(root, to: &found)
    return !found.isFull
  }

  private func addElement(_ index: Int, to found: inout FoundFields) {
    let node = nodes[index]
    found.add("tag", FoundFields.Piece(localName(node.name)))
    if !node.attributes.isEmpty {
      let key = found.write("attributes")
      found.begin(key, .map)
      for attribute in attributes[node.attributes] {
        let value = decoded(attribute.value, &found)
        found.add(FoundFields.Piece(localName(attribute.name)), .text(value))
      }
      found.end()
    }
    addContent(index, to: &found)
    guard hasElements(index) else { return }
    let key = found.write("children")
    found.begin(key, .list)
    forEachChild(of: index) { child in
      guard nodes[child].kind == .element, !found.isFull else { return }
      found.begin(.empty, .map)
      addElement(child, to: &found)
      found.end()
    }
    found.end()
  }

  private func forEachChild(of index: Int, _ body: (Int) -> Void) {
    var child = index + 1
    while child < nodes[index].end {
      body(child)
      child = nodes[child].end
    }
  }

  /// The texts of an element one after the other, each without white space around it.
  private func addContent(_ index: Int, to found: inout FoundFields) {
    let start = found.written.count
    forEachChild(of: index) { child in
      let content = text.trimmed(nodes[child].content)
      switch nodes[child].kind {
      case .text: Self.append(decoding: text.part(content), to: &found.written)
      case .data: found.written.append(text.part(content))
      default: break
      }
    }
    let piece = found.piece(since: start)
    if piece.count > 0 { found.add("content", piece) }
  }

  private func decoded(_ range: Range<Int>, _ found: inout FoundFields) -> FoundFields.Piece {
    guard text.part(range).contains(UInt8(ascii: "&")) else { return FoundFields.Piece(range) }
    let start = found.written.count
    Self.append(decoding: text.part(range), to: &found.written)
    return found.piece(since: start)
  }

  // MARK: Without attributes

  /// Adds elements by their names: an element of text is its text, several of one name are a list; attributes, and text
  /// beside elements, are left out.
  func addSimplified(to found: inout FoundFields) -> Bool {
    addSimplified(inside: 0, to: &found)
    return !found.isFull
  }

  private func addSimplified(inside index: Int, to found: inout FoundFields) {
    var names = ElementNames(of: index, in: self)
    for position in names.elements.indices {
      guard let group = names.takeGroup(at: position) else { continue }
      let key = FoundFields.Piece(localName(nodes[names.elements[position]].name))
      if group.count == 1 {
        addSimplified(names.elements[position], key, to: &found)
      } else {
        found.begin(key, .list)
        for element in group where !found.isFull { addSimplified(element, .empty, to: &found) }
        found.end()
      }
    }
  }

  /// Adds an element, unless there is nothing in it.
  private func addSimplified(_ index: Int, _ key: FoundFields.Piece, to found: inout FoundFields) {
    guard hasElements(index) else {
      if let value = leafText(index, &found) { found.add(key, .text(value)) }
      return
    }
    guard holdsText(index) else { return }
    found.begin(key, .map)
    addSimplified(inside: index, to: &found)
    found.end()
  }

  /// The first text of an element, if it is not empty.
  private func leafText(_ index: Int, _ found: inout FoundFields) -> FoundFields.Piece? {
    var child = index + 1
    while child < nodes[index].end {
      let node = nodes[child]
      if node.kind == .text { return decoded(node.content, &found) }
      if node.kind == .data { return node.content.isEmpty ? nil : FoundFields.Piece(node.content) }
      child = node.end
    }
    return nil
  }

  /// Whether some element inside has a text, so that something comes of it.
  private func holdsText(_ index: Int) -> Bool {
    for child in index + 1..<nodes[index].end where nodes[child].kind == .element && !hasElements(child) {
      if nodes[child].end > child + 1 { return true }
    }
    return false
  }
}

/// The elements of a node by their names.
private struct ElementNames {
  private(set) var elements: [Int] = []
  private var byName: [[UInt8]: [Int]] = [:]
  private let names: [[UInt8]]

  init(of index: Int, in tree: XMLTree) {
    var child = index + 1
    while child < tree.nodes[index].end {
      if tree.nodes[child].kind == .element { elements.append(child) }
      child = tree.nodes[child].end
    }
    names = elements.map { Array(tree.text.part(tree.localName(tree.nodes[$0].name))) }
    for (name, element) in zip(names, elements) { byName[name, default: []].append(element) }
  }

  /// All elements of the name of one, if that is the first of them.
  mutating func takeGroup(at position: Int) -> [Int]? { byName.removeValue(forKey: names[position]) }
}
