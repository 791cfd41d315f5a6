import Options

/// Paths.
extension OTTLCompiler {
  /// The node of a path.
  mutating func path(_ path: OTTLPath) throws(OTTLLoadError) -> UInt32 {
    let field = try field(of: path)
    let keys = path.fields.last?.keys ?? []
    try check(field, keys, path)
    if field.isOfRequest { return try requestPath(field, keys, path) }
    var nodes: [UInt32] = []
    for key in keys { nodes.append(try self.key(key)) }
    return add(field, nodes)
  }

  /// What the words of a path name.
  private func field(of path: OTTLPath) throws(OTTLLoadError) -> OTTLPathField {
    let beginning = path.context ?? context.rawValue
    guard beginning == context.rawValue || context.reaches.contains(beginning) else {
      let known = ([context.rawValue] + context.reaches).map { "\($0)." }.joined(separator: ", ")
      throw OTTLLoadError(
        "\(beginning) is not known for each \(context.rawValue): paths begin with one of \(known)", at: path.span)
    }
    let words = OTTLPathWords.fields(of: beginning) ?? [:]
    let name = path.fields.map(\.name).joined(separator: ".")
    guard let field = words[name] else {
      let hint =
        OTTLAbsentFunctions.word(for: name) ?? keyHint(path, words)
        ?? suggestion(for: name, among: words.keys.sorted())
      throw OTTLLoadError("\(beginning) has no \(name.forDisplay(maxCharacters: 64))\(hint)", at: path.span)
    }
    if let early = path.fields.dropLast().first(where: { !$0.keys.isEmpty }) {
      throw OTTLLoadError("expected no key behind \(early.name): it stands before a point", at: early.span)
    }
    return field
  }

  /// What is said of a point where a key is meant; nil if none is.
  private func keyHint(_ path: OTTLPath, _ words: [String: OTTLPathField]) -> String? {
    guard path.fields.count > 1, let first = path.fields.first?.name, words[first]?.hasMembers == true else {
      return nil
    }
    return ": members are named by keys, as in \(first)[\"\(path.fields[1].name.forDisplay(maxCharacters: 64))\"]"
  }

  private func check(
    _ field: OTTLPathField, _ keys: [OTTLExpression], _ path: OTTLPath
  ) throws(OTTLLoadError) {
    if let owner = field.cacheContext, owner != context {
      throw OTTLLoadError(
        "the cache of \(owner.rawValue) is not at hand here: write \(context.rawValue).cache", at: path.span)
    }
    if let key = keys.first, !field.hasMembers {
      let name = path.fields.map(\.name).joined(separator: ".")
      throw OTTLLoadError("\(name) has no members: expected no key", at: key.span)
    }
  }

  /// The node of a field with keys; paths whose keys are constant share what is the same.
  private mutating func add(_ field: OTTLPathField, _ keys: [UInt32]) -> UInt32 {
    var constants: [OTTLPathKey.Key] = []
    for key in keys {
      switch constant(of: key) {
      case .string(let text)?: constants.append(.text(text))
      case .int(let index)?: constants.append(.index(index))
      default: break
      }
    }
    let key = OTTLPathKey(field: field, keys: constants)
    let isConstant = constants.count == keys.count
    if isConstant, let known = paths[key] { return code.add(OTTLNode(kind: .path, first: known)) }
    var path = OTTLPathCode(
      field: field, firstKey: code.add(operands: keys), keyCount: UInt32(truncatingIfNeeded: keys.count))
    if keys.count == 1, field.owner != nil, case .text? = constants.first {
      path.soleKey = code.constants[Int(code.nodes[Int(keys[0])].first)].text
    }
    code.paths.append(path)
    let index = UInt32(truncatingIfNeeded: code.paths.count - 1)
    if isConstant { paths[key] = index }
    return code.add(OTTLNode(kind: .path, first: index))
  }

  /// What the request says: the first key is the name that is asked for, and has to be constant.
  private mutating func requestPath(
    _ field: OTTLPathField, _ keys: [OTTLExpression], _ path: OTTLPath
  ) throws(OTTLLoadError) -> UInt32 {
    needsRequest = true
    if field == .clientAddress { return add(field, []) }
    let first = if let key = keys.first { try value(key) } else { UInt32(0) }
    guard case .string(let text)? = constant(of: first) else {
      let words = path.fields.map(\.name).joined(separator: ".")
      throw OTTLLoadError(
        "expected a name in brackets behind \(words): only what is named is kept of a request", at: path.span)
    }
    let name = String(decoding: text, as: UTF8.self)
    let asked =
      field == .clientAuthAttributes ? RequestContext.claimName(name) : RequestContext.fieldName(name)
    requestNames.insert(asked)
    var nodes = [code.add(constant: .string(asked))]
    for key in keys.dropFirst() { nodes.append(try self.key(key)) }
    return add(field, nodes)
  }
}

extension OTTLCode {
  /// Has the paths that are asked for in several places looked up once as long as nothing is edited; the last step.
  mutating func sharePaths() {
    var uses = [Int](repeating: 0, count: paths.count)
    for node in nodes where node.isRead { uses[Int(node.first)] += 1 }
    var slots: [Int: UInt32] = [:]
    for index in nodes.indices where nodes[index].isRead {
      let path = Int(nodes[index].first)
      guard uses[path] > 1, paths[path].keyCount > 0 || paths[path].field.isCostly else { continue }
      let slot = slots[path] ?? UInt32(truncatingIfNeeded: slots.count)
      slots[path] = slot
      nodes[index].kind = .sharedPath
      nodes[index].second = slot
    }
    slotCount = slots.count
    isASCII = bytes.allSatisfy { $0 < 0x80 }
  }
}

extension OTTLNode {
  /// Whether it is a path that is read, and is no target.
  fileprivate var isRead: Bool { kind == .path && detail == 0 }
}
