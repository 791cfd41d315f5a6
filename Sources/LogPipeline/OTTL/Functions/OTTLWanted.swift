/// What a function wants of a value; a constant of another type is refused at load.
enum OTTLWanted: Sendable {
  case any
  /// Exactly this kind.
  case string, int, double, bool, map, list, time, duration
  /// What can be made one of these: numbers from texts, texts from numbers.
  case stringLike, intLike, doubleLike, boolLike, bytesLike
}

extension OTTLWanted {
  /// Whether a value of a kind is what is wanted, or may be made it.
  func takes(_ kind: OTTLValue.Kind) -> Bool {
    switch self {
    case .any, .stringLike: true
    case .string: kind == .string
    case .int: kind == .int
    case .double: kind == .double
    case .bool: kind == .bool
    case .map: kind == .map
    case .list: kind == .list
    case .time: kind == .time
    case .duration: kind == .duration
    case .bytesLike: kind.isOfRecords && kind != .list && kind != .map
    case .intLike, .doubleLike, .boolLike: kind.isOfRecords && kind != .list && kind != .map && kind != .bytes
    }
  }

  /// What a message calls it.
  var shown: String {
    switch self {
    case .any: "a value"
    case .string: OTTLValue.Kind.string.shown
    case .int: OTTLValue.Kind.int.shown
    case .double: OTTLValue.Kind.double.shown
    case .bool: "true or false"
    case .map: OTTLValue.Kind.map.shown
    case .list: OTTLValue.Kind.list.shown
    case .time: OTTLValue.Kind.time.shown
    case .duration: OTTLValue.Kind.duration.shown
    case .stringLike: "a text, or what has one"
    case .intLike, .doubleLike: "a number, or a text that is one"
    case .boolLike: "true or false, or a text that is one"
    case .bytesLike: "bytes, a text or a number"
    }
  }
}
