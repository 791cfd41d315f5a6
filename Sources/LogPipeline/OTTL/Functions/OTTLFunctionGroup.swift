/// The functions by groups, so that a call is two switches over small numbers; a group is a file that declares its
/// functions and calls them.
enum OTTLFunctionGroup: UInt8, CaseIterable, Sendable {
  case core, editors, texts, parsing, xml, times, hashes, values, lambdas

  /// The functions, in the order of their ids.
  var functions: [OTTLFunction] {
    switch self {
    case .core: OTTLCoreFunction.allCases.map(\.declaration)
    case .editors: OTTLEditorFunction.allCases.map(\.declaration)
    case .texts: OTTLTextFunction.allCases.map(\.declaration)
    case .parsing: OTTLParseFunction.allCases.map(\.declaration)
    case .xml: OTTLXMLFunction.allCases.map(\.declaration)
    case .times: OTTLTimeFunction.allCases.map(\.declaration)
    case .hashes: OTTLHashFunction.allCases.map(\.declaration)
    case .values: OTTLValueFunction.allCases.map(\.declaration)
    case .lambdas: OTTLLambdaFunction.allCases.map(\.declaration)
    }
  }
}

extension OTTLRun {
  /// Calls a function of a group.
  @inline(__always)
  mutating func call(
    _ id: UInt8, of group: UInt8, _ arguments: OTTLArguments
  ) throws(OTTLFault) -> OTTLValue {
    switch OTTLFunctionGroup(rawValue: group) {
    case .core?: try OTTLCoreFunction.call(id, arguments, &self)
    case .editors?: try OTTLEditorFunction.call(id, arguments, &self)
    case .texts?: try OTTLTextFunction.call(id, arguments, &self)
    case .parsing?: try OTTLParseFunction.call(id, arguments, &self)
    case .xml?: try OTTLXMLFunction.call(id, arguments, &self)
    case .times?: try OTTLTimeFunction.call(id, arguments, &self)
    case .hashes?: try OTTLHashFunction.call(id, arguments, &self)
    case .values?: try OTTLValueFunction.call(id, arguments, &self)
    case .lambdas?: try OTTLLambdaFunction.call(id, arguments, &self)
    case nil: throw .unavailable
    }
  }
}
