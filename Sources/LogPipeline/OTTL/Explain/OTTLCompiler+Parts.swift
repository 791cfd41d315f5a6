extension OTTLCompiler {
  /// A part, and what it is made of.
  mutating func part(_ part: OTTLPart) throws(OTTLLoadError) -> OTTLCompiledParts.Part {
    var parts: [OTTLCompiledParts.Part] = []
    for inner in part.parts { parts.append(try self.part(inner)) }
    switch part.subject {
    case .value(let value):
      let arguments = if case .call(let call) = value.kind { try self.arguments(of: call) } else { [] as [Argument] }
      return .init(
        part: part, node: try self.value(value), parts: parts, arguments: arguments, steps: steps(of: value))
    case .condition(let condition):
      var found = OTTLCompiledParts.Part(part: part, node: try self.condition(condition), parts: parts)
      switch condition.kind {
      case .comparison(let left, _, let right): found.sides = (try value(left), try value(right))
      case .converter(let call): found.arguments = try arguments(of: call)
      case .constant, .not, .all, .any: break
      }
      return found
    }
  }

  /// The keys of a path if all are constant texts; none of a path to what the request says.
  private mutating func steps(of value: OTTLExpression) -> [OTTLCompiledParts.Step] {
    guard case .path(let path) = value.kind, let last = path.fields.last else { return [] }
    var steps: [OTTLCompiledParts.Step] = []
    for (place, key) in last.keys.enumerated() {
      var before = path
      before.fields[path.fields.count - 1].keys.removeLast(last.keys.count - place)
      let outer = OTTLExpression(kind: .path(before), span: value.span)
      guard case .string(let text) = key.kind, let node = try? self.value(outer) else { return [] }
      steps.append(.init(key: String(decoding: text, as: UTF8.self), node: node))
    }
    return steps
  }

  private typealias Argument = OTTLCompiledParts.Argument

  /// The arguments of a call that have a value, of lists that are written out each element.
  mutating func arguments(of call: OTTLCall) throws(OTTLLoadError) -> [OTTLCompiledParts.Argument] {
    guard let function = functions[call.name]?.function else { return [] }
    var arguments: [Argument] = []
    for (place, argument) in call.arguments.enumerated() {
      let parameter =
        argument.name == nil
        ? function.parameters.indices.contains(place) ? function.parameters[place] : nil
        : function.parameters.first { $0.name == argument.name }
      switch (parameter?.kind, argument.value.kind) {
      case (.value(let wanted), let kind) where !kind.isOfCallAlone:
        guard let name = parameter?.name else { continue }
        arguments.append(Argument(name: name, wanted: wanted, node: try value(argument.value)))
      case (.values(let wanted), .list(let items)):
        guard let name = parameter?.name else { continue }
        for (index, item) in items.enumerated() {
          arguments.append(Argument(name: "\(name)[\(index)]", wanted: wanted, node: try value(item)))
        }
      case (.values, let kind) where !kind.isOfCallAlone:
        guard let name = parameter?.name else { continue }
        arguments.append(Argument(name: name, wanted: .list, node: try value(argument.value)))
      default: continue
      }
    }
    return arguments
  }
}

extension OTTLExpression.Kind {
  /// Whether only a call can make something of it.
  fileprivate var isOfCallAlone: Bool {
    switch self {
    case .lambda, .functionName: true
    default: false
    }
  }
}
