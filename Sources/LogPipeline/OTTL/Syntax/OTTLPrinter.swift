/// Trees as text that reads back as the same tree: one space where one is due, and no parentheses but those needed.
extension OTTLStatement: CustomStringConvertible {
  var description: String { condition.map { "\(editor) where \($0)" } ?? editor.description }
}

extension OTTLCondition: CustomStringConvertible {
  var description: String {
    switch kind {
    case .constant(let bool): "\(bool)"
    case .converter(let call): call.description
    case .comparison(let left, let comparison, let right): "\(left) \(comparison.rawValue) \(right)"
    case .not(let condition): "not \(condition.asOperand)"
    case .all(let conditions): conditions.map(\.asConjunct).joined(separator: " and ")
    case .any(let conditions): conditions.map(\.asAlternative).joined(separator: " or ")
    }
  }

  /// As an operand of `and`.
  private var asConjunct: String {
    if case .not = kind { description } else { asOperand }
  }

  /// As an operand of `not`.
  private var asOperand: String {
    switch kind {
    case .constant, .converter, .comparison: description
    case .not, .all, .any: "(\(self))"
    }
  }

  /// As an operand of `or`.
  private var asAlternative: String {
    if case .any = kind { "(\(self))" } else { description }
  }
}

extension OTTLExpression: CustomStringConvertible {
  var description: String {
    switch kind {
    case .nil: "nil"
    case .bool(let bool): "\(bool)"
    case .int(let number): "\(number)"
    case .double(let number): Self.text(number)
    case .string(let text): Self.quoted(text)
    case .bytes(let bytes): "0x" + Self.hexadecimal(bytes)
    case .symbol(let name), .functionName(let name): name
    case .path(let path): path.description
    case .local(let field): field.description
    case .call(let call): call.description
    case .list(let items): "[\(items.map(\.description).joined(separator: ", "))]"
    case .map(let entries):
      "{\(entries.map { "\(Self.quoted($0.key)): \($0.value)" }.joined(separator: ", "))}"
    case .math(let left, let op, let right): "\(left.asLeft(of: op)) \(op.rawValue) \(right.asRight(of: op))"
    case .negated(let operand): "-\(operand.asNegated)"
    case .lambda(let lambda): lambda.description
    }
  }

  private func asLeft(of op: OTTLOperator) -> String {
    if case .math(_, let inner, _) = kind, op.bindsCloser, !inner.bindsCloser { "(\(self))" } else { description }
  }

  private func asRight(of op: OTTLOperator) -> String {
    if case .math(_, let inner, _) = kind, op.bindsCloser || !inner.bindsCloser { "(\(self))" } else { description }
  }

  private var asNegated: String {
    switch kind {
    case .int, .double, .math, .negated: "(\(self))"
    default: description
    }
  }

  /// A number with a point, which numbers with an exponent need too.
  private static func text(_ number: Double) -> String {
    let text = "\(number)"
    guard let exponent = text.firstIndex(of: "e"), !text.contains(".") else { return text }
    return "\(text[..<exponent]).0\(text[exponent...])"
  }

  static func quoted(_ text: [UInt8]) -> String {
    var quoted = "\""
    for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\r": quoted += "\\r"
      case "\t": quoted += "\\t"
      case _ where scalar.value < 0x20 || scalar.value == 0x7f: quoted += "\\x" + hexadecimal([UInt8(scalar.value)])
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}

extension OTTLOperator {
  fileprivate var bindsCloser: Bool { self == .multiply || self == .divide }
}

extension OTTLCall: CustomStringConvertible {
  var description: String {
    "\(name)(\(arguments.map(\.description).joined(separator: ", ")))" + OTTLField.text(keys)
  }
}

extension OTTLArgument: CustomStringConvertible {
  var description: String { name.map { "\($0) = \(value)" } ?? value.description }
}

extension OTTLPath: CustomStringConvertible {
  var description: String { ((context.map { [$0] } ?? []) + fields.map(\.description)).joined(separator: ".") }
}

extension OTTLField: CustomStringConvertible {
  var description: String { name + Self.text(keys) }

  fileprivate static func text(_ keys: [OTTLExpression]) -> String { keys.map { "[\($0)]" }.joined() }
}

extension OTTLLambda: CustomStringConvertible {
  var description: String {
    let head = "(\(parameters.map { $0 ?? "_" }.joined(separator: ", "))) => "
    return switch body {
    case .value(let value): "\(head)\(value)"
    case .condition(let condition): "\(head)\(condition)"
    }
  }
}
