/// The tables of a compiled program, which do not change once it is built.
struct OTTLCode: Sendable {
  var nodes: [OTTLNode] = [OTTLNode(kind: .none)]
  /// Indices of nodes that belong together, such as the arguments of a call.
  var operands: [UInt32] = []
  var constants: [OTTLValue] = []
  /// The bytes of constants: `OTTLPlace.program`.
  var bytes: [UInt8] = []
  /// The members of constants that are maps or lists.
  var members: [OTTLMember] = []
  var patterns: [Pattern] = []
  var prepared: [OTTLPrepared] = []
  var paths: [OTTLPathCode] = []
  /// Whether all texts are known to be ASCII, so that any part of them is valid UTF-8.
  var isASCII = false
  /// How many registers and slots a run needs.
  var registerCount = 0
  var slotCount = 0
}

extension OTTLCode {
  /// Adds a node and gives its index.
  mutating func add(_ node: OTTLNode) -> UInt32 {
    nodes.append(node)
    return UInt32(truncatingIfNeeded: nodes.count &- 1)
  }

  /// Adds operands that follow each other and gives where the first stands.
  mutating func add(operands more: [UInt32]) -> UInt32 {
    let start = operands.count
    operands += more
    return UInt32(truncatingIfNeeded: start)
  }

  /// Adds bytes to the program's texts.
  mutating func add(bytes more: [UInt8]) -> OTTLText {
    let start = bytes.count
    bytes += more
    return OTTLText(place: .program, slice: ByteSlice(start..<bytes.count))
  }

  /// Adds a constant and gives its value.
  mutating func value(_ constant: OTTLConstant) -> OTTLValue {
    switch constant {
    case .none: return .none
    case .bool(let value): return .bool(value)
    case .int(let value): return .int(value)
    case .double(let value): return .double(value)
    case .string(let text): return .string(add(bytes: text))
    case .bytes(let text): return .bytes(add(bytes: text))
    case .time(let value, let zone): return .time(value, in: zone)
    case .duration(let value): return .duration(value)
    case .traceID(let value): return .traceID(value)
    case .spanID(let value): return .spanID(value)
    case .list(let items): return .list(add(items.map { OTTLConstant.Member(key: [], value: $0) }), in: .program)
    case .map(let entries): return .map(add(entries), in: .program)
    }
  }

  /// Members are neighbours, so those of members go first.
  private mutating func add(_ entries: [OTTLConstant.Member]) -> EntryRange {
    var added: [OTTLMember] = []
    for entry in entries { added.append(OTTLMember(key: add(bytes: entry.key), value: value(entry.value))) }
    let start = members.count
    members += added
    return EntryRange(start..<members.count)
  }

  /// Adds a node that gives a constant.
  mutating func add(constant: OTTLConstant) -> UInt32 {
    if case .none = constant { return 0 }
    constants.append(value(constant))
    return add(OTTLNode(kind: .constant, first: UInt32(truncatingIfNeeded: constants.count &- 1)))
  }
}

/// A path of a program: a field and the keys behind it.
struct OTTLPathCode: Sendable {
  var field: OTTLPathField
  /// `keyCount` operands of the program from here on, each a node that gives a text or a whole number.
  var firstKey: UInt32 = 0
  var keyCount: UInt32 = 0
  /// The key if it is a text of the program and the only one, and the field is a map.
  var soleKey: OTTLText?
}

/// What paths begin at.
enum OTTLPathField: UInt8, Sendable, CaseIterable {
  case time, timeUnixNano, observedTime, observedTimeUnixNano
  case severityNumber, severityText, body, bodyString, attributes, droppedAttributesCount, flags
  case traceID, traceIDString, spanID, spanIDString, eventName, cache
  case scopeName, scopeVersion, scopeAttributes, scopeDroppedAttributesCount, scopeSchemaURL, scopeCache
  case resourceAttributes, resourceDroppedAttributesCount, resourceSchemaURL, resourceCache
  case clientAddress, clientMetadata, clientAuthAttributes, grpcMetadata
}
