extension OTTLValue.Kind {
  /// Whether records can have such a value, which a body or an attribute then is.
  var isOfRecords: Bool {
    switch self {
    case .none, .bool, .int, .double, .string, .bytes, .list, .map: true
    case .time, .duration, .traceID, .spanID: false
    }
  }

  /// The kind in words.
  var shown: String {
    switch self {
    case .none: "nil"
    case .bool: "a truth value"
    case .int: "a whole number"
    case .double: "a number with a point"
    case .string: "a text"
    case .bytes: "bytes"
    case .list: "a list"
    case .map: "a map"
    case .time: "a time"
    case .duration: "a duration"
    case .traceID: "a trace id"
    case .spanID: "a span id"
    }
  }
}

extension OTTLConstant {
  /// What kind of value it is.
  var kind: OTTLValue.Kind {
    switch self {
    case .none: .none
    case .bool: .bool
    case .int: .int
    case .double: .double
    case .string: .string
    case .bytes: .bytes
    case .list: .list
    case .map: .map
    case .time: .time
    case .duration: .duration
    case .traceID: .traceID
    case .spanID: .spanID
    }
  }
}
