import Options

/// Compiles trees to the nodes of a program; at load only.
struct OTTLCompiler {
  var code = OTTLCode()
  let functions: OTTLFunctionTable
  /// What the statement at hand is run for.
  var context = OTTLContext.log
  /// The registers of the parameters of lambdas that are being compiled, innermost last.
  var locals: [(name: String, register: UInt32)] = []
  /// Whether the group at hand changes a scope or a resource.
  var editsOuter = false
  /// Whether a lambda is being compiled.
  var isInLambda = false
  /// Indices of paths whose keys are constant, so that those that are the same share one.
  var paths: [OTTLPathKey: UInt32] = [:]
  /// Header fields and claims that paths ask for, by the names that a request context has.
  var requestNames: Set<[UInt8]> = []
  /// Whether paths ask for anything of the request.
  var needsRequest = false

  init(functions: OTTLFunctionTable) { self.functions = functions }

  /// A statement that was compiled.
  mutating func statement(_ statement: OTTLStatement) throws(OTTLLoadError) -> OTTLProgram.Statement {
    let call = statement.editor
    guard let entry = functions[call.name], entry.function.isEditor else {
      throw unknown("editor", call.name, at: call.nameSpan, among: functions.names(ofEditors: true))
    }
    var condition: UInt32 = 0
    if let tree = statement.condition { condition = try self.condition(tree) }
    let editor = try self.call(entry, call)
    return OTTLProgram.Statement(
      step: .init(editor: editor, condition: condition), text: statement.text, place: statement.place)
  }

  func unknown(_ kind: String, _ name: String, at span: OTTLSpan, among known: [String]) -> OTTLLoadError {
    let hint = OTTLAbsentFunctions.hint(for: name, among: known)
    return OTTLLoadError("there is no \(kind) \(name.forDisplay(maxCharacters: 64))\(hint)", at: span)
  }
}

/// A path that can be told from others at load.
struct OTTLPathKey: Hashable {
  enum Key: Hashable {
    case text([UInt8])
    case index(Int64)
  }

  var field: OTTLPathField
  var keys: [Key]
}

/// Conditions.
extension OTTLCompiler {
  /// The node of a condition.
  mutating func condition(_ condition: OTTLCondition) throws(OTTLLoadError) -> UInt32 {
    switch condition.kind {
    case .constant(let value): return code.add(constant: .bool(value))
    case .converter(let call): return try truth(of: call)
    case .comparison(let left, let sign, let right): return try comparison(left, OTTLOrder(sign), right)
    case .not(let operand):
      let node = try self.condition(operand)
      if let value = bool(of: node) { return code.add(constant: .bool(!value)) }
      return code.add(OTTLNode(kind: .not, first: node))
    case .all(let operands): return try joined(operands, .all)
    case .any(let operands): return try joined(operands, .any)
    }
  }

  /// `and` and `or`: a constant that decides takes the place of all, one that does not is left out.
  private mutating func joined(_ operands: [OTTLCondition], _ kind: OTTLNode.Kind) throws(OTTLLoadError) -> UInt32 {
    var nodes: [UInt32] = []
    var decides = false
    for operand in operands {
      let node = try condition(operand)
      if let value = bool(of: node) { decides = decides || value == (kind == .any) } else { nodes.append(node) }
    }
    if decides || nodes.isEmpty { return code.add(constant: .bool(decides == (kind == .any))) }
    if nodes.count == 1 { return nodes[0] }
    let count = UInt32(truncatingIfNeeded: nodes.count)
    return code.add(OTTLNode(kind: kind, first: code.add(operands: nodes), second: count))
  }

  /// A converter that gives a truth value; of `IsMatch` with a constant pattern a node of its own.
  private mutating func truth(of call: OTTLCall) throws(OTTLLoadError) -> UInt32 {
    let index = try converter(call)
    let node = code.nodes[Int(index)]
    if let value = constant(of: index) {
      guard case .bool = value else {
        throw OTTLLoadError("expected a condition: \(call.name) gives no truth value", at: call.span)
      }
      return index
    }
    let isMatch = OTTLCoreFunction.isMatch.rawValue
    if node.kind == .call, node.group == OTTLFunctionGroup.core.rawValue, node.detail == isMatch {
      let pattern = code.nodes[Int(code.operands[Int(node.first) + 1])]
      if pattern.kind == .pattern {
        return code.add(OTTLNode(kind: .matches, first: code.operands[Int(node.first)], second: pattern.first))
      }
    }
    return code.add(OTTLNode(kind: .truth, first: index))
  }

  private mutating func comparison(
    _ left: OTTLExpression, _ order: OTTLOrder, _ right: OTTLExpression
  ) throws(OTTLLoadError) -> UInt32 {
    let (first, second) = (try value(left), try value(right))
    if let a = constant(of: first), let b = constant(of: second) {
      return code.add(constant: .bool(folded(a, order, b)))
    }
    if constant(of: first) != nil { return comparison(second, order.mirrored, first) }
    return comparison(first, order, second)
  }

  /// A comparison whose right side is the constant, if one is.
  private mutating func comparison(_ left: UInt32, _ order: OTTLOrder, _ right: UInt32) -> UInt32 {
    let detail: UInt8 = order == .notEqual ? 1 : 0
    let isEquality = order == .equal || order == .notEqual
    switch constant(of: right) {
    case .int? where isSeverity(left):
      return code.add(OTTLNode(kind: .severity, detail: order.rawValue, first: code.nodes[Int(right)].first))
    case .some(.none) where isEquality: return code.add(OTTLNode(kind: .absent, detail: detail, first: left))
    case .string? where isEquality:
      return code.add(
        OTTLNode(kind: .sameText, detail: detail, first: left, second: code.nodes[Int(right)].first))
    default:
      return code.add(
        OTTLNode(kind: .compare, detail: order.rawValue, first: code.add(operands: [left, right])))
    }
  }

  private func isSeverity(_ node: UInt32) -> Bool {
    let node = code.nodes[Int(node)]
    return node.kind == .path && code.paths[Int(node.first)].field == .severityNumber
  }

  /// The truth value of a node that is constant.
  private func bool(of node: UInt32) -> Bool? {
    if case .bool(let value)? = constant(of: node) { value } else { nil }
  }
}

extension OTTLOrder {
  init(_ sign: OTTLComparison) {
    switch sign {
    case .equal: self = .equal
    case .notEqual: self = .notEqual
    case .less: self = .less
    case .lessOrEqual: self = .lessOrEqual
    case .greater: self = .greater
    case .greaterOrEqual: self = .greaterOrEqual
    }
  }

  /// The same with the sides changed.
  var mirrored: OTTLOrder {
    switch self {
    case .equal, .notEqual: self
    case .less: .greater
    case .lessOrEqual: .greaterOrEqual
    case .greater: .less
    case .greaterOrEqual: .lessOrEqual
    }
  }
}
