/// Values made of values of another kind, as functions ask for them; nil of nil.
extension OTTLRun {
  /// A string as it is, bytes and ids in hexadecimal digits, all else in JSON.
  @inline(never)
  mutating func textLike(_ value: OTTLValue) throws(OTTLFault) -> OTTLText? {
    switch value.kind {
    case .none: return nil
    case .string: return value.text
    case .bytes:
      try makeRoom(value.text.count &* 2)
      out.appendHex(bytes(value.text))
      return try finishText()
    case .traceID:
      out.appendHex(value.traceIDValue)
      return try finishText()
    case .spanID:
      out.appendHex(value.spanIDValue)
      return try finishText()
    case .bool, .int, .double, .list, .map, .time, .duration:
      try writeJSON(value)
      return try finishText()
    }
  }

  /// The text of any value of a batch: strings as they are, nothing for nil, bytes in base64, all else in JSON.
  @inline(__always)
  mutating func textOf(_ value: OTTLValue) throws(OTTLFault) -> OTTLText {
    if value.kind == .string { return value.text }
    if value.kind == .none { return .empty }
    return try otherText(value)
  }

  @inline(never)
  private mutating func otherText(_ value: OTTLValue) throws(OTTLFault) -> OTTLText {
    if value.kind == .bytes {
      try makeRoom(value.text.count &* 2)
      out.appendBase64(bytes(value.text))
    } else {
      try writeJSON(value)
    }
    return try finishText()
  }

  /// A whole number: of a number cut towards zero, a truth value, decimal digits; nil of other text.
  func intLike(_ value: OTTLValue) throws(OTTLFault) -> Int64? {
    switch value.kind {
    case .none: return nil
    case .int: return value.intValue
    case .bool: return value.boolValue ? 1 : 0
    case .double: return Self.int(value.doubleValue)
    case .string: return GoNumber.int(bytes(value.text))
    default: throw .wrongType
    }
  }

  /// A double cut towards zero; the lowest number, as Go on x86 has it, if it does not fit.
  static func int(_ value: Double) -> Int64 { Int64(exactly: value.rounded(.towardZero)) ?? .min }

  /// A floating-point number; a fault for text that is none.
  func doubleLike(_ value: OTTLValue) throws(OTTLFault) -> Double? {
    switch value.kind {
    case .none: return nil
    case .double: return value.doubleValue
    case .int: return Double(value.intValue)
    case .bool: return value.boolValue ? 1 : 0
    case .string:
      guard let number = GoNumber.double(bytes(value.text)) else { throw .badText }
      return number
    default: throw .wrongType
    }
  }

  /// A truth value: of a number whether it is not 0; a fault for text that is none.
  func boolLike(_ value: OTTLValue) throws(OTTLFault) -> Bool? {
    switch value.kind {
    case .none: return nil
    case .bool: return value.boolValue
    case .int: return value.intValue != 0
    case .double: return value.doubleValue != 0
    case .string:
      guard let truth = GoNumber.bool(bytes(value.text)) else { throw .badText }
      return truth
    default: throw .wrongType
    }
  }

  /// Bytes: of a string, of a number its own with the highest first.
  mutating func bytesLike(_ value: OTTLValue) throws(OTTLFault) -> OTTLText? {
    switch value.kind {
    case .none: return nil
    case .string, .bytes: return value.text
    case .bool: out.append(value.boolValue ? 1 : 0)
    case .int: withUnsafeBytes(of: value.intValue.bigEndian) { out.append($0) }
    case .double: withUnsafeBytes(of: value.doubleValue.bitPattern.bigEndian) { out.append($0) }
    default: throw .wrongType
    }
    return try finishText()
  }
}

/// Writing values as JSON.
extension OTTLRun {
  /// Writes a value to `out` in JSON: bytes in base64, nil as `null`, members in their order; times in RFC 3339,
  /// durations in nanoseconds, ids in hexadecimal digits.
  mutating func writeJSON(_ value: OTTLValue) throws(OTTLFault) {
    switch value.kind {
    case .none: out.append("null")
    case .bool: out.appendJSON(value.boolValue)
    case .int: out.appendDecimal(value.intValue)
    case .double: out.appendJSON(value.doubleValue)
    case .string:
      try makeRoom(value.text.count)
      out.appendJSON(string: bytes(value.text))
    case .bytes:
      try makeRoom(value.text.count)
      out.append(UInt8(ascii: "\""))
      out.appendBase64(bytes(value.text))
      out.append(UInt8(ascii: "\""))
    case .list, .map: try writeJSON(membersOf: value)
    case .duration: out.appendDecimal(value.nanoseconds)
    case .time, .traceID, .spanID: writeQuoted(value)
    }
  }

  /// A time or an id, of which the text needs no escapes.
  private mutating func writeQuoted(_ value: OTTLValue) {
    out.append(UInt8(ascii: "\""))
    switch value.kind {
    case .time: writeTime(value)
    case .traceID: out.appendHex(value.traceIDValue)
    default: out.appendHex(value.spanIDValue)
    }
    out.append(UInt8(ascii: "\""))
  }

  /// Nesting is bounded: of a batch by its decoder, of what a statement computes by `add`.
  private mutating func writeJSON(membersOf value: OTTLValue) throws(OTTLFault) {
    let isMap = value.kind == .map
    out.append(UInt8(ascii: isMap ? "{" : "["))
    for index in 0..<value.memberCount {
      try makeRoom(1)
      if index > 0 { out.append(UInt8(ascii: ",")) }
      if isMap {
        out.appendJSON(string: bytes(key(index, of: value)))
        out.append(UInt8(ascii: ":"))
      }
      try writeJSON(member(index, of: value))
    }
    out.append(UInt8(ascii: isMap ? "}" : "]"))
  }
}
