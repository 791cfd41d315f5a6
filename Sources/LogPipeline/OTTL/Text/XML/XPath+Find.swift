/// Nodes and attributes of a document, in its order.
struct XMLFinding {
  /// Indices of `XMLTree.nodes`.
  var nodes: [Int] = []
  /// Indices of `XMLTree.attributes`.
  var attributes: [Int] = []
}

extension XPath {
  /// What is meant in a document; each step looks at a node once, so that time is linear in the document.
  func find(in tree: XMLTree) -> XMLFinding {
    var all = XMLFinding()
    for path in paths {
      var finding = XMLFinding(nodes: [0])
      for step in path { finding = Self.take(step, from: finding.nodes, in: tree) }
      all.nodes += finding.nodes
      all.attributes += finding.attributes
    }
    guard paths.count > 1 else { return all }
    return XMLFinding(nodes: Array(Set(all.nodes)).sorted(), attributes: Array(Set(all.attributes)).sorted())
  }

  private static func take(_ step: Step, from nodes: [Int], in tree: XMLTree) -> XMLFinding {
    let parents = step.isDeep ? allInside(nodes, of: tree) : nodes
    var finding = XMLFinding()
    for parent in parents where tree.nodes[parent].kind == .element || tree.nodes[parent].kind == .document {
      take(step, inside: parent, in: tree, to: &finding)
    }
    // Children of nodes inside each other are not found in the document's order.
    if step.isDeep { finding.nodes.sort() }
    return finding
  }

  /// Nodes with all that are in them, each once; the nodes are in order.
  private static func allInside(_ nodes: [Int], of tree: XMLTree) -> [Int] {
    var all: [Int] = []
    var covered = 0
    for node in nodes where tree.nodes[node].end > covered {
      for inner in max(node, covered)..<tree.nodes[node].end { all.append(inner) }
      covered = tree.nodes[node].end
    }
    return all
  }

  private static func take(_ step: Step, inside parent: Int, in tree: XMLTree, to finding: inout XMLFinding) {
    switch step.name {
    case .attribute, .anyAttribute:
      for place in tree.nodes[parent].attributes where isMeant(attribute: place, by: step.name, in: tree) {
        finding.attributes.append(place)
      }
    case .element, .anyElement, .text, .comment, .node:
      var children: [Int] = []
      var child = parent + 1
      while child < tree.nodes[parent].end {
        if isMeant(child, by: step.name, in: tree) { children.append(child) }
        child = tree.nodes[child].end
      }
      for test in step.tests { keep(&children, test, in: tree) }
      finding.nodes += children
    }
  }

  private static func isMeant(_ node: Int, by name: Name, in tree: XMLTree) -> Bool {
    let kind = tree.nodes[node].kind
    switch name {
    case .element(let name): return kind == .element && tree.text.part(tree.nodes[node].name).elementsEqual(name)
    case .anyElement: return kind == .element
    case .text: return kind == .text || kind == .data
    case .comment: return kind == .comment
    case .node: return true
    case .attribute, .anyAttribute: return false
    }
  }

  private static func isMeant(attribute: Int, by name: Name, in tree: XMLTree) -> Bool {
    guard case .attribute(let name) = name else { return true }
    return tree.text.part(tree.attributes[attribute].name).elementsEqual(name)
  }

  private static func keep(_ nodes: inout [Int], _ test: Test, in tree: XMLTree) {
    switch test {
    case .position(0): nodes = Array(nodes.suffix(1))
    case .position(let position): nodes = nodes.indices.contains(position - 1) ? [nodes[position - 1]] : []
    case .holds(let name, let value): nodes = nodes.filter { holds($0, name, value, in: tree) }
    }
  }

  /// Whether a node has a child or an attribute of a name, with a value if one is given.
  private static func holds(_ node: Int, _ name: Name, _ value: [UInt8]?, in tree: XMLTree) -> Bool {
    if name == .anyAttribute || isAttribute(name) {
      return tree.nodes[node].attributes.contains { place in
        isMeant(attribute: place, by: name, in: tree)
          && (value == nil || isEqual(tree.text.part(tree.attributes[place].value), value))
      }
    }
    var child = node + 1
    while child < tree.nodes[node].end {
      if isMeant(child, by: name, in: tree), value == nil || isEqual(textOf: child, in: tree, value) { return true }
      child = tree.nodes[child].end
    }
    return false
  }

  private static func isAttribute(_ name: Name) -> Bool {
    if case .attribute = name { return true }
    return false
  }

  private static func isEqual(_ part: UnsafeRawBufferPointer, _ value: [UInt8]?) -> Bool {
    guard let value else { return true }
    guard part.contains(UInt8(ascii: "&")) else { return part.elementsEqual(value) }
    var writer = ByteWriter(capacityBytes: part.count)
    XMLTree.append(decoding: part, to: &writer)
    return writer.withUnsafeBytes { $0.elementsEqual(value) }
  }

  /// Whether all text inside a node is a value.
  private static func isEqual(textOf node: Int, in tree: XMLTree, _ value: [UInt8]?) -> Bool {
    if tree.nodes[node].end == node + 1 { return isEqual(tree.text.part(tree.nodes[node].content), value) }
    var writer = ByteWriter(capacityBytes: 64)
    for inner in node + 1..<tree.nodes[node].end {
      switch tree.nodes[inner].kind {
      case .text: XMLTree.append(decoding: tree.text.part(tree.nodes[inner].content), to: &writer)
      case .data: writer.append(tree.text.part(tree.nodes[inner].content))
      default: break
      }
    }
    return writer.withUnsafeBytes { $0.elementsEqual(value ?? []) }
  }
}
