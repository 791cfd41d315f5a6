/// Which constants a parameter takes.
extension OTTLWanted {
  /// Whether a constant is of the type that is wanted, or can be made one.
  func takes(_ constant: OTTLConstant) -> Bool {
    switch (self, constant) {
    case (.any, _): true
    case (.string, .string), (.int, .int), (.double, .double), (.bool, .bool), (.map, .map), (.list, .list): true
    case (.time, .time), (.duration, .duration): true
    case (.string, _), (.int, _), (.double, _), (.bool, _), (.map, _), (.list, _), (.time, _), (.duration, _): false
    case (_, .time), (_, .duration), (_, .traceID), (_, .spanID): false
    case (.stringLike, _): true
    case (.bytesLike, .list), (.bytesLike, .map): false
    case (.bytesLike, _): true
    case (.intLike, .list), (.intLike, .map), (.intLike, .bytes): false
    case (.doubleLike, .list), (.doubleLike, .map), (.doubleLike, .bytes): false
    case (.boolLike, .list), (.boolLike, .map), (.boolLike, .bytes): false
    case (.intLike, _), (.doubleLike, _), (.boolLike, _): true
    }
  }

  /// What a message calls it.
  var shown: String {
    switch self {
    case .any: "a value"
    case .string: "a text"
    case .int: "a whole number"
    case .double: "a number with a point"
    case .bool: "true or false"
    case .map: "a map"
    case .list: "a list"
    case .time: "a time"
    case .duration: "a duration"
    case .stringLike: "a text, or what has one"
    case .intLike, .doubleLike: "a number, or a text that is one"
    case .boolLike: "true or false, or a text that is one"
    case .bytesLike: "bytes, a text or a number"
    }
  }
}

extension OTTLConstant {
  /// What a message calls its type.
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
