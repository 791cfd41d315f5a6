import Options

/// Calls with their arguments, lambdas and paths.
extension OTTLParser {
  /// The call that a statement begins with.
  mutating func editor() throws(OTTLLoadError) -> OTTLCall {
    let start = next.span
    guard let name = name() else { throw unexpected("an editor such as set") }
    if name.utf8.first.map({ (0x41...0x5a).contains($0) }) == true {
      throw OTTLLoadError(
        "expected an editor such as set, found \(name.forDisplay(maxCharacters: 64)): "
          + "the names of editors begin with a small letter", at: start)
    }
    let nameSpan = span(from: start)
    if next.kind != .sign(.openParenthesis) {
      let remark = next.kind.goesOnWithPath ? ": a statement is the call of an editor, this reads as a condition" : ""
      throw unexpected("( after \(name.forDisplay(maxCharacters: 64))", remark)
    }
    let call = try call(name, nameSpan)
    if let key = call.keys.first {
      throw OTTLLoadError("expected where or the end, found a key: an editor has no result", at: key.span)
    }
    return call
  }

  /// A converter's call, a symbol or a function's name.
  mutating func converter() throws(OTTLLoadError) -> OTTLExpression {
    let start = next.span
    guard let name = name() else { throw unexpected("a converter such as IsMatch") }
    let nameSpan = span(from: start)
    guard next.kind == .sign(.openParenthesis) else {
      try count(heightBelow: 0, at: nameSpan)
      if name.utf8.allSatisfy({ !(0x61...0x7a).contains($0) }) {
        return OTTLExpression(kind: .symbol(name), span: nameSpan)
      }
      if next.kind == .sign(.comma) || next.kind == .sign(.closeParenthesis) {
        return OTTLExpression(kind: .functionName(name), span: nameSpan)
      }
      throw unexpected("( after \(name.forDisplay(maxCharacters: 64))")
    }
    let call = try call(name, nameSpan)
    return OTTLExpression(kind: .call(call), span: call.span)
  }

  /// A name, which the lexer cuts where capital and small letters meet; nil if none begins here.
  private mutating func name() -> String? {
    var name = ""
    while true {
      switch next.kind {
      case .upper(let part): name += part
      case .lower(let part): name += part
      default: return name.isEmpty ? nil : name
      }
      advance()
    }
  }

  private mutating func call(_ name: String, _ nameSpan: OTTLSpan) throws(OTTLLoadError) -> OTTLCall {
    var arguments: [OTTLArgument] = []
    var below = 0
    try expect(.openParenthesis)
    while next.kind != .sign(.closeParenthesis) || !arguments.isEmpty {
      let argument = try nested { (parser) throws(OTTLLoadError) in try parser.argument() }
      if argument.name == nil, let named = arguments.last?.name {
        throw OTTLLoadError(
          "expected a name and = before this argument: it stands behind the argument "
            + named.forDisplay(maxCharacters: 64), at: argument.span)
      }
      arguments.append(argument)
      below = max(below, height)
      if next.kind == .sign(.closeParenthesis) { break }
      try expect(.comma, or: ")")
    }
    try expect(.closeParenthesis)
    let keys = try keys()
    below = max(below, keys.height)
    let span = span(from: nameSpan)
    try count(heightBelow: below, at: span)
    return OTTLCall(name: name, nameSpan: nameSpan, arguments: arguments, keys: keys.all, span: span)
  }

  private mutating func argument() throws(OTTLLoadError) -> OTTLArgument {
    let start = next.span
    var name: String?
    if hasArgumentName {
      name = self.name()
      advance()
    }
    let value = try value()
    return OTTLArgument(name: name, value: value, span: span(from: start))
  }

  /// Whether words and a `=` are next.
  private var hasArgumentName: Bool {
    guard case .lower = next.kind else { return false }
    var distance = 1
    while true {
      switch token(after: distance).kind {
      case .lower, .upper: distance += 1
      case .sign(.equals): return true
      default: return false
      }
    }
  }

  /// What is looked up in a value, and its levels.
  private mutating func keys() throws(OTTLLoadError) -> (all: [OTTLExpression], height: Int) {
    var keys: [OTTLExpression] = []
    var below = 0
    while take(.sign(.openBracket)) {
      let key = try nested { (parser) throws(OTTLLoadError) in try parser.value() }
      switch key.kind {
      case .string, .int, .double, .path, .local, .call, .math, .negated: break
      case .nil, .bool, .bytes, .symbol, .functionName, .list, .map, .lambda:
        throw OTTLLoadError(
          "expected a text in double quotes, a whole number, a path or a converter as key", at: key.span)
      }
      keys.append(key)
      below = max(below, height)
      try expect(.closeBracket)
    }
    return (keys, below)
  }
}

extension OTTLParser {
  /// A path or a lambda's parameter.
  mutating func path() throws(OTTLLoadError) -> OTTLExpression {
    let start = next.span
    var fields: [OTTLField] = []
    var below = 0
    repeat {
      let field = try field()
      fields.append(field)
      below = max(below, height)
    } while take(.sign(.point))
    let span = span(from: start)
    try count(heightBelow: below, at: span)
    if fields.count == 1, locals.contains(fields[0].name) {
      return OTTLExpression(kind: .local(fields[0]), span: span)
    }
    var context = bareContext
    if fields.count > 1, fields[0].keys.isEmpty, OTTLPath.contexts.contains(fields[0].name) {
      context = fields.removeFirst().name
    }
    return OTTLExpression(kind: .path(OTTLPath(context: context, fields: fields, span: span)), span: span)
  }

  private mutating func field() throws(OTTLLoadError) -> OTTLField {
    let start = next.span
    guard case .lower(let name) = next.kind else { throw unexpected("a word of small letters") }
    advance()
    switch next.kind {
    case .sign(.openParenthesis):
      throw OTTLLoadError(
        "expected a value, found a call of \(name.forDisplay(maxCharacters: 64)): the names of converters begin with a "
          + "capital letter", at: start)
    case .upper: throw OTTLLoadError("expected a path, found a word with small and capital letters", at: start)
    default: break
    }
    let keys = try keys()
    let span = span(from: start)
    try count(heightBelow: keys.height, at: span)
    return OTTLField(name: name, keys: keys.all, span: span)
  }

  /// Whether the parenthesis that is next encloses a lambda's parameters.
  var isLambda: Bool {
    var distance = 1
    while true {
      switch token(after: distance).kind {
      case .lower, .sign(.underscore), .sign(.comma): distance += 1
      case .sign(.closeParenthesis): return token(after: distance + 1).kind == .arrow
      default: return false
      }
    }
  }

  /// Parameters in parentheses, `=>` and a value or a condition.
  mutating func lambda() throws(OTTLLoadError) -> OTTLExpression {
    let start = next.span
    var parameters: [String?] = []
    try expect(.openParenthesis)
    while next.kind != .sign(.closeParenthesis) || !parameters.isEmpty {
      if parameters.count == OTTLTextLimits.maxParameters {
        throw OTTLLoadError(
          "\(parameters.count + 1) parameters of a lambda or more: the limit is \(OTTLTextLimits.maxParameters)",
          at: next.span)
      }
      switch next.kind {
      case .lower(let name):
        if parameters.contains(name) { throw unexpected("another name for this parameter") }
        parameters.append(name)
      case .sign(.underscore): parameters.append(nil)
      default: throw unexpected("the name of a parameter or _")
      }
      advance()
      if next.kind == .sign(.closeParenthesis) { break }
      try expect(.comma, or: ")")
    }
    advance()
    advance()
    let outer = locals.count
    locals += parameters.compactMap(\.self)
    let body = try nested { (parser) throws(OTTLLoadError) in try parser.alternatives() }
    locals.removeLast(locals.count - outer)
    let span = span(from: start)
    try count(heightBelow: height, at: span)
    let lambda =
      switch body {
      case .value(let value): OTTLLambda(parameters: parameters, body: .value(value))
      case .condition(let condition): OTTLLambda(parameters: parameters, body: .condition(condition))
      }
    return OTTLExpression(kind: .lambda(lambda), span: span)
  }
}

extension OTTLToken.Kind {
  /// Whether it goes on with a path, or compares one.
  fileprivate var goesOnWithPath: Bool {
    switch self {
    case .sign(.point), .sign(.openBracket), .comparison: true
    default: false
    }
  }
}
