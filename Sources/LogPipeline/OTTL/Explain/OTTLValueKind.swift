extension OTTLValue.Kind {
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
