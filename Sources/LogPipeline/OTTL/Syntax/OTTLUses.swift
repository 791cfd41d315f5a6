/// What a statement or condition speaks of: its paths, the functions that it calls and the symbols in it.
struct OTTLUses: Sendable {
  /// A name and where it stands.
  struct Name: Sendable {
    var name: String
    var span: OTTLSpan
  }

  private(set) var paths: [OTTLPath] = []
  /// Editors and converters, called or handed to a function.
  private(set) var functions: [Name] = []
  /// Names of capital letters: symbols of enums and, as arguments, functions.
  private(set) var symbols: [Name] = []

  init(of statement: OTTLStatement) {
    add(statement.editor)
    if let condition = statement.condition { add(condition) }
  }

  init(of condition: OTTLCondition) { add(condition) }

  init(of value: OTTLExpression) { add(value) }

  private mutating func add(_ condition: OTTLCondition) {
    switch condition.kind {
    case .constant: break
    case .converter(let call): add(call)
    case .comparison(let left, _, let right):
      add(left)
      add(right)
    case .not(let operand): add(operand)
    case .all(let operands), .any(let operands): for operand in operands { add(operand) }
    }
  }

  private mutating func add(_ value: OTTLExpression) {
    switch value.kind {
    case .nil, .bool, .int, .double, .string, .bytes: break
    case .symbol(let name): symbols.append(Name(name: name, span: value.span))
    case .functionName(let name): functions.append(Name(name: name, span: value.span))
    case .path(let path):
      paths.append(path)
      for field in path.fields { add(field.keys) }
    case .local(let field): add(field.keys)
    case .call(let call): add(call)
    case .list(let items): add(items)
    case .map(let entries): add(entries.map(\.value))
    case .math(let left, _, let right): add([left, right])
    case .negated(let operand): add(operand)
    case .lambda(let lambda): add(lambda)
    }
  }

  private mutating func add(_ values: [OTTLExpression]) {
    for value in values { add(value) }
  }

  private mutating func add(_ call: OTTLCall) {
    functions.append(Name(name: call.name, span: call.nameSpan))
    add(call.arguments.map(\.value))
    add(call.keys)
  }

  private mutating func add(_ lambda: OTTLLambda) {
    switch lambda.body {
    case .value(let value): add(value)
    case .condition(let condition): add(condition)
    }
  }
}
