/// `ParseJSON`.
extension OTTLRun {
  /// The map or list that a text is in JSON; its strings are parts of the text, but for those with escapes. Numbers are
  /// floating-point numbers, and of members of the same key the last counts, as the Collector has it.
  mutating func parseJSON(_ text: OTTLText) throws(OTTLFault) -> OTTLValue {
    // What strings with escapes stand for is shorter than they are, so that the text stays where it is.
    try makeRoom(text.count)
    texts.makeRoom(text.count &+ 64)
    out.makeRoom(JSONKey.maxBytes)
    var json = JSONReader(bytes(text), maxDepth: limits.maxDepth, unescapedKey: out.end)
    do throws(DecodeError) {
      let value = try jsonValue(&json, text, depth: 1)
      guard value.kind == .map || value.kind == .list, json.peek() == 0, json.position == json.end else {
        throw json.expected("expected an object or an array, and nothing behind it")
      }
      return value
    } catch {
      switch error.reason {
      case .tooDeep: throw tooDeep()
      case .tooManyValues, .tooLarge: throw .noRoom
      default: throw .badText
      }
    }
  }

  private mutating func jsonValue(
    _ json: inout JSONReader, _ text: OTTLText, depth: Int
  ) throws(DecodeError) -> OTTLValue {
    switch json.peek() {
    case UInt8(ascii: "\""): return .string(try jsonText(&json, text))
    case UInt8(ascii: "{"): return try jsonMap(&json, text, depth)
    case UInt8(ascii: "["): return try jsonList(&json, text, depth)
    case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool(try json.readBool())
    case UInt8(ascii: "n"):
      try json.literal("null")
      return .none
    default: return .double(try jsonNumber(&json))
    }
  }

  private func jsonNumber(_ json: inout JSONReader) throws(DecodeError) -> Double {
    let start = json.position
    let number = try json.readNumber()
    let double = number.double(UnsafeRawBufferPointer(start: json.base + start, count: number.count))
    guard double.isFinite else { throw json.expected("expected a number that fits") }
    return double
  }

  /// A string: a part of the text, or a text of its own if it has escapes.
  @inline(__always)
  private mutating func jsonText(_ json: inout JSONReader, _ text: OTTLText) throws(DecodeError) -> OTTLText {
    if let plain = json.unescapedString() { return text.part(plain.range) }
    let start = texts.count
    _ = try json.appendString(to: &texts)
    return OTTLText(place: .scratch, slice: ByteSlice(from: start, to: texts.count))
  }

  private mutating func jsonMap(
    _ json: inout JSONReader, _ text: OTTLText, _ depth: Int
  ) throws(DecodeError) -> OTTLValue {
    try enter(&json, depth)
    let start = begin()
    var isFirst = true
    while try json.hasMember(&isFirst) {
      let key = try jsonText(&json, text)
      guard json.peek() == UInt8(ascii: ":") else { throw json.expected("expected ':'") }
      json.position &+= 1
      let value = try jsonValue(&json, text, depth: depth &+ 1)
      try add(key, value, &json)
    }
    return uniqueMap(from: start)
  }

  private mutating func jsonList(
    _ json: inout JSONReader, _ text: OTTLText, _ depth: Int
  ) throws(DecodeError) -> OTTLValue {
    try enter(&json, depth)
    let start = begin()
    var isFirst = true
    while try json.nextElement(&isFirst) {
      let value = try jsonValue(&json, text, depth: depth &+ 1)
      try add(.empty, value, &json)
    }
    return list(from: start)
  }

  private func enter(_ json: inout JSONReader, _ depth: Int) throws(DecodeError) {
    if depth > limits.maxDepth { throw DecodeError(.tooDeep(limit: limits.maxDepth), at: json.position) }
    json.position &+= 1
  }

  @inline(__always)
  private mutating func add(_ key: OTTLText, _ value: OTTLValue, _ json: inout JSONReader) throws(DecodeError) {
    do throws(OTTLFault) {
      try add(key, value)
    } catch {
      throw DecodeError(.tooLarge(limitBytes: limits.maxGrowthBytes), at: json.position)
    }
  }
}
