/// Converters of texts that are XML.
enum OTTLXMLFunction: UInt8, CaseIterable, Sendable {
  case getXML, insertXML, removeXML, convertAttributesToElementsXML, convertTextToElementsXML

  var declaration: OTTLFunction {
    switch self {
    case .getXML: Self.declared("GetXML")
    case .insertXML: Self.declared("InsertXML", [.init("sub_document", .value(.string))])
    case .removeXML: Self.declared("RemoveXML")
    case .convertAttributesToElementsXML:
      Self.declared(
        "ConvertAttributesToElementsXML", path: .optional("x_path", .constant(.string), default: .text("//@*")))
    case .convertTextToElementsXML:
      Self.declared(
        "ConvertTextToElementsXML",
        path: .optional("x_path", .constant(.string), default: .text("/")),
        [.optional("element_name", .constant(.string), default: .text("value"))])
    }
  }

  private static func declared(
    _ name: String, path: OTTLParameter = .init("x_path", .constant(.string)), _ more: [OTTLParameter] = []
  ) -> OTTLFunction {
    OTTLFunction(
      name, [.init("target", .value(.string)), path] + more,
      prepare: { (constants) throws(OTTLProblem) in
        try OTTLFunction.made(of: 1) { () throws(TextFormatError) in try XPath(constants.text(1) ?? []) }
      })
  }

  static func call(
    _ id: UInt8, _ call: OTTLArguments, _ run: inout OTTLRun
  ) throws(OTTLFault) -> OTTLValue {
    guard let function = OTTLXMLFunction(rawValue: id) else { throw .unavailable }
    let path = try call.made(XPath.self, run)
    let text = try call.text(0, &run)
    // Everything is evaluated before the tree refers to where texts lie.
    let more = function == .insertXML || function == .convertTextToElementsXML ? try call.text(2, &run) : .empty
    let tree = try run.tree(text)
    if function == .insertXML { _ = try run.tree(more) }
    if function == .getXML { return try run.parts(of: tree, at: path) }
    let edits = try function.edits(of: tree, at: path, run.bytes(more))
    return try run.document(tree, edits)
  }

  private func edits(
    of tree: XMLTree, at path: XPath, _ more: UnsafeRawBufferPointer
  ) throws(OTTLFault) -> XMLEdits {
    let found = path.find(in: tree)
    var edits = XMLEdits()
    switch self {
    case .getXML: break
    case .removeXML:
      edits.removed = Set(found.nodes)
      edits.removedAttributes = Set(found.attributes)
    case .insertXML:
      guard found.attributes.isEmpty else { throw .badText }
      for node in found.nodes where tree.nodes[node].kind != .element && tree.nodes[node].kind != .document {
        throw .badText
      }
      edits.grown = Set(found.nodes)
      edits.insertion = more
    case .convertAttributesToElementsXML: edits.elements = Set(found.attributes)
    case .convertTextToElementsXML:
      edits.wrapper = Array(more)
      for node in found.nodes { tree.wrapTexts(inside: node, &edits.wrapped) }
    }
    return edits
  }
}

extension OTTLRun {
  /// Elements and texts that a path means, one after the other.
  fileprivate mutating func parts(of tree: XMLTree, at path: XPath) throws(OTTLFault) -> OTTLValue {
    let found = path.find(in: tree)
    for attribute in found.attributes { try write(tree.text.part(tree.attributes[attribute].value)) }
    for node in found.nodes {
      switch tree.nodes[node].kind {
      case .document, .element: guard tree.append(node, to: &out) else { throw tooLarge() }
      case .text, .data: try write(tree.text.part(tree.nodes[node].content))
      case .comment, .instruction: break
      }
    }
    return .string(try finishText())
  }

  /// A document as it is written with edits.
  fileprivate mutating func document(_ tree: XMLTree, _ edits: XMLEdits) throws(OTTLFault) -> OTTLValue {
    guard tree.append(0, edits, to: &out) else { throw tooLarge() }
    return .string(try finishText())
  }

  private mutating func tooLarge() -> OTTLFault {
    out.truncate(to: 0)
    return .noRoom
  }
}

extension XMLTree {
  /// Notes the texts inside a node, and inside its elements, that stand beside elements or other texts.
  fileprivate func wrapTexts(inside node: Int, _ wrapped: inout Set<Int>) {
    for inner in node..<nodes[node].end where nodes[inner].kind == .element || nodes[inner].kind == .document {
      var (texts, others): ([Int], Int) = ([], 0)
      var child = inner + 1
      while child < nodes[inner].end {
        if nodes[child].kind == .text { texts.append(child) }
        if nodes[child].kind == .element { others += 1 }
        child = nodes[child].end
      }
      if texts.count + others > 1 { wrapped.formUnion(texts) }
    }
  }
}
