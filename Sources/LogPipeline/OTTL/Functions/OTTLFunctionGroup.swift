/// The functions by groups, so that a call is two switches over small numbers; a group is a file that declares its
/// functions and calls them.
enum OTTLFunctionGroup: UInt8, CaseIterable, Sendable {
  case core

  /// The functions, in the order of their ids.
  var functions: [OTTLFunction] {
    switch self {
    case .core: OTTLCoreFunction.allCases.map(\.declaration)
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
    case nil: throw .unavailable
    }
  }
}
