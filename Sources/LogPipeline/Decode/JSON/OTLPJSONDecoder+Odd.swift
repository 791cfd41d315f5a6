/// What stands where it should not, in JSON that is well formed: it is read as the nearest that its field can mean, or
/// stepped over, and counted. One odd value of a record does not cost the others of its request.
extension OTLPJSONDecoder {
  /// Steps over the value of a member that OTLP does not name.
  mutating func skipUnknown(_ key: JSONKey) throws(DecodeError) {
    if key.hasUnderscore { oddities.snakeCaseMembers &+= 1 } else { oddities.unknownMembers &+= 1 }
    try json.skipValue()
  }

  /// Steps over a value that means nothing where it stands.
  mutating func skipOdd() throws(DecodeError) {
    oddities.mendedValues &+= 1
    try json.skipValue()
  }

  /// Enters a message; false for null, and for what is none and was stepped over.
  @inline(__always)
  mutating func openMessage() throws(DecodeError) -> Bool {
    if json.peek() == UInt8(ascii: "{") {
      json.position &+= 1
      return true
    }
    if try !json.readNull() { try skipOdd() }
    return false
  }

  /// A walk over the elements of a list.
  struct Elements {
    fileprivate var isFirst = true
    /// One message stands there without a list around it.
    fileprivate var isLone = false
    fileprivate var isAtEnd = false
  }

  /// Starts the elements of a list; a message without a list is one element, and anything else is none.
  @inline(__always)
  mutating func elements() throws(DecodeError) -> Elements {
    if json.peek() == UInt8(ascii: "[") {
      json.position &+= 1
      return Elements()
    }
    return try oddElements()
  }

  @inline(never)
  private mutating func oddElements() throws(DecodeError) -> Elements {
    if json.peek() == UInt8(ascii: "{") {
      oddities.mendedValues &+= 1
      return Elements(isLone: true)
    }
    if try !json.readNull() { try skipOdd() }
    return Elements(isAtEnd: true)
  }

  /// Whether there is another element, which then is next; else the end of the list has been stepped over.
  @inline(__always)
  mutating func next(_ elements: inout Elements) throws(DecodeError) -> Bool {
    if elements.isAtEnd { return false }
    if elements.isLone {
      elements.isAtEnd = true
      return true
    }
    return try json.nextElement(&elements.isFirst)
  }

  /// The text of a value that should be a string: the digits of a number, the JSON of a list or an object.
  mutating func textOfOddValue() throws(DecodeError) -> ByteSlice {
    let start = json.position
    try skipOdd()
    return try repaired(ByteSlice(start..<json.position))
  }

  /// An object whose members are the attributes, as senders write that take OTLP's JSON for plain JSON.
  mutating func attributesOfObject(into batch: inout LogBatch) throws(DecodeError) {
    oddities.mendedValues &+= 1
    json.position &+= 1
    var isFirst = true
    while try json.hasMember(&isFirst) {
      let key = try text()
      guard json.peek() == UInt8(ascii: ":") else { throw json.expected("expected ':'") }
      json.position &+= 1
      try takeRoomForValue()
      add(Attribute(key: key, value: try value(depth: 1, into: &batch)), to: &batch)
    }
  }
}

/// Values of another type than their member's, or without a member around them.
extension OTLPJSONDecoder {
  /// A plain JSON value where an `AnyValue` or one of its members should stand; an object that is neither is empty.
  mutating func bareValue(depth: Int, into batch: inout LogBatch) throws(DecodeError) -> Value {
    switch json.peek() {
    case UInt8(ascii: "{"):
      try skipOdd()
      return .empty
    case UInt8(ascii: "["): return .array(try members(keyed: false, depth: depth, into: &batch))
    case UInt8(ascii: "n"):
      _ = try json.readNull()
      return .empty
    case UInt8(ascii: "\""):
      oddities.mendedValues &+= 1
      return .string(try text())
    case UInt8(ascii: "t"), UInt8(ascii: "f"):
      oddities.mendedValues &+= 1
      return .bool(try json.readBool())
    default:
      let number = try number()
      oddities.mendedValues &+= 1
      return number.value
    }
  }

  /// `int_value`: a number or its text. A number that is no 64-bit integer becomes a double, other text stays text, and
  /// empty text is no value.
  @inline(__always)
  mutating func int(depth: Int, into batch: inout LogBatch) throws(DecodeError) -> Value {
    let byte = json.peek()
    if byte == UInt8(ascii: "\"") {
      let text = try text()
      return odd(text, withBytes(of: text) { Number(whole: $0)?.value })
    }
    guard byte == UInt8(ascii: "-") || byte &- UInt8(ascii: "0") < 10 else {
      return try bareValue(depth: depth, into: &batch)
    }
    let value = try number().value
    if value.kind != .int { oddities.mendedValues &+= 1 }
    return value
  }

  /// `double_value`: a number, its text, "NaN", "Infinity" or "-Infinity"; other names of these are read too.
  mutating func double(depth: Int, into batch: inout LogBatch) throws(DecodeError) -> Value {
    let byte = json.peek()
    if byte == UInt8(ascii: "\"") {
      let text = try text()
      if let double = withBytes(of: text, Self.double) { return .double(double) }
      return odd(text, withBytes(of: text, Self.oddDouble).map { .double($0) })
    }
    guard byte == UInt8(ascii: "-") || byte &- UInt8(ascii: "0") < 10 else {
      return try bareValue(depth: depth, into: &batch)
    }
    return .double(try number().double)
  }

  /// `bool_value`: true or false; their names in any case and the numbers 1 and 0 mean the same.
  mutating func bool(depth: Int, into batch: inout LogBatch) throws(DecodeError) -> Value {
    switch json.peek() {
    case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool(try json.readBool())
    case UInt8(ascii: "\""):
      let text = try text()
      return odd(text, withBytes(of: text, Self.oddBool).map { .bool($0) })
    default:
      let value = try bareValue(depth: depth, into: &batch)
      return value == .int(1) ? .bool(true) : value == .int(0) ? .bool(false) : value
    }
  }

  /// `bytes_value`: base64; other text stays text.
  mutating func bytes(depth: Int, into batch: inout LogBatch) throws(DecodeError) -> Value {
    guard json.peek() == UInt8(ascii: "\"") else { return try bareValue(depth: depth, into: &batch) }
    let text = try text()
    if let bytes = try base64(text) { return .bytes(bytes) }
    return odd(text, nil)
  }

  /// What text means that is not of its member's kind, if not `value`: itself, or nothing if it is empty. A whole
  /// number is not odd.
  private mutating func odd(_ text: ByteSlice, _ value: Value?) -> Value {
    if let value, value.kind == .int { return value }
    oddities.mendedValues &+= 1
    return value ?? (text.isEmpty ? .empty : .string(text))
  }

  private static func oddDouble(_ text: UnsafeRawBufferPointer) -> Double? {
    let isNegative = text.first == UInt8(ascii: "-")
    let name = text.dropFirst(isNegative || text.first == UInt8(ascii: "+") ? 1 : 0)
    if Self.isWord(name, "nan") { return .nan }
    guard isWord(name, "inf") || isWord(name, "infinity") else { return nil }
    return isNegative ? -.infinity : .infinity
  }

  private static func oddBool(_ text: UnsafeRawBufferPointer) -> Bool? {
    if isWord(text[...], "true") || isWord(text[...], "1") { return true }
    return isWord(text[...], "false") || isWord(text[...], "0") ? false : nil
  }

  /// Whether a text is a word of lower-case letters, in any case.
  private static func isWord(_ text: Slice<UnsafeRawBufferPointer>, _ word: StaticString) -> Bool {
    text.lazy.map { $0 &- UInt8(ascii: "A") < 26 ? $0 | 0x20 : $0 }.elementsEqual(word.rawBytes)
  }
}
