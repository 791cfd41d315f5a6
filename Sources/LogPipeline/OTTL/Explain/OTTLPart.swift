/// A part of a statement or condition whose value is worth knowing: anything but constants and what is in lambdas.
struct OTTLPart: Sendable {
  enum Subject: Sendable {
    case condition(OTTLCondition)
    case value(OTTLExpression)
  }

  var subject: Subject
  /// Parts of it that are worth knowing, in the order of the text.
  var parts: [OTTLPart]

  /// A condition and its parts.
  init(_ condition: OTTLCondition) {
    subject = .condition(condition)
    parts =
      switch condition.kind {
      case .constant: []
      case .converter(let call): Self.parts(of: call)
      case .comparison(let left, _, let right): Self.parts(of: [left, right])
      case .not(let operand): [OTTLPart(operand)]
      case .all(let operands), .any(let operands): operands.map { OTTLPart($0) }
      }
  }

  /// A value and its parts; nil if it is constant, or a lambda.
  init?(_ value: OTTLExpression) {
    guard value.isOpen else { return nil }
    self.init(whole: value)
  }

  /// A value and its parts, even if it is constant.
  init(whole value: OTTLExpression) {
    subject = .value(value)
    parts =
      switch value.kind {
      case .path(let path): Self.parts(of: path.fields.flatMap(\.keys))
      case .call(let call): Self.parts(of: call)
      case .list(let items): Self.parts(of: items)
      case .map(let entries): Self.parts(of: entries.map(\.value))
      case .math(let left, _, let right): Self.parts(of: [left, right])
      case .negated(let operand): Self.parts(of: [operand])
      case .nil, .bool, .int, .double, .string, .bytes, .symbol, .functionName, .local, .lambda: []
      }
  }

  static func parts(of call: OTTLCall) -> [OTTLPart] { parts(of: call.arguments.map(\.value) + call.keys) }

  static func parts(of values: [OTTLExpression]) -> [OTTLPart] { values.compactMap { OTTLPart($0) } }

  /// Where it stands.
  var span: OTTLSpan {
    switch subject {
    case .condition(let condition): condition.span
    case .value(let value): value.span
    }
  }
}

extension OTTLExpression {
  /// Whether its value can differ from record to record, and is known outside of a lambda.
  fileprivate var isOpen: Bool {
    switch kind {
    case .nil, .bool, .int, .double, .string, .bytes, .symbol, .functionName, .local, .lambda: false
    case .path, .call: true
    case .list(let items): items.contains { $0.isOpen }
    case .map(let entries): entries.contains { $0.value.isOpen }
    case .math(let left, _, let right): left.isOpen || right.isOpen
    case .negated(let operand): operand.isOpen
    }
  }
}
